"""The question's own letters, said again: does what a student says of them agree?

`z = Wx − b` beside a right answer that needs no z contradicts a question with `z: W x + b`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from grader.errors import Unreadable
from grader.formula.compare import Values, align, equal, turned, values_of
from grader.formula.display import display
from grader.formula.lexer import lex
from grader.formula.notation import Notation, canonical_of
from grader.formula.outline import outline
from grader.formula.parser import index_letters, parse
from grader.formula.reading import Reading, Restated
from grader.formula.shapes import ShapeTrouble
from grader.formula.statements import Slice, Statement
from grader.formula.tree import Node

if TYPE_CHECKING:
    from grader.formula.answers import Reader
    from grader.formula.target import Want, World

# Under these words an equation is a case that is looked at, and says nothing of a letter.
_SUPPOSING = frozenset(
    {"if", "when", "for", "at", "assume", "assuming", "suppose", "until", "case"}
)
# How many ways of reading either side are compared.
_READINGS = 6


class Contradiction(NamedTuple):
    """An equation for one of the question's letters that has other values than the question's.

    `name` is the letter as it is shown, `text` the equation as it was written, `position` where,
    and `slip` what was done wrong, where that can be told.
    """

    name: str
    text: str
    position: int
    slip: str = ""


def contradictions(reading: Reading, made: Want) -> tuple[Contradiction, ...]:
    """Return where a text defines a letter of the question (`define`) otherwise than it does.

    Only what the answer does not use: a letter that it does use is taken as the student defines
    it, and the verdict is about that. What cannot be read, or has no value of that shape,
    contradicts nothing. The answer may still be right: `judge_reading` does not look here.
    """
    return tuple(
        Contradiction(display(each.left), each.text, each.start, _slip(each, reading, made))
        for each in reading.restated
        if all(_agrees(each, reading, world) is False for world in made.worlds)
    )


@lru_cache(maxsize=512)
def contradictions_beside(text: str, made: Want) -> tuple[Contradiction, ...]:
    """Return the same of a text around the answer, which was read by itself."""
    from grader.formula.answers import Reader

    try:
        reader = Reader(text, made.notation, made.labels, made.others)
    except Unreadable:
        return ()
    for statement in reader.statements:
        for name in reader.names_of(statement):
            reader.by_name.setdefault(name, []).append(statement)
    nothing = Node("none")
    reading = Reading(text, "", 0, nothing, "", made.notation, {}, reader.style)
    return contradictions(reading._replace(restated=restated(reader)), made)


@lru_cache(maxsize=512)
def updated(text: str, known: Notation) -> frozenset[str]:
    """Return the question's letters that a text gives a new value, from their old one."""
    try:
        statements = outline(text, known, (), ()).statements
    except Unreadable:
        return frozenset()
    found = set()
    for statement in statements:
        left, right = statement.members[0], statement.members[-1]
        name = known.target(canonical_of(left[:1])) if left else ""
        again = any(known.target(canonical_of((token,))) == name for token in right)
        if name in known.symbols and again and (statement.is_equation or statement.sign):
            found.add(name)
    return frozenset(found)


@lru_cache(maxsize=512)
def uses_words_of(text: str, around: str, known: Notation) -> bool:
    """Return whether a text holds a word that is defined around it, such as `dnet`.

    The question's letters might be seen in it, d times net, where it is read by itself.
    """
    try:
        defined = outline(around, known, (), ()).defined
        words = {token.text for token in lex(text).tokens if token.kind == "word"}
    except Unreadable:
        return False
    own = (name for name in defined if len(name) > 1 and name not in known.define)
    return any(name in words for name in own)


def _agrees(said: Restated, reading: Reading, world: World) -> bool | None:
    """Return whether both sides have the same values; None where they cannot be compared."""
    plain = reading._replace(indices=said.indices, usual=None, variants=(), notes=(), earlier=())
    meant = list(_values(plain._replace(tree=said.left, definitions={}), world))
    found = list(_values(plain._replace(tree=said.right, definitions=said.definitions), world))
    pairs = [(one, other) for one in found for other in meant if align(one, other) is not None]
    same = any(equal(one, other) or equal(turned(one), other) for one, other in pairs)
    return same if pairs else None


def _slip(said: Restated, reading: Reading, made: Want) -> str:
    """Return what was done wrong, where taking it back makes the two sides equal."""
    from grader.formula import repairs

    for altered in repairs.exponentiated(said.right):
        if any(_agrees(said._replace(right=altered.tree), reading, w) for w in made.worlds):
            return altered.id
    return ""


def _values(reading: Reading, world: World) -> Iterator[Values]:
    try:
        for candidate in islice(reading.candidates(world.notation), _READINGS):
            if not isinstance(candidate.program, ShapeTrouble):
                yield values_of(candidate.program, world.batches)
    except Unreadable:
        return


def restated(reader: Reader) -> tuple[Restated, ...]:
    """Return the equations of a text that say again what one of the question's letters is."""
    found: list[Restated] = []
    for statement in reader.statements:
        if statement.sign or _SUPPOSING & set(statement.before[-2:]):
            continue
        for left, right in _sides(statement):
            said = _said(reader, left, right)
            if said is not None:
                found.append(said)
    own = {
        name: definition
        for name, definition in reader.definitions.items()
        if name.partition("@")[0].partition("#")[0] not in reader.notation.define
    }
    return tuple(each._replace(definitions=own) for each in found)


def _sides(statement: Statement) -> Iterator[tuple[Slice, Slice]]:
    """Yield each member of a chain of equations with the one behind it."""
    for left, right in zip(statement.members, statement.members[1:], strict=False):
        if left and len(right) > 1:
            yield left, right


def _said(reader: Reader, left: Slice, right: Slice) -> Restated | None:
    known = reader.notation
    letters = index_letters(left)
    try:
        tree = parse(reader.source, left, known.vocabulary, letters=letters).tree
        base = tree.args[0] if tree.op in ("index", "transpose") else tree
        name = known.target(str(base.value))
        if base.op != "name" or name not in known.define or reader.takes_as_own(name):
            return None
        said = parse(reader.source, right, reader.vocabulary, letters=letters).tree
        reader.require(said)
    except Unreadable:
        return None
    text = reader.text[left[0].start : right[-1].end]
    return Restated(tree, said, tuple(sorted(letters)), text, left[0].start)
