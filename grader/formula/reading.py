"""From a student's text to the formula that answers: the right statement, with its definitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from grader.errors import Unreadable
from grader.formula import shapes
from grader.formula.evaluate import Array, Batch, evaluate
from grader.formula.notation import Notation
from grader.formula.resolve import resolve
from grader.formula.shapes import ShapeTrouble
from grader.formula.terms import Definition, Open, Program
from grader.formula.tree import Node

# How many ways of reading one text are tried at most.
MAX_READINGS = 32


class Candidate(NamedTuple):
    """One way of reading the answer: a program, or operands that do not fit."""

    program: Program | ShapeTrouble
    tree: Node
    notes: tuple[str, ...]


class Restated(NamedTuple):
    """An equation beside the answer for one of the question's own letters."""

    left: Node
    right: Node
    indices: tuple[str, ...]
    text: str
    start: int
    definitions: Mapping[str, Definition] = {}


class Reading(NamedTuple):
    """A text that has been understood; equal to nothing but itself.

    `taken` is what of the text was taken for the answer, `tree` the usual reading of it, and
    `left` the left-hand side under which it stood. `earlier` are the steps before it, `restated`
    what it says beside of the question's own letters (see `restated.contradictions`). `around`
    is the whole text that it was cut from, where it was.
    """

    text: str
    taken: str
    start: int
    tree: Node
    left: str
    notation: Notation
    definitions: Mapping[str, Definition]
    code: str
    notes: tuple[str, ...] = ()
    earlier: tuple[Node, ...] = ()
    shape: str = ""
    indices: tuple[str, ...] = ()
    meant: str = ""
    usual: tuple[Program | ShapeTrouble, Open] | None = None
    variants: tuple[tuple[Node, str], ...] = ()
    restated: tuple[Restated, ...] = ()
    around: str = ""

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def candidates(self, notation: Notation | None = None) -> Iterator[Candidate]:
        """Yield the ways of reading the answer, the usual one first."""
        count = 0
        for tree, note in ((self.tree, ""), *self.variants):
            for program in self._programs(tree, notation or self.notation):
                count += 1
                if count > MAX_READINGS:
                    return
                found = program.notes if isinstance(program, Program) else ()
                said = (*self.notes, *([note] if note else []), *found)
                yield Candidate(program, tree, said)

    def _programs(self, tree: Node, notation: Notation) -> Iterator[Program | ShapeTrouble]:
        waiting: list[dict[str, int]] = [{}]
        seen: set[frozenset[tuple[str, int]]] = {frozenset()}
        while waiting:
            taken = waiting.pop(0)
            try:
                program, open_ = self._resolved(tree, notation, taken)
            except Unreadable as trouble:
                if not taken:
                    raise self.unreadable(trouble) from trouble
                continue
            yield program
            for key, count in open_.seen.items():
                for way in range(1, count):
                    if key in taken:
                        continue
                    further = {**taken, key: way}
                    mark = frozenset(further.items())
                    if mark not in seen and len(further) <= 3:
                        seen.add(mark)
                        waiting.append(further)

    def _resolved(
        self, tree: Node, notation: Notation, taken: Mapping[str, int]
    ) -> tuple[Program | ShapeTrouble, Open]:
        known = tree is self.tree and notation is self.notation and not taken
        if known and self.usual is not None:
            return self.usual
        return resolve(
            tree, notation, self.definitions, taken, code=self.code, letters=self.letters
        )

    def unreadable(self, trouble: Unreadable) -> Unreadable:
        """Return the trouble with the student's text beside it."""
        return Unreadable(trouble.message, text=self.text, position=trouble.position)

    @property
    def letters(self) -> frozenset[str]:
        """Return the indices of the left-hand side."""
        return frozenset(self.indices)

    def over(self, values: Mapping[str, Array | float]) -> Array:
        """Return the formula's value at many points at once, one array of numbers per symbol.

        Raises Unreadable where the formula is no number at each point.
        """
        candidate = self.first()
        program = candidate.program
        if isinstance(program, ShapeTrouble):
            raise Unreadable(program.message, text=self.text, position=program.start)
        if program.free or not shapes.is_scalar(program.root.dims):
            raise Unreadable("expected a number", text=self.text, position=self.start)
        batch = points(self.notation, values)
        with np.errstate(all="ignore"):
            found = np.asarray(evaluate(program, batch), dtype=np.float64)
        return np.broadcast_to(found.reshape(found.shape[0], -1)[:, 0], batch.samples)

    def first(self, notation: Notation | None = None) -> Candidate:
        """Return the first reading whose operands fit, else the usual one.

        Raises Unreadable where the formula has no meaning.
        """
        usual: Candidate | None = None
        for candidate in self.candidates(notation):
            if isinstance(candidate.program, Program):
                return candidate
            usual = usual or candidate
        assert usual is not None
        return usual


class NothingFound(Unreadable):
    """A text that holds no formula for what is asked."""


def points(notation: Notation, values: Mapping[str, Array | float]) -> Batch:
    """Return a batch of numbers, one sample per point, with the question's definitions."""
    arrays = {
        name: np.asarray(value, dtype=np.float64).reshape(-1) for name, value in values.items()
    }
    count = max((len(array) for array in arrays.values()), default=1)
    leaves = {name: np.broadcast_to(array, count)[:, None, None] for name, array in arrays.items()}
    batch = Batch({}, leaves, count)
    with np.errstate(all="ignore"):
        for name, tree in notation.define.items():
            program, _ = resolve(tree, notation, {}, {})
            if isinstance(program, Program):
                found = np.asarray(evaluate(program, batch))
                leaves[name] = np.broadcast_to(found.reshape(-1, 1, 1), (count, 1, 1))
    return batch
