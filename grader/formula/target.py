"""What a formula is compared with: right answers and named wrong ones, at seeded samples."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from grader.errors import ReferenceFault, Unreadable
from grader.formula import functions, samples
from grader.formula.answers import read
from grader.formula.compare import RTOL, Truths, Values, equal, values_of
from grader.formula.evaluate import Array, Batch
from grader.formula.notation import Notation
from grader.formula.reading import Candidate
from grader.formula.resolve import resolve
from grader.formula.shapes import Dim, ShapeTrouble
from grader.formula.terms import Program
from grader.formula.tree import Node

if TYPE_CHECKING:
    from grader.formula.lineup import Lineup, Slip
    from grader.formula.shadow import Shadow
    from grader.formula.slips import Altered

Source: TypeAlias = Callable[[Mapping[str, Any]], Any]
"""Gives the right value at one sample, from the symbols' arrays by their names in Python."""


class Named(NamedTuple):
    """A wrong answer that the rubric names."""

    id: str
    meant: str | Source
    say: str = ""


class World:
    """One way in which the question's general functions may be meant, with its samples.

    `formulas` are the right ones as they are read, the usual one first. What only a wrong answer
    needs is worked out when the first comes.
    """

    def __init__(
        self,
        notation: Notation,
        batches: tuple[Batch, ...],
        right: tuple[Values, ...],
        formulas: Sequence[Candidate],
        listed: Sequence[Named],
    ) -> None:
        self.notation = notation
        self.batches = batches
        self.right = right
        self.trees = tuple(each.tree for each in formulas)
        self.tree = self.trees[0] if formulas else None
        program = formulas[0].program if formulas else None
        self._taken = dict(program.choices) if isinstance(program, Program) else {}
        self._noted = frozenset(program.notes) if isinstance(program, Program) else frozenset()
        self._listed = listed

    @cached_property
    def named(self) -> Lineup:
        """Return the mistakes that the rubric names; raise ReferenceFault for one without value."""
        from grader.formula.lineup import Lineup

        try:
            return Lineup([_slip(each, self.notation, self.batches) for each in self._listed])
        except ValueError as fault:
            raise ReferenceFault(str(fault)) from fault

    @cached_property
    def slips(self) -> Lineup:
        """Return the classic slips on the right formula, with their values."""
        from grader.formula.lineup import Lineup, Slip

        found = []
        for slip in self.altered:
            values = self.value(slip.tree)
            if values is not None and not any(equal(values, right) for right in self.right):
                found.append(Slip((slip.id,), values, slip.say, slip.what, slip.lost, slip.left))
        return Lineup(found)

    @cached_property
    def altered(self) -> tuple[Altered, ...]:
        """Return the right formula with each of the classic slips."""
        from grader.formula import slips

        return tuple(slips.of(self.tree, self.notation)) if self.tree is not None else ()

    @cached_property
    def shadow(self) -> Shadow:
        """Return the question's letters as numbers."""
        from grader.formula import shadow

        return shadow.cast(self.notation)

    @cached_property
    def has_matrices(self) -> bool:
        """Return whether some letter is more than a number."""
        return any(set(symbol.shape) - {1} for symbol in self.notation.symbols.values())

    @cached_property
    def right_as_numbers(self) -> tuple[tuple[Node, Array], ...]:
        """Return the right formulas with their values among numbers."""
        found = [(tree, self.shadow.of(tree)) for tree in self.trees]
        return tuple((tree, values) for tree, values in found if values is not None)

    @cached_property
    def named_as_numbers(self) -> tuple[tuple[Named, Array], ...]:
        """Return the mistakes that the rubric names by a formula, with their values as numbers."""
        formulas = [each for each in self._listed if isinstance(each.meant, str)]
        found = [
            (each, self.shadow.of(_candidate(str(each.meant), self.notation).tree))
            for each in formulas
        ]
        return tuple((each, values) for each, values in found if values is not None)

    @cached_property
    def altered_as_numbers(self) -> tuple[tuple[Altered, Array], ...]:
        """Return the classic slips with their values as numbers."""
        found = [(each, self.shadow.of(each.tree)) for each in self.altered]
        return tuple((each, values) for each, values in found if values is not None)

    @cached_property
    def terms(self) -> tuple[Values, ...]:
        """Return the values of the terms that the right formula is a sum of, if it is one."""
        if self.tree is None or self.tree.op != "add":
            return ()
        found = [self.value(term) for term in self.tree.args]
        return tuple(values for values in found if values is not None) if all(found) else ()

    def value(self, tree: Node) -> Values | None:
        """Return the values of a tree; None where its operands do not fit."""
        try:
            program, _ = resolve(tree, self.notation, {}, self._taken)
        except Unreadable:
            return None
        if isinstance(program, ShapeTrouble):
            return None
        # what only charity makes of an altered formula is no slip that anybody makes
        if any("entry by entry" in note for note in set(program.notes) - self._noted):
            return None
        return values_of(program, self.batches)


class Want(NamedTuple):
    """What formulas are compared with.

    `formula` is the right answer as text where there is one: it is shown, and diagnosed by.
    `labels` are the left-hand sides of the asked quantity, `others` those of other quantities.
    `layout` may be "either".
    """

    notation: Notation
    worlds: tuple[World, ...]
    formula: str = ""
    labels: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    rtol: float = RTOL
    layout: str = "strict"

    @property
    def shape(self) -> str:
        """Return the right answer's shape in words."""
        return self.worlds[0].right[0].shape


class Answers(NamedTuple):
    """Where right values and named wrong ones come from.

    `formulas` are right answers as text, `sources` as functions of a sample. All that `seed`
    does is to fix the samples.
    """

    seed: str
    formulas: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    named: tuple[Named, ...] = ()


def want(
    notation: Notation,
    answers: Answers,
    *,
    labels: Sequence[str] = (),
    others: Sequence[str] = (),
    rtol: float = RTOL,
    layout: str = "strict",
) -> Want:
    """Return what formulas are compared with; raise ReferenceFault where it has no values."""
    if not answers.formulas and not answers.sources:
        raise ReferenceFault("a right answer is missing: give a formula or a reference function")
    try:
        worlds = tuple(_world(answers, meant, rtol) for meant in _meanings(notation))
    except ValueError as fault:
        raise ReferenceFault(str(fault)) from fault
    formula = answers.formulas[0] if answers.formulas else ""
    return Want(notation, worlds, formula, tuple(labels), tuple(others), rtol, layout)


def _meanings(notation: Notation) -> Iterator[Notation]:
    """Yield the notation with each general function meant in one way only."""
    most = max([1, *(len(ways) for ways in notation.functions.values())])
    if most == 1:
        yield notation
        return
    for i in range(most):
        chosen = {name: (ways[min(i, len(ways) - 1)],) for name, ways in notation.functions.items()}
        yield notation._replace(functions=chosen)


def _world(answers: Answers, notation: Notation, rtol: float) -> World:
    usual = [_candidate(text, notation) for text in answers.formulas]
    programs = [_fitting(each, text) for each, text in zip(usual, answers.formulas, strict=True)]

    def finite(batch: Batch) -> Truths:
        good = np.ones(batch.samples, np.bool_)
        for program in programs:
            array = values_of(program, [batch]).arrays[0]
            good &= np.isfinite(array).reshape(batch.samples, -1).all(axis=1)
        return good

    batches = samples.draw(notation, answers.seed, finite)
    right = [values_of(program, batches) for program in programs]
    right += [_sourced(source, notation, batches) for source in answers.sources]
    if not all(values.finite for values in right):
        raise ValueError("the right answer has no value on some samples")
    if programs and answers.sources and not equal(right[0], right[len(programs)], rtol):
        raise ValueError(f"'{answers.formulas[0]}' differs from the reference's values")
    return World(notation, batches, tuple(right), usual, answers.named)


def _slip(named: Named, notation: Notation, batches: Sequence[Batch]) -> Slip:
    from grader.formula.lineup import Slip

    if isinstance(named.meant, str):
        program = _fitting(_candidate(named.meant, notation), named.meant)
        values = values_of(program, batches)
    else:
        values = _sourced(named.meant, notation, batches)
    return Slip((named.id,), values, named.say)


def _candidate(text: str, notation: Notation) -> Candidate:
    try:
        return read(text, notation).first(notation)
    except Unreadable as trouble:
        raise ValueError(f"the formula '{text}' cannot be read: {trouble.message}") from trouble


def _fitting(candidate: Candidate, text: str) -> Program:
    program = candidate.program
    if isinstance(program, ShapeTrouble):
        raise ValueError(f"the formula '{text}': {program.message}")
    return program


def _sourced(source: Source, notation: Notation, batches: Sequence[Batch]) -> Values:
    """Return the values of a function of the samples."""
    arrays = []
    for batch in batches:
        found = [_real(source(arguments(notation, batch, i))) for i in range(batch.samples)]
        array = np.stack(found)
        if array.ndim > 3:
            raise ValueError("the reference returned an array with more than two axes")
        if array.ndim == 1:
            array = array[:, None, None]
        arrays.append(array if array.ndim == 3 else array[:, None, :])
    rank = 1 if found[0].ndim == 1 else 2
    return Values(tuple(arrays), rank, (), _named_dims(arrays, batches))


def _real(returned: Any) -> Array:
    if np.iscomplexobj(returned):
        raise ValueError("the reference returned a complex number")
    try:
        return np.asarray(returned, dtype=np.float64)
    except TypeError as fault:
        raise ValueError(f"the reference returned no numbers: {fault}") from fault


def arguments(notation: Notation, batch: Batch, i: int) -> dict[str, Any]:
    """Return the symbols and sizes of sample `i` by their names in Python."""
    found: dict[str, Any] = {}
    for name, array in batch.leaves.items():
        symbol = notation.symbols.get(name)
        number = symbol is not None and not symbol.shape
        found[python_name(name)] = float(array[i, 0, 0]) if number else array[i]
    for alias, target in notation.aliases.items():
        if alias not in notation.loose and target in batch.leaves:
            found.setdefault(python_name(alias), found[python_name(target)])
    for size, value in batch.sizes.items():
        found.setdefault(size, value)
    for name, (meant, *_) in notation.functions.items():
        found.setdefault(name, _callable(meant))
        if f"{meant}'" in functions.ELEMENTWISE:
            found.setdefault(f"{name}_prime", _callable(f"{meant}'"))
    return found


def _callable(name: str) -> Callable[[Any], Any]:
    """Return a function of the room for arrays, and for torch's tensors."""

    def apply(x: Any) -> Any:
        if hasattr(x, "requires_grad"):
            import torch

            return functions.ELEMENTWISE[name](torch, x)
        return functions.ELEMENTWISE[name](np, x)

    return apply


def python_name(name: str) -> str:
    """Return a canonical name as a parameter is called: `lambda` is `lambda_`."""
    return f"{name}_" if keyword.iskeyword(name) else name


def _named_dims(arrays: Sequence[Array], batches: Sequence[Batch]) -> tuple[Dim, ...]:
    """Return the names of the sizes that a shape must be made of; they all differ."""
    dims: list[Dim] = []
    for axis in (-2, -1):
        sizes = tuple(array.shape[axis] for array in arrays)
        names = [
            name
            for name in batches[0].sizes
            if tuple(batch.sizes[name] for batch in batches) == sizes
        ]
        dims.append(names[0] if names else sizes[0])
    return tuple(dims)
