"""PyTorch cells as students write them: right in many ways, and wrong in those of the key."""

from __future__ import annotations

from tests.submissions.planar.notebook import PYTORCH


def changed(*changes: tuple[str, str]) -> str:
    """Return the plain training with each text replaced by another; each must be there."""
    source = PYTORCH
    for old, new in changes:
        assert old in source, f"no {old!r}"
        source = source.replace(old, new)
    return source


_LOOP = """
for epoch in range(2000):
    optimizer.zero_grad()
    loss = criterion(net(inputs), targets)
    loss.backward()
    optimizer.step()
"""

_BY_NAMES = """
import torch

torch.manual_seed(1)
Xt, Yt = torch.from_numpy(X).float(), torch.from_numpy(Y.astype("float32"))
{start}
for i in range(2000):
    A1 = torch.tanh(W1 @ Xt + b1)
    A2 = torch.sigmoid(W2 @ A1 + b2)
    loss = -(Yt * torch.log(A2) + (1 - Yt) * torch.log(1 - A2)).mean()
{step}
"""
_LEAVES = """
W1 = (torch.randn(4, 2) * 0.01).requires_grad_()
b1 = torch.zeros(4, 1, requires_grad=True)
W2 = (torch.randn(1, 4) * 0.01).requires_grad_()
b2 = torch.zeros(1, 1, requires_grad=True)
"""
_IN_PLACE = """
    loss.backward()
    with torch.no_grad():
        for p in (W1, b1, W2, b2):
            p -= 1.2 * p.grad
            p.grad.zero_()
"""
_ANEW = """
    grads = torch.autograd.grad(loss, [W1, b1, W2, b2])
    with torch.no_grad():
        W1, b1, W2, b2 = [p - 1.2 * g for p, g in zip([W1, b1, W2, b2], grads)]
    for p in (W1, b1, W2, b2):
        p.requires_grad_()
"""
_BY_HAND = """
    dZ2 = A2 - Yt
    dZ1 = (W2.T @ dZ2) * (1 - A1**2)
    W2 = W2 - 1.2 * dZ2 @ A1.T / 400
    b2 = b2 - 1.2 * dZ2.mean(dim=1, keepdim=True)
    W1 = W1 - 1.2 * dZ1 @ Xt.T / 400
    b1 = b1 - 1.2 * dZ1.mean(dim=1, keepdim=True)
"""
_PLAIN = """
W1, b1 = torch.randn(4, 2) * 0.01, torch.zeros(4, 1)
W2, b2 = torch.randn(1, 4) * 0.01, torch.zeros(1, 1)
"""

_CLASS = '''
import torch
from torch import nn
import torch.nn.functional as F


class PlanarNet(nn.Module):
    """Five hidden units, and a logit."""

    def __init__(self, n_x=2, n_h=5, n_y=1):
        super().__init__()
        self.hidden = nn.Linear(n_x, n_h)
        self.output = nn.Linear(n_h, n_y)

    def forward(self, x):
        return self.output(torch.tanh(self.hidden(x)))


def train(X, Y, steps=1500):
    torch.manual_seed(4)
    X, Y = torch.Tensor(X.T), torch.Tensor(Y.T.astype(float))
    model = PlanarNet()
    opt = torch.optim.Adam(model.parameters(), lr=0.02)
    for step in range(steps):
        loss = F.binary_cross_entropy_with_logits(model(X), Y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    return model


model = train(X, Y)
'''

_BATCHES = """
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
loader = DataLoader(TensorDataset(inputs, targets), batch_size=50, shuffle=True, num_workers=2)
optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
for epoch in range(150):
    for points, colours in loader:
        optimizer.zero_grad()
        loss = criterion(net(points), colours)
        loss.backward()
        optimizer.step()
"""

_LATER = """
for n_h in [1, 3, 20, 50]:
    other = nn.Sequential(nn.Linear(2, n_h), nn.Tanh(), nn.Linear(n_h, 1), nn.Sigmoid())
    optimizer = torch.optim.SGD(other.parameters(), lr=1.2)
    for epoch in range(20):
        optimizer.zero_grad()
        criterion(other(inputs), targets).backward()
        optimizer.step()
"""
_MAIN = "def main():\n" + "\n".join(f"    {line}" for line in PYTORCH.splitlines())

_ROWS = """
import torch

torch.manual_seed(1)
Xt, Yt = torch.Tensor(X.T), torch.Tensor(Y.T.astype("float32"))
w1, c1 = torch.nn.Parameter(torch.randn(2, 5) * 0.1), torch.nn.Parameter(torch.zeros(1, 5))
w2, c2 = torch.nn.Parameter(torch.randn(5, 1) * 0.1), torch.nn.Parameter(torch.zeros(1))
optimizer = torch.optim.SGD([w1, c1, w2, c2], lr=0.003)
for i in range(3000):
    A2 = torch.sigmoid(torch.tanh(Xt @ w1 + c1) @ w2 + c2)
    loss = -(Yt * torch.log(A2) + (1 - Yt) * torch.log(1 - A2)).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""

RIGHT = {
    "points by rows, a bias that lies": _ROWS,
    "other sizes tried afterwards": PYTORCH + _LATER,
    "a second attempt": PYTORCH.replace("nn.BCELoss", "nn.MSELoss") + PYTORCH,
    "in a main block": _MAIN + "\n\n\nif __name__ == '__main__':\n    main()\n",
    "on a card": changed(
        ("nn.Sigmoid())", "nn.Sigmoid()).cuda()"),
        ("dtype=torch.float32)", 'dtype=torch.float32, device="cuda")'),
    ),
    "sequential": PYTORCH,
    "class, logits and Adam in a function": _CLASS,
    "logits": changed((", nn.Sigmoid())", ")"), ("nn.BCELoss", "nn.BCEWithLogitsLoss")),
    "five units": changed(("(2, 4)", "(2, 5)"), ("(4, 1)", "(5, 1)")),
    "written out, in place": _BY_NAMES.format(start=_LEAVES, step=_IN_PLACE),
    "written out, autograd.grad": _BY_NAMES.format(start=_LEAVES, step=_ANEW),
    "sum with a small rate": changed(("BCELoss()", 'BCELoss(reduction="sum")'), ("1.2", "0.003")),
    "set to none after the step": changed(
        ("    optimizer.zero_grad()\n", ""),
        ("optimizer.step()", "optimizer.step()\n    net.zero_grad(set_to_none=True)"),
    ),
    "mini-batches": changed((_LOOP, _BATCHES)),
    "standardised": changed(
        ("targets =", "inputs = (inputs - inputs.mean(0)) / inputs.std(0)\ntargets =")
    ),
    "double precision": changed(
        ("float32", "float64"), ("nn.Sigmoid())", "nn.Sigmoid()).double()")
    ),
    "twenty thousand steps": changed(("2000", "20000")),
}

WRONG = {
    "gradients-by-hand": (_BY_NAMES.format(start=_PLAIN, step=_BY_HAND), 7),
    "gradients-pile-up": (changed(("    optimizer.zero_grad()\n", "")), 13),
    "sigmoid-twice": (changed(("nn.BCELoss", "nn.BCEWithLogitsLoss")), 12),
    "softmax-on-one-output": (changed(("nn.Sigmoid()", "nn.Softmax(dim=1)")), 9),
    "squared-error": (changed(("nn.BCELoss", "nn.MSELoss")), 12),
    "summed-loss": (changed(("BCELoss()", 'BCELoss(reduction="sum")')), 9),
    "sigmoid-hidden": (changed(("nn.Tanh", "nn.Sigmoid")), 14),
    "relu-hidden": (changed(("nn.Tanh", "nn.ReLU")), 11),
    "hidden-activation-forgotten": (changed(("nn.Tanh(), ", "")), 11),
    "other-hidden-size": (changed(("(2, 4)", "(2, 50)"), ("(4, 1)", "(50, 1)")), 13),
    "bias-forgotten": (changed(("Linear(4, 1)", "Linear(4, 1, bias=False)")), 13),
    "two-class-head": (
        changed(
            ("Linear(4, 1), nn.Sigmoid()", "Linear(4, 2)"),
            ("nn.BCELoss", "nn.CrossEntropyLoss"),
            ("torch.tensor(Y.T, dtype=torch.float32)", "torch.tensor(Y[0], dtype=torch.long)"),
        ),
        13,
    ),
    "not-transposed": (
        changed(
            ("torch.tensor(X.T", "torch.tensor(X"),
            ("torch.tensor(Y.T", "torch.tensor(Y"),
            ("Linear(2, 4)", "Linear(400, 4)"),
            ("Linear(4, 1)", "Linear(4, 400)"),
            ("net(inputs), targets", "net(inputs)[:1], targets"),
        ),
        2,
    ),
    "not-trained": (changed(("    loss.backward()\n", ""), ("    optimizer.step()\n", "")), 2),
    "first-term-only": (
        _BY_NAMES.format(start=_LEAVES, step=_IN_PLACE).replace(
            " + (1 - Yt) * torch.log(1 - A2)", ""
        ),
        9,
    ),
}
