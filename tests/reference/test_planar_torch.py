"""The planar classifier in PyTorch, against the one written out in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from reference import planar_mlp, planar_torch


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Tensors of 400 rows are not worth a second thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def flower():
    return planar_mlp.load_planar_dataset()


def started(scale=0.01):
    parameters = planar_mlp.initialize_parameters(2, 4, 1, scale=scale)
    parameters["b1"] += 0.1 * np.arange(4)[:, None]
    parameters["b2"] += 0.2
    return parameters


def weights(net):
    W1, b1, W2, b2 = (tensor.detach().numpy().copy() for tensor in net.parameters())
    return {"W1": W1, "b1": b1[:, None], "W2": W2, "b2": b2[:, None]}


def grads(parameters, X, Y):
    _, cache = planar_mlp.forward_propagation(X, parameters)
    return planar_mlp.backward_propagation(parameters, cache, X, Y)


def assert_close(got, want):
    for name in want:
        assert got[name] == pytest.approx(want[name], abs=1e-13), name


def test_the_model_is_the_one_written_out(flower):
    """From the same parameters, both put out the same numbers and the same labels."""
    X, Y = flower
    parameters = started(scale=1)
    net = planar_torch.model(parameters=parameters)
    scores = net(torch.tensor(X.T)).detach().numpy().T
    _, cache = planar_mlp.forward_propagation(X, parameters)
    assert scores == pytest.approx(cache["Z2"], abs=1e-13)
    assert (planar_torch.predict(net, X) == planar_mlp.predict(parameters, X)).all()
    assert planar_torch.accuracy(net, X, Y) == planar_mlp.accuracy(parameters, X, Y)


def test_autograd_walks_the_same_way(flower):
    """The losses of 100 steps are the costs that backpropagation by hand gives."""
    X, Y = flower
    net = planar_torch.model(parameters=planar_mlp.initialize_parameters(2, 4, 1))
    losses = planar_torch.train(net, X, Y, num_iterations=100)
    assert losses == pytest.approx(planar_mlp.costs(X, Y, num_iterations=100, every=1), rel=1e-10)


@pytest.mark.parametrize("n_h", [4, 5])
def test_the_accuracy_is_in_its_range(flower, n_h):
    """Two thousand steps reach 88.5 to 90.25 percent (12 seeds), never less than 85."""
    X, Y = flower
    got = planar_torch.train_and_score(X=X, Y=Y, n_h=n_h, seed=1)
    assert got == pytest.approx(89.5, abs=2)


def test_the_same_seed_gives_the_same_network(flower):
    """The start follows from the seed, and the global generator is left alone."""
    X, Y = flower
    torch.manual_seed(5)
    first = planar_torch.train_and_score(X=X, Y=Y, num_iterations=20, seed=1)
    assert planar_torch.train_and_score(X=X, Y=Y, num_iterations=20, seed=1) == first
    after = torch.rand(1)
    torch.manual_seed(5)
    assert torch.rand(1) == after


def test_a_summed_loss_wants_a_smaller_rate(flower):
    """The sum at rate 0.003 is the mean at 1.2, since there are 400 points."""
    X, Y = flower
    mean, total = (planar_torch.model(parameters=started()) for _ in range(2))
    losses = planar_torch.train(mean, X, Y, num_iterations=50)
    sums = planar_torch.train(total, X, Y, num_iterations=50, learning_rate=0.003, reduction="sum")
    assert sums == pytest.approx([400 * loss for loss in losses], rel=1e-9)
    assert_close(weights(total), weights(mean))


def test_gradients_that_are_not_reset_pile_up(flower):
    """The second step then takes the first gradient once more."""
    X, Y = flower
    start = started(scale=1)
    net = planar_torch.model(parameters=start)
    planar_torch.train(net, X, Y, num_iterations=2, learning_rate=0.1, reset_gradients=False)
    first = grads(start, X, Y)
    middle = planar_mlp.update_parameters(start, first, 0.1)
    second = grads(middle, X, Y)
    both = {name: first[name] + second[name] for name in first}
    assert_close(weights(net), planar_mlp.update_parameters(middle, both, 0.1))


def test_a_sigmoid_too_many_keeps_the_loss_high(flower):
    """σ(σ(z)) lies between 0.5 and 0.73, so the loss cannot fall below ½(ln 2 + 0.3133)."""
    X, Y = flower
    start = started()
    net = planar_torch.model(parameters=start)
    (loss,) = planar_torch.train(net, X, Y, num_iterations=1, sigmoid_before_loss=True)
    A2, _ = planar_mlp.forward_propagation(X, start)
    twice = 1 / (1 + np.exp(-A2))
    assert loss == pytest.approx(planar_mlp.compute_cost(twice, Y), rel=1e-12)
    losses = planar_torch.train(net, X, Y, num_iterations=300, sigmoid_before_loss=True)
    assert min(losses) > (np.log(2) + np.log1p(np.exp(-1))) / 2
