"""A student's text as a judge reads it: words in their clauses, and what looks odd about it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple

from grader import lazy
from grader.kinds._negation import BREAKS, FUNCTION, LITTLE, bag, polarity
from grader.kinds._scan import PAUSE, STOP, Tokens, scan
from grader.kinds._words import stem

# Far more than an exam answer; what stands behind it is not read, and the answer is flagged.
LONGEST = 6000


class Prose(NamedTuple):
    """A text as words, each with what stands before it and whether it is denied.

    `words` are folded, and empty where a passage does not count (a copied question).
    `before` is the strongest mark before a word. A gap in a pattern stays within one `stretch`.
    `content[i]` counts the words among the first i that carry meaning.
    `denied` words stand under a negation; `subject` words are what a negated verb speaks of, more
    or less surely. `told` holds both, 3 * denied + subject, and nothing where nothing is denied.
    """

    text: str
    words: Sequence[str]
    stems: Sequence[str]
    spans: Sequence[tuple[int, int]]
    before: Sequence[int]
    sentence: Sequence[int]
    stretch: Sequence[int]
    content: Sequence[int]
    denied: Sequence[bool]
    subject: Sequence[int]
    told: Sequence[int]
    alarms: Sequence[str] = ()

    def quote(self, start: int, end: int) -> str:
        """Return the student's own words from word `start` up to word `end`."""
        return self.text[self.spans[start][0] : self.spans[end - 1][1]]

    def clause_start(self, at: int) -> int:
        """Return the first of the denied words that a word stands among, with what denies them."""
        while at > 0 and self.denied[at] and self.sentence[at - 1] == self.sentence[at]:
            at -= 1
        return at

    def parted(self, left: int, right: int) -> bool:
        """Return whether a break that no gap crosses lies between two words."""
        if self.stretch[left] == self.stretch[right]:
            return False
        # The breaking word itself may be asked for: "training ... while test".
        opens = self.words[right] in BREAKS and self.before[right] < STOP
        return not (opens and self.stretch[right] == self.stretch[left] + 1)

    def between(self, left: int, right: int) -> int:
        """Return how many words of meaning stand between two words."""
        return self.content[right] - self.content[left + 1]


_SENTENCE_END = lazy.pattern(r"[.?!;:\n]\s+")
_PLAIN_WORD = lazy.pattern(r"[^\W_]+")
# Characters that no one sees; those that word processors leave behind are no sign of anything.
_HIDDEN = lazy.pattern(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\U000e0000-\U000e007f]"
)
_LEFTOVERS = lazy.pattern("[\u00ad\ufeff\ufe0e\ufe0f\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_VARIANTS = frozenset("\ufe0e\ufe0f")  # printable, but leftovers
_HIDING = lazy.pattern(
    r"<[^<>]{1,200}(?:display\s?:\s?none|visibility|opacity|font-size\s?:\s?0|color\s?:\s?"
    r"(?:white|#f{3}))|<!--",
    re.IGNORECASE,
)
_ADDRESSED = lazy.pattern(
    r"""
      \b(?:ignore|disregard|forget|override|bypass)\W{1,3}(?:\w{1,20}\W{1,3}){0,4}
          (?:instruction|prompt|rubric|guideline|criteria)
    | \b(?:give|award|assign|grant|deserve)s?\W{1,3}(?:\w{1,20}\W{1,3}){0,4}
          (?:marks?\b|credits?\b|grade|(?:full|all|max\w{0,4})\ (?:point|score)s?\b)
    | \bfull\W{1,3}(?:mark|credit|grade|score|point)s?\b
    | \bmax(?:imum)?\W{1,3}(?:marks|credit|grade)
    | \b(?:all|every|100|10)\W{1,3}(?:the\ |of\ the\ )?(?:marks|credits?)\b
    | \b(?:dear|hello|hi|hey|note\ to|please)\W{1,3}(?:the\ )?
          (?:grader|professor|prof|teacher|examiner|instructor|marker|ta|sir|madam)\b
    | \b(?:mark|grade|score)\W{1,3}(?:this|it|my\ answer|the\ answer|me)\b\W{1,3}
          (?:\w{1,20}\W{1,3}){0,3}(?:correct|right|full)
    | \bsystem\ prompt\b | \blanguage\ model\b | \bas\ an\ ai\b | \bauto-?grader\b
    | \bgrading\ (?:script|system|software|criteria|rubric|bot)\b
    | (?:^|\n)\W{0,3}(?:system|assistant|instruction|grader)s?\ ?:
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Without one of these words nothing speaks to the grader, and the search is not worth its time.
_TELLTALE = bag(
    """
    instruction instructions prompt prompts rubric guideline guidelines criteria mark marks credit
    credits grade grades full max maximum grader professor prof teacher examiner instructor marker
    ta sir madam language ai autograder grading system systems assistant points
    """
)
_NO_ANSWER = lazy.pattern(
    r"""
      (?:sorry\ )?(?:i\ )?(?:realy\ |honestly\ )?(?:do|did|can|could)\ not\ (?:realy\ )?
          (?:know|remember|recal|understand|have\ (?:an?\ |the\ )?(?:answer|idea)|answer|get)
          (?:\ (?:the|this|that|it|how|what|why|to|answer|answers|question|here|part|sory)){0,5}
    | idk | dont\ know | dunno | (?:i\ have\ )?no\ (?:idea|clue|answer) | (?:i\ am\ )?(?:realy\ )?
          not\ (?:quite\ |realy\ )?sure | unsure | n\ a | na | none | nothing | nil | blank | skip
    | skiped | pas | todo | tbd | to\ do | no\ solution | not\ (?:answered|atempted) | (?:x\ ?)+
    """,
    re.VERBOSE,
)
# Only texts that begin with one of these, or with `x`, can say so.
_REFUSING = bag(
    """
    sorry i really honestly do did can could idk dont dunno no not unsure n na none nothing nil
    blank skip skipped pass todo tbd to
    """
)
_LONGEST_REFUSAL = 12
# A sentence with most of its word sequences in the question was copied from there.
_COPIED_SEQUENCES = 0.8
_SEQUENCE = 4
_WHOLE_SENTENCE = 3
_SHORTEST_LIST = 8
# A text of this length says each of its words a few times at most, counted over all of them.
_LONG_LIST = 60
_VERDICT_WORDS = 2
_FEW_WORDS = 0.2
_FEW_LITTLE = 0.05
_MOSTLY = 0.6
_INFLECTED = 0.2
_ENDINGS = ("s", "ed", "ing")
_SIGNS = frozenset(("<", ">", "=", "<=", ">=", "→", "upward", "downward"))


def compose(text: str, question: Iterable[str]) -> Prose | None:
    """Return an answer as prose, or None where it says nothing: blank, "I don't know", copied.

    `question` holds the question's own texts; sentences copied from there do not count.
    """
    alarms = []
    if len(text) > LONGEST:
        text = text[:LONGEST]
        alarms.append("unusually long")
    if not _is_plain(text):
        if _HIDDEN.search(text) or _HIDING.search(text):
            alarms.append("hidden characters")
        text = _LEFTOVERS.sub("", _HIDDEN.sub("", text))
    text = _composed(text)[:LONGEST]
    tokens = scan(text)
    sentence = _sentences(tokens)
    addressed = _addressed(text, tokens, sentence)
    if addressed:
        alarms.append("text addressed to the grader")
    silent = addressed | _copied(text, tokens, question)
    asked = {sentence[at] for at in tokens.asked} - silent
    if asked:
        # Beside a question, a verdict alone is no answer to it: "False. Real or fake?" is one.
        if sum(at not in silent and at not in asked for at in sentence) > _VERDICT_WORDS:
            silent |= asked
        else:
            alarms.append("a question instead of an answer")
    words: Sequence[str] = tokens.words
    if silent:
        words = ["" if at in silent else word for word, at in zip(words, sentence, strict=True)]
    if not addressed and _says_nothing(words):
        return None
    return _prose(text, tokens, sentence, words, alarms)


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _is_plain(text: str) -> bool:
    """Return whether nothing may be hidden in a text: no tags, and no characters without looks."""
    seen = text.replace("\n", " ").isprintable() and "<" not in text
    return seen and (text.isascii() or _VARIANTS.isdisjoint(text))


def is_list_of_keywords(prose: Prose, hits: int, *, is_terse: bool) -> bool:
    """Return whether a text strings words together of which `hits` are asked for."""
    if not is_terse and len(prose.words) < _LONG_LIST:
        return False
    words = [word for word in prose.words if word]
    if len(words) >= _LONG_LIST and len(set(words)) <= _FEW_WORDS * len(words):
        return True
    if not is_terse or hits < _MOSTLY * len(words):
        return False
    pieces = 1 + sum(mark >= PAUSE for mark in prose.before[1:])
    inflected = sum(word.endswith(_ENDINGS) and len(word) > 3 for word in words)
    return inflected < _INFLECTED * len(words) or len(words) <= 2 * pieces


def is_terse(prose: Prose) -> bool:
    """Return whether a text has none of the little words and signs that make a sentence."""
    if len(prose.words) < _SHORTEST_LIST:
        return False
    words = [word for word in prose.words if word]
    return (
        len(words) >= _SHORTEST_LIST
        and sum(map(FUNCTION.__contains__, words)) <= _FEW_LITTLE * len(words)
        and _SIGNS.isdisjoint(words)
    )


def _prose(
    text: str, tokens: Tokens, sentence: Sequence[int], words: Sequence[str], alarms: Sequence[str]
) -> Prose:
    marks = polarity(words, tokens.before)
    return Prose(
        text=text,
        words=words,
        stems=list(map(stem, words)),
        spans=tokens.spans,
        before=tokens.before,
        sentence=sentence,
        stretch=_stretches(words, tokens.before, sentence),
        content=list(accumulate([word not in LITTLE for word in words], initial=0)),
        denied=marks.denied,
        subject=marks.subject,
        told=marks.told(),
        alarms=tuple(alarms),
    )


def _sentences(tokens: Tokens) -> list[int]:
    """Return for each word the number of its sentence."""
    return list(accumulate([mark == STOP for mark in tokens.before]))


def _stretches(
    words: Sequence[str], before: Sequence[int], sentence: Sequence[int]
) -> Sequence[int]:
    """Return for each word the number of its stretch: a sentence, or a part of it up to a break."""
    if BREAKS.isdisjoint(words):
        return sentence
    return list(
        accumulate(
            [mark == STOP or word in BREAKS for word, mark in zip(words, before, strict=True)]
        )
    )


def _addressed(text: str, tokens: Tokens, sentence: Sequence[int]) -> set[int]:
    """Return the sentences that speak to whoever grades."""
    if _TELLTALE.isdisjoint(tokens.words):
        return set()
    places = [match.span() for match in _ADDRESSED.finditer(text)]
    if not places:
        return set()
    return {
        number
        for number, (start, end) in zip(sentence, tokens.spans, strict=True)
        if any(start < until and since < end for since, until in places)
    } or {-1}


def _copied(text: str, tokens: Tokens, question: Iterable[str]) -> set[int]:
    """Return the sentences that only repeat the question."""
    asked = _asked(tuple(question))
    spans = tokens.spans
    starts = [at for at, mark in enumerate(tokens.before) if mark == STOP]
    found = set()
    for number, (start, end) in enumerate(pairwise([*starts, len(spans)]), 1):
        if not asked.spoken.issuperset(tokens.words[start:end]):
            continue
        words = _PLAIN_WORD.findall(text[spans[start][0] : spans[end - 1][1]].casefold())
        if len(words) < _WHOLE_SENTENCE or not asked.words.issuperset(words):
            continue
        known = _sequences(words)
        copied = sum(sequence in asked.sequences for sequence in known)
        if copied >= _COPIED_SEQUENCES * len(known) and (
            len(words) > _SEQUENCE or words in asked.sentences
        ):
            found.add(number)
    return found


class _Asked(NamedTuple):
    """The words of a question: each of them, those of its sentences, and those in a row.

    `spoken` are its words as they are read in an answer.
    """

    spoken: frozenset[str]
    words: frozenset[str]
    sentences: Sequence[Sequence[str]]
    sequences: frozenset[tuple[str, ...]]


# The answers of a class are to the same questions.
@lru_cache(256)
def _asked(question: tuple[str, ...]) -> _Asked:
    texts = [source.casefold() for source in question]
    asked = [_PLAIN_WORD.findall(source) for source in texts]
    return _Asked(
        frozenset(word for source in question for word in scan(_composed(source)).words),
        frozenset(word for words in asked for word in words),
        [_PLAIN_WORD.findall(part) for each in texts for part in _SENTENCE_END.split(each)],
        frozenset(sequence for words in asked for sequence in _sequences(words)),
    )


def _sequences(words: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(words[at : at + _SEQUENCE]) for at in range(len(words) - _SEQUENCE + 1)]


def _says_nothing(words: Sequence[str]) -> bool:
    first = next(filter(None, words), "")
    if first not in _REFUSING and first.strip("x"):
        return False
    said = [word for word in words if word]
    if len(said) > _LONGEST_REFUSAL:
        return False
    return not said or _NO_ANSWER.fullmatch(" ".join(said)) is not None
