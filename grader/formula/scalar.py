"""The value of a closed scalar expression."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from grader.errors import Unreadable
from grader.formula import shapes
from grader.formula.evaluate import Batch, evaluate
from grader.formula.lexer import lex
from grader.formula.notation import Notation, canonical_name, notation
from grader.formula.parser import parse
from grader.formula.resolve import resolve
from grader.formula.shapes import ShapeTrouble
from grader.formula.terms import Program


def value(text: str, names: Mapping[str, float] | None = None) -> float:
    """Return the value of `text`, in any of the notations, over the given numbers.

    Arithmetic is IEEE's: 0·ln 0 is not a number, ln 0 is minus infinity, 9^9^9 overflows.
    Raises Unreadable, and nothing else, for what is no scalar expression.
    """
    numbers = {canonical_name(name): float(number) for name, number in (names or {}).items()}
    try:
        program = _program(text, tuple(numbers))
    except Unreadable as trouble:
        raise Unreadable(trouble.message, text=text, position=trouble.position) from trouble
    leaves = {name: np.full((1, 1, 1), number) for name, number in numbers.items()}
    with np.errstate(all="ignore"):
        return float(np.asarray(evaluate(program, Batch({}, leaves, 1))).reshape(-1)[0])


@lru_cache(maxsize=64)
def _scalars(names: tuple[str, ...]) -> Notation:
    return notation({name: [] for name in names})


# A class computes the same few things, and a reader looks at each more than once.
@lru_cache(maxsize=256)
def _program(text: str, names: tuple[str, ...]) -> Program:
    known = _scalars(names)
    source = lex(text)
    tokens = [t for t in source.tokens if t.kind != "eof" and t.text not in ("\n", "$$")]
    while tokens and tokens[0].kind == "rel" and tokens[0].text == "=":
        tokens = tokens[1:]
    if not tokens:
        raise Unreadable("no formula was found", position=0)
    tree = parse(source, tokens, known.vocabulary).tree
    program, _ = resolve(tree, known, {}, {}, code="numpy" if source.code else "")
    if isinstance(program, ShapeTrouble):
        raise Unreadable(program.message, position=program.start)
    if program.free or not shapes.is_scalar(program.root.dims):
        raise Unreadable("expected a number", position=tree.start)
    return program
