"""The mathematics that students write: read, evaluated at samples, compared, explained."""

from grader.formula.answers import read
from grader.formula.compare import RTOL
from grader.formula.judge import (
    Finding,
    Mistake,
    Verdict,
    functions_named,
    judge,
    judge_reading,
    shown,
)
from grader.formula.notation import (
    DEFINE_SCHEMA,
    NOTATION_SCHEMA,
    SYMBOLS_SCHEMA,
    Notation,
    notation,
)
from grader.formula.reading import Reading
from grader.formula.restated import (
    Contradiction,
    contradictions,
    contradictions_beside,
    updated,
    uses_words_of,
)
from grader.formula.scalar import value
from grader.formula.target import Answers, Named, Want, want

__all__ = [
    "DEFINE_SCHEMA",
    "NOTATION_SCHEMA",
    "RTOL",
    "SYMBOLS_SCHEMA",
    "Answers",
    "Contradiction",
    "Finding",
    "Mistake",
    "Named",
    "Notation",
    "Reading",
    "Verdict",
    "Want",
    "contradictions",
    "contradictions_beside",
    "functions_named",
    "judge",
    "judge_reading",
    "notation",
    "read",
    "shown",
    "updated",
    "uses_words_of",
    "value",
    "want",
]
