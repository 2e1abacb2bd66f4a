"""The planar classifier in PyTorch: the same model, with the gradients left to autograd."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt


def model(
    *, n_x: int = 2, n_h: int = 4, parameters: Mapping[str, npt.ArrayLike] | None = None
) -> Any:
    """Return the network n_x -> n_h (tanh) -> 1, whose output is a logit.

    `parameters` (W1, b1, W2, b2) fix where it starts, in double precision; otherwise it starts
    where PyTorch's own initialisation puts it.

    Shapes:   (m, n_x) -> (m, 1)
    Units:    logit
    Error:    that of the tensors' precision
    Source:   Paszke et al. 2019 (PyTorch)
    Checked:  planar_mlp.forward_propagation with the same parameters
    """
    import torch

    if parameters is None:
        return torch.nn.Sequential(
            torch.nn.Linear(n_x, n_h), torch.nn.Tanh(), torch.nn.Linear(n_h, 1)
        )
    given = {name: torch.tensor(np.asarray(value)) for name, value in parameters.items()}
    n_h, n_x = given["W1"].shape
    net = model(n_x=n_x, n_h=n_h).double()
    with torch.no_grad():
        net[0].weight.copy_(given["W1"])
        net[0].bias.copy_(given["b1"][:, 0])
        net[2].weight.copy_(given["W2"])
        net[2].bias.copy_(given["b2"][:, 0])
    return net


def train(
    net: Any,
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    *,
    num_iterations: int = 2000,
    learning_rate: float = 1.2,
    reduction: str = "mean",
    reset_gradients: bool = True,
    sigmoid_before_loss: bool = False,
) -> list[float]:
    """Train `net` in place by full-batch gradient descent, and return the loss before each step.

    The last three arguments are for the slips: a summed loss, gradients that pile up, and a
    sigmoid in front of a loss that applies one itself.

    Shapes:   X (n_x, m), Y (1, m) -> num_iterations losses
    Units:    nats per sample
    Error:    that of the tensors' precision, growing along the way
    Source:   Paszke et al. 2019; Goodfellow, Bengio and Courville 2016, section 4.3
    Checked:  planar_mlp.costs from the same start
    """
    import torch

    points, labels = _tensors(net, X, Y)
    optimizer = torch.optim.SGD(net.parameters(), lr=learning_rate)
    criterion = torch.nn.BCEWithLogitsLoss(reduction=reduction)
    losses = []
    for _ in range(num_iterations):
        if reset_gradients:
            optimizer.zero_grad()
        scores = net(points)
        loss = criterion(torch.sigmoid(scores) if sigmoid_before_loss else scores, labels)
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    return losses


def predict(net: Any, X: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return 1 where the logit is positive, else 0.

    Shapes:   X (n_x, m) -> (1, m)
    Units:    labels 0 and 1
    Error:    exact, but where the logit is within rounding of 0
    Source:   σ(z) > 1/2 just where z > 0
    Checked:  planar_mlp.predict with the same parameters
    """
    import torch

    points, _ = _tensors(net, X, np.zeros((1, np.shape(X)[1])))
    with torch.no_grad():
        return np.asarray((net(points) > 0).numpy().T, dtype=np.int64)


def accuracy(net: Any, X: npt.ArrayLike, Y: npt.ArrayLike) -> float:
    """Return the share of points whose prediction is their label, in percent.

    Shapes:   X (n_x, m), Y (1, m) -> scalar
    Units:    percent
    Error:    exact count
    Source:   the notebook
    Checked:  planar_mlp.accuracy with the same parameters
    """
    return 100 * int((predict(net, X) == np.asarray(Y)).sum()) / np.size(Y)


def train_and_score(
    *,
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    n_h: int = 4,
    num_iterations: int = 2000,
    learning_rate: float = 1.2,
    seed: int = 0,
) -> float:
    """Return the training accuracy of a network that starts from `seed`.

    PyTorch's global generator is left as it was found.

    Shapes:   X (n_x, m), Y (1, m) -> scalar
    Units:    percent
    Error:    88.5 to 90.25 over 12 seeds, n_h 4 and 5 (measured on the planar data)
    Source:   the notebook
    Checked:  planar_mlp.nn_model reaches the same range
    """
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = model(n_x=np.shape(X)[0], n_h=n_h)
    train(net, X, Y, num_iterations=num_iterations, learning_rate=learning_rate)
    return accuracy(net, X, Y)


def _tensors(net: Any, X: npt.ArrayLike, Y: npt.ArrayLike) -> tuple[Any, Any]:
    import torch

    kind = next(net.parameters()).dtype
    # PyTorch wants one row per sample
    return (
        torch.tensor(np.asarray(X, dtype=np.float64).T, dtype=kind),
        torch.tensor(np.asarray(Y, dtype=np.float64).T, dtype=kind),
    )
