"""PyTorch behind the wall: imported once, trained in each child, the same every time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from grader.sandbox import outcomes, run

pytest.importorskip("torch")

TRAINING = """
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

def train(steps, workers=0):
    X = torch.randn(64, 2)
    y = (X[:, :1] * X[:, 1:] > 0).float()
    loader = DataLoader(TensorDataset(X, y), batch_size=16, shuffle=True, num_workers=workers)
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    optimiser = torch.optim.SGD(model.parameters(), lr=0.5)
    losses = []
    for _ in range(steps):
        for inputs, targets in loader:
            optimiser.zero_grad()
            loss = nn.functional.binary_cross_entropy_with_logits(model(inputs), targets)
            loss.backward()
            optimiser.step()
        losses.append(loss.item())
    return losses, model[0].weight

def too_much():
    return torch.ones(60000, 60000)
"""

PROBE = """
import torch
calls = {"backward": 0, "zero_grad": 0}

def counted(name, original):
    def wrapper(*arguments, **named):
        calls[name] += 1
        return original(*arguments, **named)
    return wrapper

torch.Tensor.backward = counted("backward", torch.Tensor.backward)
torch.optim.Optimizer.zero_grad = counted("zero_grad", torch.optim.Optimizer.zero_grad)

def count(program, steps):
    calls.update(backward=0, zero_grad=0)
    losses, _ = program.find("train")(steps)
    return {**calls, "losses": losses}
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[run.Sandbox]:
    """Return a sandbox whose server holds torch."""
    with run.Sandbox(preload=("numpy", "torch", "torch._dynamo")) as sandbox:
        yield sandbox


def value(outcome: outcomes.Outcome) -> Any:
    assert isinstance(outcome, outcomes.Returned), outcome
    return outcome.value


def test_the_server_holds_torch_and_has_one_thread(sandbox: run.Sandbox):
    """Or its children would hang at their first parallel loop."""
    assert sandbox._hello["missing"] == []
    assert sandbox._hello["threads"] == 1


def test_training_is_the_same_every_time(sandbox: run.Sandbox):
    """Two children, one seed: equal to the last bit; weights arrive as plain numbers."""
    found = []
    for _ in range(2):
        with sandbox.session([("a.py", TRAINING.encode())]) as session:
            found.append(value(session.call("train", [3], seed=4)))
    (losses, weights), (others, other_weights) = found
    assert losses == others
    assert len(losses) == 3
    assert weights.dtype == np.float32
    assert np.array_equal(weights, other_weights)


def test_a_tensor_that_is_given_is_a_tensor(sandbox: run.Sandbox):
    """What a question gives as tensors, code may ask for their gradients; arrays stay arrays."""
    torch = pytest.importorskip("torch")
    source = """
def slope(x, held, more):
    x = x.detach().clone().requires_grad_()
    (x * held["w"]).sum().backward()
    return x.grad, type(more).__name__
"""
    given = [torch.ones(2, 3).double(), {"w": torch.arange(3)}, np.ones(2)]
    with sandbox.session([("a.py", source.encode())]) as session:
        grad, kind = value(session.call("slope", given))
    assert kind == "ndarray"
    assert np.array_equal(grad, [[0.0, 1.0, 2.0]] * 2)


def test_workers_become_none_and_that_is_told(sandbox: run.Sandbox):
    """A loader with workers would need processes; it reads by itself instead."""
    source = TRAINING + "\ntrain(1, workers=2)\n"
    with sandbox.session([("a.py", source.encode())]) as session:
        assert len(value(session.call("train", [1, 2]))[0]) == 1
        assert isinstance(session.loaded, run.Loaded)
        assert [line for _, line in session.loaded.left_out] == ["DataLoader(num_workers=2)"]


def test_too_large_a_tensor_is_out_of_memory(sandbox: run.Sandbox):
    """PyTorch raises another error than NumPy, of the same meaning."""
    with sandbox.session([("a.py", TRAINING.encode())]) as session:
        assert session.call("too_much") == outcomes.OutOfMemory()


def test_a_probe_counts_what_training_does(sandbox: run.Sandbox):
    """Autograd is used, and gradients are reset once a step."""
    with sandbox.session([("a.py", TRAINING.encode())], probe=PROBE) as session:
        got = value(session.probe("count", [3]))
    assert (got["backward"], got["zero_grad"], len(got["losses"])) == (12, 12, 3)


def test_more_threads_may_be_asked_for(sandbox: run.Sandbox):
    """A call that asks for 64 threads works with what it gets."""
    source = (
        b"import torch\ndef f():\n    torch.set_num_threads(64)\n    a = torch.ones(300, 300)\n"
        b"    return float((a @ a).sum())"
    )
    with sandbox.session([("a.py", source)]) as session:
        assert session.call("f") == outcomes.Returned(300.0**3)


ON_A_CARD = """
import torch

device = torch.device("cuda")
x = torch.ones(2, 3, device=device).cuda().to("cuda:0").to(device, torch.float64)
net = torch.nn.Linear(3, 1).to("cuda").cuda().double()
out = net(x + torch.tensor([1.0], device="cuda", dtype=torch.float64))


def f():
    return str(out.device), tuple(out.shape), x.to("cpu")
"""


def test_a_network_is_not_compiled(sandbox: run.Sandbox):
    """A compiler would be a process; the network does the same without it."""
    source = (
        b"import torch\nnet = torch.compile(torch.nn.Linear(2, 1), mode='default')\n"
        b"@torch.compile\ndef g(x):\n    return net(x)\n"
        b"@torch.compile(dynamic=True)\ndef h(x):\n    return g(x)\n"
        b"def f():\n    return list(h(torch.ones(3, 2)).shape)"
    )
    with sandbox.session([("a.py", source)]) as session:
        assert session.call("f") == outcomes.Returned([3, 1])


def test_progress_may_be_written_for_a_board(sandbox: run.Sandbox):
    """Who draws curves elsewhere trains all the same."""
    source = (
        b"from torch.utils.tensorboard import SummaryWriter\nwriter = SummaryWriter()\n"
        b"def f():\n    writer.add_scalar('loss', 0.5, 1)\n    writer.close()\n    return 1"
    )
    with sandbox.session([("a.py", source)]) as session:
        assert session.call("f") == outcomes.Returned(1), session.loaded


def test_a_training_for_a_graphics_card_runs_on_the_processor(sandbox: run.Sandbox):
    """The student had a card; that the grader has none is not their fault."""
    with sandbox.session([("a.py", ON_A_CARD.encode())]) as session:
        device, shape, ones = value(session.call("f"))
    assert (device, shape) == ("cpu", (2, 1))
    assert ones.tolist() == [[1, 1, 1], [1, 1, 1]]


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    return torch.tensor([1.0, 2.0]).sum()",
        "def f(x):\n    return F.relu(torch.tensor([3.0, -1.0])).sum()",
        "class Net(nn.Module):\n    def forward(self, x):\n        return x + 3\n\n"
        "def f(x):\n    return Net()(torch.zeros(1))[0]",
        "@torch.no_grad()\ndef f(x):\n    return nn.Identity()(torch.tensor(3.0))",
        "loss = nn.MSELoss()\ndef f(x):\n    return 3 + loss(torch.ones(2), torch.ones(2))",
    ],
)
def test_a_pasted_function_finds_torch_without_its_import(sandbox: run.Sandbox, source: str):
    """The template imported it; what the student wrote is right all the same."""
    with sandbox.session([("work.py", source.encode())]) as open_:
        assert float(value(open_.call("f", [0]))) == 3
