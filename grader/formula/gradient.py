"""The gradient of a loss by torch's autograd, at the samples; kept on disk by content."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from grader.errors import ReferenceFault, Unreadable
from grader.formula.answers import read
from grader.formula.evaluate import Array, Batch, evaluate
from grader.formula.notation import Notation, canonical_name
from grader.formula.resolve import resolve
from grader.formula.shapes import ShapeTrouble
from grader.formula.terms import Program
from grader.formula.tree import Node

Loss: TypeAlias = Callable[[Mapping[str, Any]], Any]
"""A loss of the symbols by their names in Python: of arrays, and of torch's tensors."""

# Another reason to differentiate again than the content of what is differentiated.
_FORMAT = "1"


def source(loss: Loss, by: str, place: Path | None = None) -> Callable[[Mapping[str, Any]], Array]:
    """Return the function that gives, for one sample, the gradient of `loss` by `by`.

    Values are kept in `place` under a digest of the sample and of the loss's own value there, so
    that a loss that was changed is differentiated again. Raises ReferenceFault.
    """
    folder = cache_folder() if place is None else place

    def at(arguments: Mapping[str, Any]) -> Array:
        if by not in arguments:
            known = ", ".join(sorted(arguments))
            raise ReferenceFault(f"gradient: by: '{by}' is not among the symbols {known}")
        key = _key(loss, by, arguments)
        path = folder / f"{key}.npy" if key else None
        kept = _kept(path, np.shape(arguments[by]))
        if kept is not None:
            return kept
        found = differentiate(loss, by, arguments)
        _keep(path, found)
        return found

    return at


def differentiate(loss: Loss, by: str, arguments: Mapping[str, Any]) -> Array:
    """Return d loss / d `by` at one sample, by torch's autograd in double precision."""
    import torch

    tensors: dict[str, Any] = {}
    for name, value in arguments.items():
        plain = callable(value) or isinstance(value, int) or np.ndim(value) == 0
        tensors[name] = value if plain and name != by else torch.tensor(value, dtype=torch.float64)
    tensors[by].requires_grad_(True)
    result = loss(tensors)
    if not isinstance(result, torch.Tensor) or result.numel() != 1 or not result.requires_grad:
        raise ReferenceFault(
            f"the loss does not give a tensor that depends on '{by}': write it in operations that "
            "torch takes as well"
        )
    (gradient,) = torch.autograd.grad(result.reshape(()), tensors[by])
    return np.asarray(gradient.detach().numpy(), dtype=np.float64)


def formula_loss(text: str, notation: Notation, by: str) -> Loss:
    """Return a loss that is given as a formula, with `by` held apart from its definition."""
    try:
        candidate = read(text, notation).first(notation)
    except Unreadable as trouble:
        raise ReferenceFault(f"the loss '{text}' cannot be read: {trouble.message}") from trouble
    if isinstance(candidate.program, ShapeTrouble):
        raise ReferenceFault(f"the loss '{text}': {candidate.program.message}")
    program = candidate.program
    variable = canonical_name(by)

    def loss(arguments: Mapping[str, Any]) -> Any:
        library = _library(arguments.values())
        batch = _batch(notation, arguments, library)
        leaves: dict[str, Any] = dict(batch.leaves)
        batch = Batch(batch.sizes, leaves, 1)
        for name, tree in notation.define.items():
            if name != variable:
                leaves[name] = _defined(tree, notation, batch, library)
        return evaluate(program, batch, library).sum()

    return loss


def _defined(tree: Node, notation: Notation, batch: Batch, library: Any) -> Any:
    program, _ = resolve(tree, notation, {}, {})
    assert isinstance(program, Program)
    values = evaluate(program, batch, library)
    return values.reshape(1, *values.shape[-2:])


def _batch(notation: Notation, arguments: Mapping[str, Any], library: Any) -> Batch:
    from grader.formula.target import python_name

    sizes = {size: int(arguments[size]) for size in notation.sizes}
    leaves = {}
    for name in (*notation.symbols, *notation.define):
        value = arguments[python_name(name)]
        if library is np:
            leaves[name] = np.asarray(value, dtype=np.float64).reshape(1, *_rows(np.shape(value)))
        else:
            tensor = library.as_tensor(value, dtype=library.float64)
            leaves[name] = tensor.reshape(1, *_rows(tuple(tensor.shape)))
    return Batch(sizes, leaves, 1)


def _rows(shape: tuple[int, ...]) -> tuple[int, ...]:
    return shape if len(shape) == 2 else (1, 1)


def _library(values: Any) -> Any:
    if any(hasattr(value, "requires_grad") for value in values):
        import torch

        return torch
    return np


# --- kept values


def cache_folder() -> Path:
    """Return where values are kept: GRADER_CACHE, else the user's cache folder."""
    own = os.environ.get("GRADER_CACHE")
    if own:
        return Path(own) / "gradients"
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "grader" / "gradients"


def _key(loss: Loss, by: str, arguments: Mapping[str, Any]) -> str:
    """Return a digest of what the gradient depends on; "" where NumPy cannot tell the loss."""
    try:
        with np.errstate(all="ignore"):
            here = np.asarray(loss(arguments), dtype=np.float64)
            moved = {**arguments, by: np.asarray(arguments[by], dtype=np.float64) * 1.25 + 0.125}
            there = np.asarray(loss(moved), dtype=np.float64)
    except (ReferenceFault, TypeError, ValueError):
        return ""
    digest = hashlib.sha256(f"{_FORMAT} {by}".encode())
    for name in sorted(arguments):
        value = arguments[name]
        if callable(value):
            value = value(np.linspace(-1.0, 1.0, 5))
        digest.update(name.encode() + b"=" + np.asarray(value, dtype=np.float64).tobytes())
    digest.update(here.tobytes() + there.tobytes())
    return digest.hexdigest()


def _kept(path: Path | None, shape: Sequence[int]) -> Array | None:
    """Return the values that were kept, or None: a file that is damaged is as good as none."""
    if path is None:
        return None
    try:
        found = np.load(io.BytesIO(path.read_bytes()), allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    sound = isinstance(found, np.ndarray) and found.dtype == np.float64
    if not sound or found.shape != tuple(shape) or not np.isfinite(found).all():
        return None
    return np.asarray(found)


def _keep(path: Path | None, values: Array) -> None:
    """Keep values for the next run; a folder that cannot be written costs only time."""
    if path is None:
        return
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            np.save(file, values, allow_pickle=False)
        os.replace(temporary, path)
