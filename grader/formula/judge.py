"""Judges a formula: right, or wrong and why, by its values at seeded samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from grader import lazy
from grader.errors import Unreadable
from grader.formula import functions, layout, spelling
from grader.formula.answers import read
from grader.formula.compare import Values, align, equal, turned, values_of
from grader.formula.display import display
from grader.formula.notation import Notation
from grader.formula.reading import Candidate, Reading
from grader.formula.shapes import ShapeTrouble
from grader.formula.target import Want, World

if TYPE_CHECKING:
    from grader.formula.diagnose import Attempt, Explanation

_WORD = lazy.pattern(r"[A-Za-z]{3,}")


class Verdict(StrEnum):
    """What a formula is."""

    CORRECT = "correct"
    WRONG = "wrong"


class Mistake(NamedTuple):
    """A slip that was recognised, what is said of it, and the factor that it lost.

    `left` is how much of the right formula is there, from 0 to 1, where that is known; `local`
    tells a slip in one place of the formula.
    """

    id: str
    say: str
    lost: str = ""
    left: float | None = None
    local: bool = False


class Finding(NamedTuple):
    """What became of one formula.

    `why` is for the student and never holds the right answer; `shapes` is the part of it that is
    about shapes, `staff` says more. Each of the `ways` explains the answer, by slips that were
    made together. `understood` is the formula as it was read, `notes` what was
    ambiguous in it, `position` where its operands do not fit. `form` tells which of the right
    formulas a right one is equal to, by its place among them, and `meant` in which meaning of the
    question's general functions.
    """

    verdict: Verdict
    why: str = ""
    shapes: str = ""
    staff: str = ""
    ways: tuple[tuple[Mistake, ...], ...] = ()
    understood: str = ""
    notes: tuple[str, ...] = ()
    position: int | None = None
    form: int = 0
    meant: Mapping[str, str] = {}

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """Return the slips that were recognised, whether they were made together or are a tie."""
        return tuple({each.id: each for way in self.ways for each in way}.values())

    @property
    def tied(self) -> bool:
        """Return whether several slips explain the answer equally well."""
        return len(self.ways) > 1

    @property
    def correct(self) -> bool:
        """Return whether the formula is right."""
        return self.verdict is Verdict.CORRECT


def judge(text: str, made: Want) -> Finding:
    """Return what becomes of a student's text; raise Unreadable where it is not understood."""
    return judge_reading(read(text, made.notation, made.labels, made.others), made)


def judge_reading(reading: Reading, made: Want) -> Finding:
    """Return what becomes of a formula that has been read."""
    finding = _judged(_Meaning(reading, made), made)
    if finding.position is None:
        return finding
    program = reading.usual[0] if reading.usual is not None else None
    place = program.start if isinstance(program, ShapeTrouble) else reading.start
    return finding._replace(position=place)


class _Meaning:
    """What a formula is judged by: a class writes a few formulas in many spellings."""

    __slots__ = ("key", "reading", "stated")

    def __init__(self, reading: Reading, made: Want) -> None:
        several = len(made.worlds) > 1
        self.reading = reading
        self.stated = layout.stated(reading)
        self.key = (
            reading.tree,
            reading.variants,
            frozenset(reading.definitions.items()),
            reading.code,
            reading.indices,
            reading.earlier,
            reading.notes,
            self.stated,
            reading.meant,
            functions_named(reading.around or reading.text) if several else frozenset(),
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Meaning) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=512)
def _judged(meaning: _Meaning, made: Want) -> Finding:
    reading = meaning.reading
    tried: list[tuple[World, Candidate, Values | None]] = []
    for world in _worlds(reading, made):
        for candidate in reading.candidates(world.notation):
            values = None
            if not isinstance(candidate.program, ShapeTrouble):
                values = values_of(candidate.program, world.batches)
                right = _right(values, world, made, meaning.stated)
                if right is not None:
                    return _correct(candidate, *right)._replace(meant=_meant(world))
            tried.append((world, candidate, values))
    if reading.meant:
        raise Unreadable(
            f"'{reading.meant}' beside the formula may change it; write it as a formula",
            text=reading.text,
            position=reading.start,
        )
    return _wrong(reading, made, tried)


def _worlds(reading: Reading, made: Want) -> Sequence[World]:
    """Return the meanings of the question's general functions under which a formula counts.

    One that calls them by name, and does not say which they are, has to hold for every function.
    """
    general = made.worlds[0].notation.functions
    choices = {way for ways in made.notation.functions.values() for way in ways}
    if len(made.worlds) == 1 or functions_named(reading.around or reading.text) & choices:
        return made.worlds
    trees = (reading.tree, *(each.tree for each in reading.definitions.values()))
    called = {str(node.value).rstrip("'") for tree in trees for node in tree.walk()}
    named = [name for name in called & general.keys() if name not in reading.definitions]
    return made.worlds[:1] if any(general[name] == ("general",) for name in named) else made.worlds


def functions_named(text: str) -> frozenset[str]:
    """Return the functions that a text speaks of by their whole names, such as tanh."""
    words = {word.lower() for word in _WORD.findall(text)} - spelling.GREEK_NAMES
    return frozenset(functions.ALIASES[word] for word in words if word in functions.ALIASES)


def shown(text: str, notation: Notation) -> str:
    """Return a formula as a report repeats it; raise Unreadable where it is not understood."""
    return display(read(text, notation).first(notation).tree)


def _meant(world: World) -> dict[str, str]:
    """Return the question's functions that are meant as a certain one here."""
    each = world.notation.functions.items()
    return {name: ways[0] for name, ways in each if ways[0] != "general"}


def _right(
    values: Values, world: World, made: Want, stated: layout.Stated
) -> tuple[int, str] | None:
    """Return which of the right values these are, and a remark; None where they are not right."""
    for form, right in enumerate(world.right):
        if equal(values, right, made.rtol):
            return form, "" if values.finite else "wherever the formula has a value"
    if made.layout == "either" or stated.holds(values):
        for form, right in enumerate(world.right):
            if not values.free and equal(turned(values), right, made.rtol):
                return form, "in the transposed layout"
    return None


def _correct(candidate: Candidate, form: int, remark: str) -> Finding:
    return Finding(
        Verdict.CORRECT,
        why=f"Right {remark}." if remark else "",
        understood=display(candidate.tree),
        notes=candidate.notes,
        form=form,
    )


def _wrong(
    reading: Reading, made: Want, tried: Sequence[tuple[World, Candidate, Values | None]]
) -> Finding:
    from grader.formula import diagnose

    attempts = [diagnose.Attempt(*each) for each in tried]
    found = diagnose.explanations(reading, made, attempts)
    usual = _usual(attempts, made)
    trouble = _trouble(usual)
    shape, position = _shape_complaint(usual, made), None
    if trouble is not None:
        shape, position = f"The shapes do not fit: {trouble.message}.", trouble.start
    if not found:
        why = shape or _unexplained(reading, made, usual)
        if _was_right_before(reading, made):
            why += " An earlier step was right."
        return Finding(
            Verdict.WRONG,
            why,
            shapes=shape,
            understood=display(usual.candidate.tree),
            notes=usual.candidate.notes,
            position=position,
        )
    return Finding(
        Verdict.WRONG,
        " ".join(part for part in (shape, _said(found)) if part),
        shapes=shape,
        staff="; ".join(each.staff for each in found if each.staff),
        ways=tuple(_way(each) for each in found),
        understood=display(found[0].candidate.tree),
        notes=found[0].candidate.notes,
        position=position,
    )


def _was_right_before(reading: Reading, made: Want) -> bool:
    """Return whether a step of the chain before its last member is right."""
    from grader.formula import diagnose

    world = made.worlds[0]
    for tree in reading.earlier:
        values = diagnose.value(tree, reading, world)
        if values is not None and any(equal(values, right, made.rtol) for right in world.right):
            return True
    return False


def _way(explanation: Explanation) -> tuple[Mistake, ...]:
    pairs = zip(explanation.ids, explanation.says, strict=True)
    first, *others = (Mistake(id_, say) for id_, say in pairs)
    local = bool(explanation.staff)
    return first._replace(lost=explanation.lost, left=explanation.left, local=local), *others


def _said(found: Sequence[Explanation]) -> str:
    sentences = [" ".join(say for say in each.says if say) for each in found]
    sentences = [sentence for sentence in sentences if sentence]
    if len(sentences) > 1:
        return "One of these explains it: " + " Or: ".join(sentences)
    return sentences[0] if sentences else ""


def _usual(attempts: Sequence[Attempt], made: Want) -> Attempt:
    """Return the attempt to speak about: the first whose shape fits, else any that has one."""
    for attempt in attempts:
        if attempt.values is not None and any(
            align(attempt.values, right) is not None for right in attempt.world.right
        ):
            return attempt
    for attempt in attempts:
        if attempt.values is not None:
            return attempt
    return attempts[0]


def _trouble(attempt: Attempt) -> ShapeTrouble | None:
    program = attempt.candidate.program
    return program if isinstance(program, ShapeTrouble) else None


def _shape_complaint(attempt: Attempt, made: Want) -> str:
    """Return in words that the result has another shape than what is asked."""
    if attempt.values is None:
        return ""
    if any(align(attempt.values, right) is not None for right in attempt.world.right):
        return ""
    if attempt.values.free:
        names = ", ".join(name for name, _ in attempt.values.free)
        asked = f"what is asked has the shape {made.shape}"
        return f"The result still depends on the index {names}, {asked}."
    return f"The result has the shape {attempt.values.shape}, what is asked has {made.shape}."


def _unexplained(reading: Reading, made: Want, attempt: Attempt) -> str:
    values = attempt.values
    if values is not None and not values.finite:
        finite = sum(
            int(np.isfinite(array).all(axis=(1, 2)).sum())
            for array in values.arrays
            if array.ndim == 3
        )
        if not finite:
            return "The formula has no finite value."
    return "The formula has other values than the right answer."
