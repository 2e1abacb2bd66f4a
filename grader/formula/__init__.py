"""The mathematics that students write: read, evaluated at samples, compared, explained."""

from grader.formula.judge import Finding, Want, judge, judge_reading, want
from grader.formula.notation import (
    DEFINE_SCHEMA,
    NOTATION_SCHEMA,
    SYMBOLS_SCHEMA,
    Notation,
    notation,
)
from grader.formula.reading import Reading, read
from grader.formula.scalar import value

__all__ = [
    "DEFINE_SCHEMA",
    "NOTATION_SCHEMA",
    "SYMBOLS_SCHEMA",
    "Finding",
    "Notation",
    "Reading",
    "Want",
    "judge",
    "judge_reading",
    "notation",
    "read",
    "value",
    "want",
]
