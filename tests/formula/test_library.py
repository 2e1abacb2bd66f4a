"""What students paste from NumPy and torch has the value that NumPy and torch give it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from grader import formula
from grader.formula import Answers

NOTATION = formula.notation(
    {
        "X": ["N", "d"],
        "Y": {"shape": ["N", "d"], "values": "positive"},
        "W": ["d", "d"],
        "w": ["d", 1],
        "v": ["d", 1],
        "s": [],
    },
    options={"samples": "N"},
)

NUMPY = (
    "np.sum(X, axis=0)",
    "np.mean(X, axis=1, keepdims=True)",
    "X.max(axis=1)",
    "np.var(X, axis=0)",
    "np.std(X, axis=0, ddof=1)",
    "np.prod(X, axis=1)",
    "np.maximum(X, 0)",
    "np.minimum(X, Y)",
    "np.linalg.multi_dot([X, W, v])",
    "np.linalg.multi_dot([v.T, W, w])",
    "np.linalg.slogdet(W)[1]",
    "np.linalg.det(W)",
    "np.linalg.inv(W)",
    "np.linalg.solve(W, w)",
    "np.linalg.lstsq(X, Y, rcond=None)[0]",
    "np.linalg.pinv(X) @ Y",
    "np.linalg.norm(w)",
    "np.linalg.norm(X, axis=1)",
    "np.linalg.norm(X, ord=1, axis=0)",
    "X / np.linalg.norm(X, axis=1, keepdims=True)",
    "np.linalg.norm(W, 'fro')",
    "np.trace(W)",
    "np.diag(W)",
    "np.diag(w.ravel())",
    "np.outer(w, v)",
    "np.vdot(w, v)",
    "np.multiply(X, Y)",
    "np.divide(X, Y)",
    "np.add(X, Y)",
    "np.subtract(X, Y)",
    "np.power(X, 3)",
    "np.where(X > 0, X, 0.01 * X)",
    "np.clip(X, -0.5, 0.5)",
    "np.heaviside(X, 0.5)",
    "np.hypot(X, Y)",
    "np.arctan2(X, Y)",
    "np.logaddexp(X, Y)",
    "np.cov(X, rowvar=False)",
    "np.cov(X.T)",
    "np.cov(X.T, bias=True)",
    "np.cov(X, rowvar=False, ddof=0)",
    "np.einsum('nd,nd->', X, Y)",
    "np.einsum('nd,de->ne', X, W)",
    "np.einsum('nd,ne->de', X, Y)",
    "np.einsum('nd,de,ne->n', X, W, Y)",
    "np.einsum('ij,ij->i', X, Y)",
    "np.ones((1, X.shape[0])) @ X",
    "np.eye(W.shape[0]) + W",
    "np.zeros_like(X) + Y",
    "np.array([[s, 1], [0, s]])",
    "np.array([[s, 1], [0, s]]) @ np.array([[2], [3]])",
    "X.sum() / len(X)",
    "w.reshape(1, -1) @ W",
    "np.squeeze(w) @ np.squeeze(v)",
    "np.exp(X) / np.exp(X).sum(axis=1, keepdims=True)",
    "np.tanh(X) ** 2 + np.sign(Y) * np.abs(X) - np.sqrt(Y) + np.log1p(Y) * np.expm1(X)",
    "np.linalg.matrix_power(W, 3)",
    "np.matmul(X, W.T)",
    "np.dot(X.T, Y)",
    "np.inner(X, Y)",
    "np.average(X, axis=0)",
    "np.square(X).sum()",
    "np.round(s)",
    "np.mod(s, 2)",
    "s // 2",
)

TORCH = (
    "torch.nn.functional.linear(X, W)",
    "F.linear(X, W, v.T)",
    "torch.addmm(Y, X, W)",
    "torch.mm(X.t(), Y)",
    "torch.logsumexp(X, dim=1)",
    "F.softmax(X, dim=1)",
    "F.log_softmax(X, dim=1)",
    "torch.softmax(X, dim=0)",
    "torch.lerp(X, Y, 0.25)",
    "torch.linalg.norm(X)",
    "torch.norm(X, p=2, dim=1)",
    "torch.logsumexp(X, dim=0, keepdim=True)",
    "F.cosine_similarity(X, Y, dim=1)",
    "torch.logdet(W @ W.T)",
    "torch.clamp(X, min=0)",
    "X.pow(2).sum(dim=1)",
    "X.unsqueeze(0).sum(dim=0)",
    "torch.einsum('nd,md->nm', X, Y)",
    "torch.where(X > 0, X, torch.zeros_like(X))",
    "F.mse_loss(X, Y)",
    "F.mse_loss(X, Y, reduction='sum')",
    "F.binary_cross_entropy_with_logits(X, torch.sigmoid(Y))",
    "F.binary_cross_entropy(torch.sigmoid(X), torch.sigmoid(Y), reduction='sum')",
    "F.relu(X) + F.leaky_relu(Y) + F.softplus(X) + F.silu(Y)",
    "torch.sigmoid(X) * (1 - torch.sigmoid(X))",
    "X.mean(0)",
    "X.size(0) * s",
    "X.numel() * s",
)


def in_numpy(text: str, arrays: Mapping[str, Any]) -> Any:
    return eval(text, {"np": np}, dict(arrays))


def in_torch(text: str, arrays: Mapping[str, Any]) -> Any:
    torch = pytest.importorskip("torch")
    names = {"torch": torch, "F": torch.nn.functional}
    found = eval(text, names, {name: torch.as_tensor(array) for name, array in arrays.items()})
    return np.asarray(found)


@pytest.mark.parametrize(
    ("text", "run"),
    [*((text, in_numpy) for text in NUMPY), *((text, in_torch) for text in TORCH)],
)
def test_a_call_has_the_value_that_the_library_gives_it(text: str, run: Any):
    """And one part in a hundred more is another value."""
    same = formula.want(NOTATION, Answers("q", sources=(lambda arrays: run(text, arrays),)))
    assert formula.judge(text, same).correct
    other = formula.want(NOTATION, Answers("q", sources=(lambda arrays: run(text, arrays) * 1.01,)))
    assert not formula.judge(text, other).correct
