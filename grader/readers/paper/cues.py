"""What a question's own text can be known by: its words, and short phrases that are printed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from grader import lazy
from grader.model import Question
from grader.readers.paper.fields import key
from grader.readers.paper.kept import per_question

# A table that is filled in repeats the names of the printed one, beside as many numbers.
_TABLE_SHARE = 0.7
_TABLE_WORDS = 6
# What a text is worth in which nearly all of a printed cue stands.
_CUE_SHARE = 0.6
_CUE_COMMON = 0.8
# An answer may well hold a shorter cue.
_SURE_WORDS = 3
# A quotation is the prompt where so much of it is, and so much of the prompt is in it.
_QUOTED = 0.85
_QUOTED_OF = 0.6
# More of a text says nothing new about whose it is.
_READ_CHARS = 6_000


@dataclass(frozen=True, slots=True)
class Cues:
    """What a question's own text can be known by."""

    words: frozenset[str]
    title: str
    quotation: frozenset[str]  # the lines that the blank sheet prints
    prompt: frozenset[str]  # the words in them
    phrases: tuple[frozenset[str], ...]
    formulas: frozenset[str]

    def share(self, text: str, common: frozenset[str] = frozenset()) -> float:
        """Return which share of the words of a text, but for some, also stand in the question."""
        found = [word for word in words(text[:_READ_CHARS]) if word not in common]
        if not found:
            return 0.0
        own = sum(map(self.words.__contains__, found)) / len(found)
        return max(own, self._phrase_share(frozenset(found)))

    def _phrase_share(self, found: frozenset[str]) -> float:
        """Return what a text is worth by the cues in it."""
        return _CUE_SHARE if any(is_cue(phrase, found) for phrase in self.phrases) else 0.0

    def cites(self, text: str) -> bool:
        """Return whether a text surely is the question's: a cue of some length is in it."""
        found = frozenset(words(text[:_READ_CHARS]))
        return any(len(cue) >= _SURE_WORDS and is_cue(cue, found) for cue in self.phrases)

    def is_prompt(self, text: str) -> bool:
        """Return whether a quotation is the prompt, or nearly all of it, perhaps rewrapped."""
        found = frozenset(words(text[:_READ_CHARS]))
        common = len(found & self.prompt)
        return common >= _QUOTED * len(found) and common >= _QUOTED_OF * len(self.prompt)

    def is_table(self, text: str) -> bool:
        """Return whether a table is the question's: a cue stands in it, or little else."""
        top = "\n".join(text.split("\n", 3)[:3])
        if self._phrase_share(frozenset(words(top))):
            return True
        found = words(text[:_READ_CHARS])
        return len(found) >= _TABLE_WORDS and self.share(text) >= _TABLE_SHARE


def is_cue(phrase: frozenset[str], found: frozenset[str]) -> bool:
    """Return whether nearly all words of a cue were found."""
    common = len(phrase & found)
    return common >= 2 and common >= _CUE_COMMON * len(phrase)


@per_question
def cues(question: Question) -> Cues:
    """Return what the text of a question can be known by."""
    # Further letters are the answers' own words: they say nothing of whose a line is. A sheet that
    # was printed before it named them is the question's as well.
    former = [*question.prompt.strip().split("\n"), f"Notation: {_plainly(question)}."]
    texts = (question.title, *former, *question.printed)
    labels = (label for name, others in question.fields.items() for label in (name, *others))
    return Cues(
        _vocabulary(texts) | {_math_word(each) for each in labels},
        question.title,
        frozenset(line.strip() for line in (*quotation(question), *former)),
        _vocabulary(tuple(former)),
        tuple(_vocabulary((text,)) for text in question.printed),
        frozenset(_formulas(question)),
    )


@lru_cache(maxsize=1024)
def _vocabulary(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for text in texts for word in words(text))


def _formulas(question: Question) -> Iterator[str]:
    for name, value in question.define.items():
        yield formula_key(f"{name}={value}")
    for cue in question.printed:
        if "=" in cue:
            yield formula_key(cue)


def formula_key(text: str) -> str:
    """Return what all spellings of a printed formula have in common."""
    return key(text.strip().rstrip(".,;")).replace("(", "").replace(")", "").rstrip(".,;")


def quotation(question: Question) -> list[str]:
    """Return what the blank sheet prints of a question, line by line."""
    lines = question.prompt.strip().split("\n")
    if notation := _notation(question):
        lines += ["", f"Notation: {notation}."]
    return lines


def _notation(question: Question) -> str:
    """Return the symbols with their shapes, and what is defined: `x (n, m), t or y; also z, a`."""
    symbols = ", ".join(
        _symbol(" or ".join([name, *_further(value)]), value)
        for name, value in question.symbols.items()
    )
    defined = ", ".join(question.define)
    return f"{symbols}; also {defined}" if symbols and defined else symbols or defined


def _plainly(question: Question) -> str:
    return ", ".join(_symbol(name, value) for name, value in question.symbols.items())


def _further(value: object) -> list[str]:
    return list(value.get("also", ())) if isinstance(value, dict) else []


def _symbol(name: str, value: object) -> str:
    shape = value.get("shape") if isinstance(value, dict) else value
    if isinstance(shape, list | tuple) and shape:
        return f"{name} ({', '.join(str(size) for size in shape)})"
    return name


_WORD = lazy.pattern(r"\d[\d.,]*|[^\W\d_][^\W_]*(?:[-'’][^\W_]+)*")
_MATH = lazy.pattern(r"\$\$?(?P<inside>[^$]{1,80})\$\$?")
VERBS = (
    "calculate|compute|derive|determine|evaluate|explain|discuss|describe|give|show|prove|verify"
    "|find|state|write|draw|sketch|list|compare|justify|indicate|complete|fill|implement|finish"
    "|rewrite|propose|suggest|recommend|outline|argue|select|choose|construct|design|extend|modify"
    "|interpret|illustrate|specify|decide|identify|name|define|estimate|plot|simplify|express|mention|comment"
    "|berechne|zeige|calcule|explique|calcula|explica"
)
_STOP = """
a an and are as at be been but by can could did do does each for from had has have how i if in into
is it its let may of on one or our over please s so such than that the their them then there these
they this those to under up us use used using was we were what when where which who why will with
would you your following given answer question part number any all
"""
_STOP_WORDS = frozenset(_STOP.split()) | frozenset(VERBS.split("|"))
_ENDINGS = ("ations", "ation", "ions", "ion", "ings", "ing", "ed", "es", "e", "s", "ly")


@lru_cache(maxsize=1024)
def words(text: str) -> tuple[str, ...]:
    """Return the words of a text that carry meaning, without their endings."""
    text = _MATH.sub(lambda found: f" {_math_word(found['inside'])} ", text)
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = "".join(char for char in text if not unicodedata.combining(char))
    return tuple(filter(None, map(_meaning, _WORD.findall(text))))


_NO_WORD = lazy.pattern(r"[\W_]")


def _math_word(formula: str) -> str:
    """Return a short formula as one word; a long one is no word."""
    spelled = _NO_WORD.sub("", key(formula)).lower()
    return spelled if len(spelled) <= 12 else ""


@lru_cache(maxsize=4096)
def _meaning(word: str) -> str:
    """Return a word without its ending, or nothing where it carries no meaning."""
    word = word.lower().rstrip(".,")
    if word in _STOP_WORDS or (len(word) == 1 and not word.isdigit()):
        return ""
    word = word.replace("-", "").replace("z", "s")
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)]
            break
    return word[:-1] if word[-1:] == word[-2:-1] else word
