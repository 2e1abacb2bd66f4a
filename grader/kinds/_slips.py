"""Mistakes that have a name: what they leave of the points, and what excuses them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from grader import lazy
from grader.kinds import Case
from grader.model import Check, Mistake, Recognised

CHARGED_BEFORE = "This was counted or stated before and costs nothing here."

# Said in so many words, for the three bases that are in use.
_BASES = {
    "base-10": r"log\s?_\s?[{(]?\s?10(?!\d)|log10(?!\d)|base[\s-]*(?:of\s+)?(?:10|ten)\b"
    r"|(?:decimal|common|decadic)\s+log|\blg\b|\b(?:dits?|bans?|hartleys?)\b",
    "base-2": r"log\s?_\s?[{(]?\s?2(?![\d.])|log2\b|base[\s-]*(?:of\s+)?(?:2|two)\b"
    r"|binary\s+log|\bl[bd]\b|\bbits?\b|\bshannons?\b",
    "base-e": r"\\?\bln\b|log\s?_\s?[{(]?\s?e\b|base[\s-]*e\b|natural\s+log|\bnats?\b",
}
# Marks are given in these; a half of one goes to the student.
_QUARTER = 0.25
_NOISE = 1e-9
_DENIED = lazy.pattern(
    r"(?:\bnot|\bnever|n't|\bno|\bthan|\binstead\s+of|\bwithout)\s+(?:\w+\s+)?$", re.I
)


class Settled(NamedTuple):
    """What the mistakes found in an answer come to."""

    credit: float
    recognised: tuple[Recognised, ...]
    say: str


def settle(found: Sequence[Mistake], case: Case) -> Settled:
    """Return what is left when `found` are the mistakes that may explain the answer.

    Where several explain it, the one that costs least counts and all are told. One that was
    charged before in this submission costs nothing.
    """
    recognised = tuple(
        Recognised(mistake.id, mistake.say, charged=not _charged_before(mistake, case))
        for mistake in found
    )
    credit = max(1.0 if _charged_before(mistake, case) else mistake.credit for mistake in found)
    says = list(dict.fromkeys(mistake.say for mistake in found))
    if any(not each.charged for each in recognised):
        says.append(CHARGED_BEFORE)
    return Settled(credit, recognised, " ".join(says))


def joined(one: Settled, other: Settled) -> Settled:
    """Return what is left of the points where two mistakes were made together."""
    say = " ".join(dict.fromkeys((one.say, other.say)))
    return Settled(one.credit * other.credit, one.recognised + other.recognised, say)


def in_quarters(credit: float, check: Check) -> float:
    """Return the share of the points that comes to a number of quarters, as marks are given.

    What the rubric says of one mistake stands as it is said; what is partly right stays so.
    """
    said = any(math.isclose(credit, mistake.credit) for mistake in check.mistakes)
    if said or not 0 < credit < 1 or check.points < 2 * _QUARTER:
        return credit
    marks = math.floor(credit * check.points / _QUARTER + 0.5 + _NOISE) * _QUARTER
    return min(max(marks, _QUARTER), check.points - _QUARTER) / check.points


def _charged_before(mistake: Mistake, case: Case) -> bool:
    return mistake.once is not None and mistake.once in case.charged


def named(name: str, say: str, credit: float, case: Case) -> Mistake:
    """Return the mistake `name` in the rubric's words where it has some, else in ours."""
    for mistake in case.check.mistakes:
        if mistake.id == name:
            return mistake
    return Mistake(id=name, say=say, credit=credit, options={})


def is_stated(text: str, excuse: str | Sequence[str] | None) -> bool:
    """Return whether a plain text says one of the phrases that excuse a mistake.

    `base-10`, `base-2` and `base-e` stand for every way to state a logarithm's base. In a phrase,
    `bias*` is any word that begins so, `|` parts choices, and `...` stands for a few words.
    """
    phrases = [excuse] if isinstance(excuse, str) else excuse or ()
    return any(_says(text, phrase) for phrase in phrases)


def _says(text: str, phrase: str) -> bool:
    return any(
        not _DENIED.search(text, max(0, found.start() - 30), found.start())
        for found in _pattern(phrase).finditer(text)
    )


@lru_cache(maxsize=256)
def _pattern(phrase: str) -> re.Pattern[str]:
    if phrase in _BASES:
        return re.compile(_BASES[phrase], re.IGNORECASE)
    pieces = [_piece(words) for words in re.split(r"\s*(?:\.\.\.|…)\s*", phrase.strip())]
    return re.compile(r"(?<!\w)" + _BETWEEN.join(pieces) + r"(?!\w)", re.IGNORECASE)


# So much of a sentence may stand where a phrase has `...`.
_BETWEEN = r"\b[^.;!?\n]{1,40}?(?<!\w)"


def _piece(words: str) -> str:
    """Return the pattern of words in a row: `bias*` is any word so begun, `|` parts choices."""
    return r"[\s-]+".join(
        "(?:" + "|".join(map(_word, word.split("|"))) + ")"
        for word in re.split(r"[\s-]+", words)
        if word
    )


def _word(written: str) -> str:
    return re.escape(written.removesuffix("*")) + (r"\w*" if written.endswith("*") else "")
