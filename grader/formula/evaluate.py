"""Evaluates a program on a batch of samples at once, with NumPy or, for a loss, with torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from grader.formula import functions, shapes
from grader.formula.shapes import Axis, Dim, Free
from grader.formula.terms import Program, Term

if TYPE_CHECKING:
    import numpy.typing as npt

Array: TypeAlias = "npt.NDArray[np.float64]"


class Batch(NamedTuple):
    """Several samples of one set of sizes: each leaf is an array (samples, rows, columns)."""

    sizes: Mapping[str, int]
    leaves: Mapping[str, Any]
    samples: int


def evaluate(program: Program, batch: Batch, library: Any = np) -> Any:
    """Return the values of a program: an array (samples, one axis per index, rows, columns).

    NumPy's warnings are the caller's to silence; what has no value is not a number.
    """
    return _Evaluation(program, batch, library).of(program.root)


class _Evaluation:
    """One run over one batch."""

    def __init__(self, program: Program, batch: Batch, library: Any) -> None:
        self.batch = batch
        self.lib = library
        self.indices = len(program.axes)
        self.extents = tuple(self.extent(axis.size) for axis in program.axes)
        self.ndim = self.indices + 3
        self.shared: dict[int, Any] = {}

    def of(self, term: Term) -> Any:
        return _RULES[term.op](self, term)

    def extent(self, dim: Dim) -> int:
        dim = shapes.known(dim)
        if isinstance(dim, Free):
            return 1
        return dim if isinstance(dim, int) else self.batch.sizes[dim]

    def array(self, value: float) -> Any:
        if self.lib is np:
            return np.full((1,) * self.ndim, value)
        return self.lib.full((1,) * self.ndim, value, dtype=self.lib.float64)

    def along(self, values: Any, axis: int) -> Any:
        """Return a vector laid along one of the array's axes."""
        shape = [1] * self.ndim
        shape[axis] = -1
        return self.own(values).reshape(shape)

    def own(self, values: Any) -> Any:
        return values if self.lib is np else self.lib.as_tensor(values, dtype=self.lib.float64)

    def eye(self, size: int, one: int = -2, other: int = -1) -> Any:
        """Return ones where the places along two axes are equal."""
        places = np.arange(size)
        truth = self.along(places, one) == self.along(places, other)
        return self.truth(truth)

    def truth(self, truth: Any) -> Any:
        if self.lib is np:
            return truth.astype(np.float64)
        return truth.to(self.lib.float64)

    # --- leaves

    def leaf(self, term: Term) -> Any:
        array = self.batch.leaves[str(term.value)]
        if not self.indices:
            return array
        return array[(slice(None), *(None,) * self.indices)]

    def const(self, term: Term) -> Any:
        return self.array(term.value)

    def size(self, term: Term) -> Any:
        return self.array(float(self.extent(str(term.value))))

    def count(self, term: Term) -> Any:
        axis = term.value
        assert isinstance(axis, Axis)
        return self.array(float(self.extents[axis.number]))

    def index(self, term: Term) -> Any:
        axis = term.value
        assert isinstance(axis, Axis)
        steps = np.arange(self.extents[axis.number], dtype=np.float64) + axis.offset
        return self.along(steps, 1 + axis.number)

    def filled(self, term: Term) -> Any:
        shape = (1,) * (self.ndim - 2) + (self.extent(term.dims[0]), self.extent(term.dims[1]))
        value = term.value if isinstance(term.value, float) else 1.0
        return self.own(np.full(shape, value))

    def identity(self, term: Term) -> Any:
        return self.eye(self.extent(term.dims[0]))

    # --- arithmetic

    def let(self, term: Term) -> Any:
        key = id(term)
        if key not in self.shared:
            self.shared[key] = self.of(term.args[0])
        return self.shared[key]

    def add(self, term: Term) -> Any:
        return self.of(term.args[0]) + self.of(term.args[1])

    def neg(self, term: Term) -> Any:
        return -self.of(term.args[0])

    def times(self, term: Term) -> Any:
        return self.of(term.args[0]) * self.of(term.args[1])

    def divide(self, term: Term) -> Any:
        return self.of(term.args[0]) / self.of(term.args[1])

    def power(self, term: Term) -> Any:
        return self.of(term.args[0]) ** self.of(term.args[1])

    def matmul(self, term: Term) -> Any:
        return self.lib.matmul(self.of(term.args[0]), self.of(term.args[1]))

    def transposed(self, term: Term) -> Any:
        return self.of(term.args[0]).swapaxes(-1, -2)

    def function(self, term: Term) -> Any:
        return functions.ELEMENTWISE[str(term.value)](self.lib, self.of(term.args[0]))

    def two(self, term: Term) -> tuple[Any, Any]:
        return self.of(term.args[0]), self.of(term.args[1])

    def maximum(self, term: Term) -> Any:
        return self.lib.maximum(*self.two(term))

    def minimum(self, term: Term) -> Any:
        return self.lib.minimum(*self.two(term))

    def mod(self, term: Term) -> Any:
        left, right = self.two(term)
        return left - right * self.lib.floor(left / right)

    def floor_divide(self, term: Term) -> Any:
        left, right = self.two(term)
        return self.lib.floor(left / right)

    def hypot(self, term: Term) -> Any:
        return self.lib.hypot(*self.two(term))

    def atan2(self, term: Term) -> Any:
        return self.lib.arctan2(*self.two(term))

    def factorial(self, term: Term) -> Any:
        values = self.of(term.args[0])
        table = np.cumprod(np.concatenate([[1.0], np.arange(1.0, 171.0)]))
        whole = (values >= 0) & (values <= 170) & (values == np.floor(values))
        return np.where(whole, table[np.where(whole, values, 0).astype(int)], np.nan)

    # --- conditions

    def compare(self, term: Term) -> Any:
        left, right = self.two(term)
        return self.truth(_COMPARISONS[str(term.value)](left, right))

    def logic(self, term: Term) -> Any:
        truths = [self.of(arg) > 0 for arg in term.args]
        return self.truth(_LOGIC[str(term.value)](*truths))

    def where(self, term: Term) -> Any:
        condition, yes, no = (self.of(arg) for arg in term.args)
        return self.lib.where(condition > 0, yes, no)

    # --- sums and parts

    def reduce(self, term: Term) -> Any:
        kind, side = term.value
        values = self.of(term.args[0])
        axes: tuple[int, ...] = (-2, -1) if side is None else (-2 if side == 0 else -1,)
        if kind.startswith(("var", "std")):
            return self.spread(kind, values, axes)
        result = values
        for axis in axes:
            result = self.reduced(kind, result, axis, term.args[0])
        return result

    def spread(self, kind: str, values: Any, axes: tuple[int, ...]) -> Any:
        """Return a variance or standard deviation."""
        centred = values - values.mean(axes, keepdims=True)
        count = 1
        for axis in axes:
            count *= values.shape[axis]
        freedom = count - 1 if kind.endswith("unbiased") else count
        square = (centred * centred).sum(axes, keepdims=True) / max(freedom, 1)
        return square**0.5 if kind.startswith("std") else square

    def reduced(self, kind: str, values: Any, axis: int, term: Term) -> Any:
        size = self.extent(term.dims[axis])
        short = values.shape[axis] == 1 and size > 1
        if kind == "sum":
            total = values.sum(axis, keepdims=True)
            return total * size if short else total
        if kind == "mean":
            return values.mean(axis, keepdims=True)
        return _REDUCTIONS[kind](self.lib, values, axis)

    def sum_axis(self, term: Term) -> Any:
        axis = term.value
        assert isinstance(axis, Axis)
        values = self.of(term.args[0])
        place, extent = 1 + axis.number, self.extents[axis.number]
        total = values.sum(place, keepdims=True)
        return total * extent if values.shape[place] == 1 and extent > 1 else total

    def prod_axis(self, term: Term) -> Any:
        axis = term.value
        assert isinstance(axis, Axis)
        values = self.of(term.args[0])
        place, extent = 1 + axis.number, self.extents[axis.number]
        if values.shape[place] == 1 and extent > 1:
            return values**extent
        return values.prod(place, keepdims=True)

    def axis_extreme(self, term: Term) -> Any:
        axis = term.value
        assert isinstance(axis, Axis)
        values = self.of(term.args[0])
        largest = self.lib.amax if term.op.startswith("largest") else self.lib.amin
        return largest(values, 1 + axis.number, keepdims=True)

    def pick(self, term: Term) -> Any:
        values = self.of(term.args[0])
        rows, columns = term.value
        for axis, side in ((rows, -2), (columns, -1)):
            if axis is not None:
                values = self.picked(values, axis, side)
        return values

    def picked(self, values: Any, axis: Axis, side: int) -> Any:
        place = 1 + axis.number
        if values.shape[place] == 1:
            return values.swapaxes(place, side)
        chosen = values * self.eye(self.extents[axis.number], place, side)
        return chosen.sum(side, keepdims=True)

    def unpicked(self, term: Term) -> Any:
        axis = term.value
        assert isinstance(axis, Axis)
        return self.of(term.args[0]).swapaxes(1 + axis.number, -2)

    def gathered(self, term: Term) -> Any:
        """Return the values along an index as rows or columns."""
        axis, side = term.value
        values = self.of(term.args[0])
        place, extent = 1 + axis.number, self.extents[axis.number]
        turned = values.swapaxes(place, -2 if side == 0 else -1)
        short = values.shape[place] == 1 and extent > 1
        return turned * self.along(np.ones(extent), -2 if side == 0 else -1) if short else turned

    def take(self, term: Term) -> Any:
        side, place = term.value
        values = self.of(term.args[0])
        if values.shape[-2 if side == 0 else -1] <= place:
            return values[..., :1, :1] * np.nan
        if side == 0:
            return values[..., place : place + 1, :]
        return values[..., :, place : place + 1]

    def stack(self, term: Term) -> Any:
        rows, columns = term.dims
        assert isinstance(rows, int)
        assert isinstance(columns, int)
        entries = (
            self.lib.broadcast_arrays(*map(self.of, term.args))
            if self.lib is np
            else (self.lib.broadcast_tensors(*map(self.of, term.args)))
        )
        lines = [
            self.lib.concatenate(tuple(entries[i * columns : (i + 1) * columns]), -1)
            for i in range(rows)
        ]
        return self.lib.concatenate(tuple(lines), -2)

    # --- linear algebra

    def inverse(self, term: Term) -> Any:
        values = self.of(term.args[0])
        if self.lib is not np:
            return self.lib.linalg.inv(values)
        try:
            return np.linalg.inv(values)
        except np.linalg.LinAlgError:
            return values * np.nan

    def pseudo_inverse(self, term: Term) -> Any:
        values = self.of(term.args[0])
        if self.lib is np and not np.isfinite(values).all():
            return values.swapaxes(-1, -2) * np.nan
        return self.lib.linalg.pinv(values)

    def determinant(self, term: Term) -> Any:
        return self.lib.linalg.det(self.of(term.args[0]))[..., None, None]

    def trace(self, term: Term) -> Any:
        values = self.of(term.args[0])
        return (values * self.eye(values.shape[-1])).sum((-2, -1), keepdims=True)

    def diag(self, term: Term) -> Any:
        values = self.of(term.args[0])
        return values * self.eye(self.extent(term.dims[0]))

    def diagonal(self, term: Term) -> Any:
        values = self.of(term.args[0])
        return (values * self.eye(values.shape[-1])).sum(-1, keepdims=True)

    def softmax(self, term: Term) -> Any:
        name, side = term.value
        values = self.of(term.args[0])
        axis = -2 if side == 0 else -1
        if self.lib is np:
            values = values - values.max(axis, keepdims=True)
        else:
            values = values - self.lib.amax(values, axis, keepdim=True)
        odds = self.lib.exp(values)
        total = odds.sum(axis, keepdims=True)
        return values - self.lib.log(total) if name == "log_softmax" else odds / total

    def einsum(self, term: Term) -> Any:
        inputs, output = term.value
        spec = ",".join(f"...{word}" for word in inputs)
        bare = "".join(c for c in output if c in "".join(inputs))
        result = self.lib.einsum(f"{spec}->...{bare}", *map(self.of, term.args))
        if len(bare) < 2:
            shape = (*result.shape[: result.ndim - len(bare)], *(1,) * (2 - len(bare)))
            result = result.reshape(*shape, *result.shape[result.ndim - len(bare) :])
        return result

    def labels(self, term: Term) -> Any:
        """Return the numbers of the classes, counted from 0."""
        values = self.of(term.args[0])
        return self.own(np.argmax(np.asarray(values), axis=-1)[..., None, :].astype(np.float64))

    def same(self, term: Term) -> Any:
        return self.of(term.args[0])


_COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = MappingProxyType(
    {
        "<": lambda a, b: a < b,
        ">": lambda a, b: a > b,
        "<=": lambda a, b: a <= b,
        ">=": lambda a, b: a >= b,
        "==": lambda a, b: a == b,
        "!=": lambda a, b: a != b,
    }
)
_LOGIC: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "not": lambda a: ~a,
        "and": lambda a, b: a & b,
        "or": lambda a, b: a | b,
        "xor": lambda a, b: a ^ b,
        "xnor": lambda a, b: ~(a ^ b),
        "nand": lambda a, b: ~(a & b),
        "nor": lambda a, b: ~(a | b),
    }
)
_REDUCTIONS: Mapping[str, Callable[[Any, Any, int], Any]] = MappingProxyType(
    {
        "max": lambda lib, v, axis: lib.amax(v, axis, keepdims=True),
        "min": lambda lib, v, axis: lib.amin(v, axis, keepdims=True),
        "prod": lambda lib, v, axis: v.prod(axis, keepdims=True),
    }
)

_RULES: Mapping[str, Callable[[_Evaluation, Term], Any]] = MappingProxyType(
    {
        "leaf": _Evaluation.leaf,
        "const": _Evaluation.const,
        "size": _Evaluation.size,
        "extent": _Evaluation.count,
        "index": _Evaluation.index,
        "filled": _Evaluation.filled,
        "ones": _Evaluation.filled,
        "eye": _Evaluation.identity,
        "let": _Evaluation.let,
        "same": _Evaluation.same,
        "add": _Evaluation.add,
        "neg": _Evaluation.neg,
        "times": _Evaluation.times,
        "divide": _Evaluation.divide,
        "power": _Evaluation.power,
        "matmul": _Evaluation.matmul,
        "T": _Evaluation.transposed,
        "fn": _Evaluation.function,
        "maximum": _Evaluation.maximum,
        "minimum": _Evaluation.minimum,
        "mod": _Evaluation.mod,
        "floor divide": _Evaluation.floor_divide,
        "atan2": _Evaluation.atan2,
        "hypot": _Evaluation.hypot,
        "factorial": _Evaluation.factorial,
        "compare": _Evaluation.compare,
        "logic": _Evaluation.logic,
        "where": _Evaluation.where,
        "reduce": _Evaluation.reduce,
        "sum axis": _Evaluation.sum_axis,
        "prod axis": _Evaluation.prod_axis,
        "largest on axis": _Evaluation.axis_extreme,
        "smallest on axis": _Evaluation.axis_extreme,
        "pick": _Evaluation.pick,
        "unpick": _Evaluation.unpicked,
        "gather": _Evaluation.gathered,
        "take": _Evaluation.take,
        "stack": _Evaluation.stack,
        "inv": _Evaluation.inverse,
        "pinv": _Evaluation.pseudo_inverse,
        "det": _Evaluation.determinant,
        "trace": _Evaluation.trace,
        "diag": _Evaluation.diag,
        "diagonal": _Evaluation.diagonal,
        "softmax": _Evaluation.softmax,
        "einsum": _Evaluation.einsum,
        "labels": _Evaluation.labels,
    }
)
