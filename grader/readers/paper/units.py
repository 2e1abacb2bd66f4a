"""Paragraphs, tables and formulas of a passage, and the sentences of a paragraph."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from grader import lazy
from grader.readers.paper.blocks import Kind, Line
from grader.readers.paper.cues import VERBS

# Sentences of a question stand at the beginning of a paragraph; what is looked at is bounded.
_READ_CHARS = 6_000
_SENTENCE_CHARS = 600

_EMPTY = (Kind.BLANK, Kind.RULE)
_LEAST_ROWS = 2
_CELL_WORDS = 3


class Form(Enum):
    """What a unit of a text consists of."""

    PROSE = "prose"
    FORMULA = "formula"
    TABLE = "table"
    CODE = "code"
    FIGURE = "figure"


@dataclass(frozen=True, slots=True)
class Unit:
    """Lines that belong together: a paragraph, a list item's text, a table, a formula."""

    form: Form
    first: int
    end: int
    text: str
    is_nested: bool  # a list item, or within one, below the passage's first line


_FORMULA = lazy.pattern(r"(?:\$\$.*\$\$|\$[^$]*\$|\\\[.*\\\]|\\\(.*\\\))[ \t.,;]*")
_FIGURE = lazy.pattern(r"!\[[^\]]*\]\([^)]*\)|!\[\[[^\]]*\]\]|<img\b[^>]*>|<figure\b.*")
_BAR_ROW = lazy.pattern(r"[ \t]*\|.*\|[ \t]*")


def form_of(line: Line) -> Form:
    """Return what a line that is not blank consists of."""
    body = line.body.strip()
    if line.kind is Kind.CODE:
        return Form.CODE
    if line.kind is Kind.MATH or (body[:1] in "$\\" and _FORMULA.fullmatch(body)):
        return Form.FORMULA
    if line.kind is Kind.TABLE or "\t" in line.body or _BAR_ROW.fullmatch(line.text):
        return Form.TABLE
    if body.startswith("<t") or _FIGURE.fullmatch(body):
        return Form.FIGURE
    return Form.PROSE


def units(lines: Sequence[Line]) -> list[Unit]:
    """Return the units of a passage, in order."""
    found: list[Unit] = []
    forms = _forms(lines)
    start, form = 0, None
    for index, (line, here) in enumerate(zip(lines, forms, strict=True)):
        above = lines[index - 1].kind if index else None
        begins = line.item is not None or Kind.HEADING in (line.kind, above)
        if form is not None and (here is not form or (begins and here is Form.PROSE)):
            found.append(_unit(form, start, index, lines))
            form = None
        if form is None and here is not None:
            start, form = index, here
    if form is not None:
        found.append(_unit(form, start, len(lines), lines))
    return found


def _forms(lines: Sequence[Line]) -> list[Form | None]:
    """Return what each line consists of; None where it is blank."""
    forms = [None if line.kind in _EMPTY else form_of(line) for line in lines]
    if Form.TABLE not in forms:
        return forms
    start = 0
    for index in range(len(lines) + 1):
        if index == len(lines) or forms[index] not in (Form.TABLE, Form.PROSE):
            _complete_table(lines, forms, start, index)
            start = index + 1
    return forms


def _complete_table(lines: Sequence[Line], forms: list[Form | None], start: int, end: int) -> None:
    """Count rows of one cell to the table that they stand in, or right above and below it."""
    rows = [index for index in range(start, end) if forms[index] is Form.TABLE]
    if len(rows) < _LEAST_ROWS:
        return
    for index in range(max(start, rows[0] - 1), end):
        inside = rows[0] < index < rows[-1]
        if inside or _is_cell(lines[index].body):
            forms[index] = Form.TABLE


def _is_cell(text: str) -> bool:
    return len(text.split()) <= _CELL_WORDS and not (asks(text) or claims(text))


def _unit(form: Form, start: int, end: int, lines: Sequence[Line]) -> Unit:
    text = "\n".join(line.body for line in lines[start:end])
    nested = lines[start].depth > lines[0].depth or lines[start].item is not None
    return Unit(form, start, end, text, start > 0 and nested)


# --- sentences -------------------------------------------------------------------------------

_ORDERS = lazy.pattern(
    rf"(?:\W|\d{{1,2}}(?![\d.,]*\d)|\b[a-z]\))*+(?:now\s+|first\s+)?(?:{VERBS})\b", re.IGNORECASE
)
_ASKING = (
    "what|which|whose|whom?|why|how|when|where|is|are|was|were|do|does|did|can|could|will|would"
    "|should|shall|might|has|have|had|welche[rsmn]?|wer|wie|warum|wieso|weshalb|wann|wo|ist"
    "|sind|kann|können|hat|haben|wird|werden|gilt|que|quoi|quels?|quelles?|qu['’]|pourquoi|comment"
    "|quand|combien|est-ce|peut|qué|cuál(?:es)?|cómo|cuándo|por qué|cosa|quale|come|perché|quando"
    "|qual|quais"
)
# Words with which a question may begin before that: `At what point`, `If so, what`, `And in which`.
_INTERROGATIVE = lazy.pattern(
    r"\A(?:\W|\d+[.)]|\b(?:at|in|for|to|of|on|by|under|from|with|as|and|or|so|then|now|also|but|zu|bei|für"
    rf"|à|de|en|per|em)\b)*+(?:{_ASKING})(?![^\W_])",
    re.IGNORECASE,
)
_ASKS_THEN = lazy.pattern(
    r"[,;:–—-]\s+(?:at|in|to|by|then)?\s*(?:what|which|why|how|is|are|does|do|did|can|will|would|should)"
    r"\s+\S+\s+\S",
    re.IGNORECASE,
)
_ASKING_SIGNS = lazy.pattern("[¿什何哪吗怎か]")
# What a variable does, as answers tell it: the question itself asks for that.
_OUTCOME = lazy.pattern(
    r"\b(?:(?:in|de)creases|falls|drops|rises|grows|shrinks|sinks|declines|improves|worsens|gets"
    r"|goes (?:up|down)|becomes (?:higher|lower|better|worse|smaller|larger)|steigt|sinkt|fällt"
    r"|wächst|augmente|diminue|baisse|aumenta|disminuye|diminuisce|cresce|diminui)\b",
    re.IGNORECASE,
)
_VALUE = lazy.pattern(r"[^\w]{0,3}\d+[.,]\d")  # a question begins with no value
_ASKS = lazy.pattern(
    rf"(?:[,;:]|\bthen)\s+(?:{VERBS})\b|\b(?:please|kindly|bitte)\b", re.IGNORECASE
)
_MARKS = lazy.pattern(
    r"[(\[]\s*\d{1,3}(?:[.,]\d)?\s*(?:p[a-z]{0,6}|marks?|%?\s*of\s+the\s+marks|分)\.?\s*[)\]]"
    # Marks out of marks, but not the fraction of a computation, nor a point in a list of points:
    # log2(1/10) = 3.32 and (0,0), (0,1/3), (1,1)
    r"|(?<![\w}^*/+-])(?<![,;]\s)(?<![,;])"
    r"[(\[]\s*\d{1,3}(?:[.,]\d)?\s*/\s*\d{1,3}\.?\s*[)\]](?!\s*[=≈*/^+,;-])",
    re.IGNORECASE,
)
_CLAIM = lazy.pattern(
    r"(?:\W|\b[a-z0-9]{1,2}[.)]\s)*(?:(?:true(?!\s+(?:labels?|values?|class|distribution|or)\b)"
    r"|false(?!\s+(?:positive|negative|class|or)s?\b)|yes|no|nope|yeah|correct|incorrect|wrong"
    r"|my answer|(?:final |our )?answer|ans|solution|sol|because|since)\b|[tf](?=[\s.,:;)]|$))",
    re.IGNORECASE,
)
_SHOUTED = lazy.pattern(r"\b(?:TRUE|FALSE)\b(?!\s*(?:or|OR|/))")
_DENIAL = lazy.pattern(r"\b(?:not|never|cannot)\b|n['’]t\b", re.IGNORECASE)
_MARKER_WORD = (
    r"\W*(?:(?:my|final|our|student'?s?)\s+)?(?:answers?|ans|solution|sol|response|réponse|antwort"
    r"|lösung|respuesta|答案?|解)"
)
_MARKER = lazy.pattern(_MARKER_WORD + r"\W{0,3}[:：.]", re.IGNORECASE)
_MARKER_ALONE = lazy.pattern(_MARKER_WORD + r"\W{0,4}", re.IGNORECASE)
_BREAK = lazy.pattern(
    r"(?<=[.?!:])(?<!\bvs\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bcf\.)(?<!\bresp\.)(?<!\bapprox\.)"
    r"(?<!^[a-zA-Z0-9]\.)"
    r"[\"')\]*_]*[ \t]+(?=\S)|(?<![ \t])[ \t]+[-–—→⇒]+>?[ \t]+|(?<=[.?!:])[ \t]*\n[ \t]*"
    r"|\n[ \t]*(?![a-zß-öø-ÿ])|\n[ \t]*(?=[a-z][.)][ \t])",
    re.MULTILINE,
)


# What may stand between a question and the answer in the same paragraph.
_GAP = lazy.pattern(r"[\"')\]*_.:;,]*\s*(?:[-–—→⇒]+>?\s+)?")


@lru_cache(maxsize=64)
def sentences(text: str) -> Sequence[tuple[int, int]]:
    """Return where each sentence of a text begins and ends."""
    found = []
    start = 0
    for gap in _BREAK.finditer(text, 0, _READ_CHARS):
        begin, end = gap.span()
        if begin > start:
            found.append((start, begin))
            start = end
    return (*found, (start, len(text)))


def after_gap(text: str, position: int) -> int:
    """Return where a text goes on behind the end of a sentence."""
    found = _GAP.match(text, position)
    return found.end() if found else position


def asks(sentence: str) -> bool:
    """Return whether a sentence is a question or an order, as those of exams are."""
    bare = _unmarked(sentence).rstrip(" *_\"')")
    if bare.endswith("?") or _VALUE.match(bare):
        return bare.endswith("?")
    return bool(_ORDERS.match(bare) or _ASKS.search(bare[:600]))


def inquires(sentence: str) -> bool:
    """Return whether a sentence is a question or an order by its build, not by its sign alone.

    `It falls, doesn't it?` and an unsure statement with a question mark are none.
    """
    bare = _unmarked(sentence).strip(" *_\"')([]")
    if not bare.endswith(("?", "？")):
        return asks(sentence)
    start = bare[:_SENTENCE_CHARS]
    return any(each.search(start) for each in (_INTERROGATIVE, _ASKS_THEN, _ASKING_SIGNS))


def outcomes(sentence: str) -> list[str]:
    """Return the words of a sentence that tell what becomes of something: `falls`, `steigt`."""
    return _OUTCOME.findall(sentence[:_SENTENCE_CHARS])


def claims(sentence: str) -> bool:
    """Return whether a sentence says true, false, yes or no, as no question does."""
    bare = _unmarked(sentence[:400])
    return bool(_CLAIM.match(bare[:80]) or _SHOUTED.search(bare))


def _unmarked(sentence: str) -> str:
    """Return a sentence without the marks that it begins with."""
    found = _MARKS.match(sentence.lstrip(" *_-")) if sentence.lstrip(" *_-")[:1] in "[(" else None
    return sentence.lstrip(" *_-")[found.end() :] if found else sentence


def denies(sentence: str) -> bool:
    """Return whether a sentence holds a negation."""
    return _DENIAL.search(sentence[:600]) is not None


def is_marker(sentence: str, *, alone: bool = False) -> bool:
    """Return whether a sentence begins with (or is) a word that announces an answer: `Answer:`."""
    if alone:
        return _MARKER_ALONE.fullmatch(sentence, 0, 60) is not None and len(sentence) <= 60
    return _MARKER.match(sentence, 0, 60) is not None


def marks(text: str) -> list[tuple[int, int]]:
    """Return where a text names the marks of a question: `[10 pts]`."""
    if "[" not in text and "(" not in text:
        return []
    return [found.span() for found in _MARKS.finditer(text, 0, _READ_CHARS)]


def without_marks(text: str) -> str:
    """Return a text without the marks of a question."""
    return _MARKS.sub("", text).strip()
