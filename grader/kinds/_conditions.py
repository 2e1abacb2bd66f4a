"""Conditions in words: `1 when x1 is at least 0.5, otherwise it is -1` with the signs it means."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader import lazy
from grader.errors import Unreadable
from grader.formula.reading import Reading

# Longer answers in words are left to a person.
_LONGEST = 2_000
_MORE = r"(?:greater|larger|bigger|higher|more)"
_LESS = r"(?:less|smaller|lower|fewer)"
_IS = r"(?:\b(?:is|are|lies|stays|being|does|of)\s+)?(?:strictly\s+)?"
_NUMBER = r"[-−+]?(?:\d+(?:\.\d*)?|\.\d+)(?:/\d+)?"
_NAME = r"[A-Za-z]\w*(?:_\{\w+\})?"
_SIGNS = (
    (rf"{_IS}\b{_MORE}\s+than\s+or\s+equal(?:\s+to)?\b", " >= "),
    (rf"{_IS}\b{_LESS}\s+than\s+or\s+equal(?:\s+to)?\b", " <= "),
    (rf"{_IS}\bequal\s+to\s+or\s+{_MORE}\s+than\b", " >= "),
    (rf"{_IS}\bequal\s+to\s+or\s+{_LESS}\s+than\b", " <= "),
    (rf"{_IS}\b(?:(?:not?|never)\s+{_LESS}\s+than|at\s+least|not\s+(?:below|under))\b", " >= "),
    (rf"{_IS}\b(?:(?:not?|never)\s+{_MORE}\s+than|at\s+most|not\s+(?:above|over))\b", " <= "),
    (rf"{_IS}\bnot\s+exceed(?:s|ing)?\b", " <= "),
    (rf"{_IS}\b(?:{_MORE}\s+than|exceed(?:s|ing)?)\b", " > "),
    (rf"{_IS}\b{_LESS}\s+than\b", " < "),
    (rf"(?<=\w)\s+{_IS}above\s+(?={_NUMBER})", " > "),
    (rf"(?<=\w)\s+{_IS}below\s+(?={_NUMBER})", " < "),
    (rf"\b(?:is|are)\s+over\s+(?={_NUMBER})", " > "),
    (rf"\b(?:is|are)\s+under\s+(?={_NUMBER})", " < "),
    (r"\b(?:elsewhere|in\s+all\s+other\s+cases|in\s+the\s+other\s+case|if\s+not)\b", "otherwise"),
    (r"\b(otherwise|else)\s*,?\s+(?:it\s+(?:is|gives|equals|becomes)|is|it's)\s+", r"\1 "),
    (rf",?\s(?:and|but|while|whereas)\s+(?={_NUMBER}[^,;<>=≤≥]{{0,20}}\b(?:if|when|for)\b)", ", "),
)
_BETWEEN = lazy.pattern(
    rf"({_NAME})\s+(?:(?:is|lies)\s+)?(?:in\s+)?between\s+({_NUMBER})\s+and\s+({_NUMBER})",
    re.IGNORECASE,
)
_RANGE = rf"([\[(\]])\s*({_NUMBER})\s*[,;]\s*({_NUMBER})\s*([\])\[])"
_WITHIN = lazy.pattern(
    rf"({_NAME})\s*(?:(?:is|lies)\s+)?(?:\b(?:in|within)\b|∈|\\in\b)\s*(?:the\s+\w+\s+)?{_RANGE}",
    re.IGNORECASE,
)
_ON = lazy.pattern(rf"(?<![\w\\])(?:on|for|in|over)\s*{_RANGE}", re.IGNORECASE)
_IT = lazy.pattern(
    r"\b(if|when|whenever|where|for)\s+(?:it|the\s+input|the\s+value|input)\b", re.IGNORECASE
)
_SIDE = lazy.pattern(
    rf"({_NUMBER})\s+(?:(?:for|if|when)\s+)?((?:above|below)\s+{_NUMBER})", re.IGNORECASE
)
_IF_FIRST = lazy.pattern(
    r"(?P<left>^|[:=]\s)\s*(?:if|when)\s+(?P<when>[^,:;\n]{1,60}?)\s*(?:,?\s*\bthen\b|[,:])\s*"
    r"(?:it\s+is\s+)?(?P<value>[^,;\n]{1,60}?)\s*[,;]?\s*\b(?:else|otherwise)\b\s*:?\s*"
    r"(?P<other>[^,;\n]{1,60}?)\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_WORDY = lazy.pattern(
    r"\b(?:than|at\s+(?:most|least)|exceed\w*|above|below|over|under|between|in|on|within|if|when"
    r"|otherwise|elsewhere|else)\b|∈|\\in\b",
    re.IGNORECASE,
)
# What stands behind a formula and goes on with its condition.
_GOES_ON = lazy.pattern(
    r"[\s$,;:]*(?:(?:and|but)\s+)?(?:"
    r"(?:is|are|lies|being)\s+(?:not\s+|strictly\s+)?(?:greater|larger|bigger|higher|less|smaller"
    r"|lower|more|at\s|above|below|over|under|between|within|in\s|inside|outside|positive|negative"
    r"|equal)|(?:greater|larger|bigger|higher|less|smaller|lower|more)\s+(?:than|or)\b"
    r"|at\s+(?:most|least)\b|exceed|otherwise\b|else\b|elsewhere\b|unless\b|except\b"
    r"|(?:if|when|whenever)\b"
    r"|(?:for|on|in|over|where|between)\b[^.\n]{1,40}[,;][^.\n]{1,40}\b(?:for|on|in|over|if|when)\b"
    r")",
    re.IGNORECASE,
)
_CONSTANT = lazy.pattern(r"[-+−\d\s./^(){}$]*")
_WORD = lazy.pattern(r"(?<![\\A-Za-z])(?!text)[A-Za-z]{3,}|(?<![A-Za-z])[xztu]\d?(?![A-Za-z])")
_DANGLES = lazy.pattern(rf"\b(?:if|when|whenever|unless)\s+{_NAME}[\s$.,;]*$", re.IGNORECASE)


def in_signs(text: str, names: Sequence[str]) -> str:
    """Return a text with the signs that its words of comparison mean."""
    if len(text) > _LONGEST or not _WORDY.search(text):
        return text
    text = _WITHIN.sub(lambda found: _chain(*found.groups()), text)
    if len(names) == 1:
        text = _IT.sub(rf"\1 {names[0]}", text)
        text = _ON.sub(lambda found: f"for {_chain(names[0], *found.groups())}", text)
        text = _SIDE.sub(rf"\1 for {names[0]} \2", text)
    text = _BETWEEN.sub(r"\2 <= \1 <= \3", text)
    for words, sign in _SIGNS:
        text = re.sub(words, sign, text, flags=re.IGNORECASE)
    return _IF_FIRST.sub(r"\g<left>\g<value> if \g<when> else \g<other>", text)


def _chain(name: str, opening: str, low: str, high: str, closing: str) -> str:
    """Return an interval as inequalities; ]a, b[ is open as (a, b) is."""
    return (
        f"{low} {'<=' if opening == '[' else '<'} {name} {'<=' if closing == ']' else '<'} {high}"
    )


def whole(reading: Reading) -> Reading:
    """Return a formula; raise Unreadable where its condition goes on in words, or is elsewhere."""
    end = reading.start + len(reading.taken)
    before = reading.text[: reading.start].rpartition("\n")[2]
    rest = reading.text[end:].partition("\n")[0]
    others = before.replace(reading.left, "", 1) + rest
    is_cut = _GOES_ON.match(rest) or _DANGLES.search(reading.taken)
    is_aside = _CONSTANT.fullmatch(reading.taken) and _WORD.search(others)
    if is_cut or is_aside:
        raise Unreadable(
            "the condition is in words that were not understood", text=reading.text, position=end
        )
    return reading
