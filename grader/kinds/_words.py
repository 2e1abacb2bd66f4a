"""How two words are the same word: spellings folded, endings cut off, slips of the pen forgiven."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from grader import lazy

# Two letters of one consonant count as one ("modelling", "occured"); `ss` tells loss from lose.
_DOUBLED = lazy.pattern(r"([bcdfgjklmnpqrtvwxz])\1+")
_VOWEL = lazy.pattern(r"[aeiouy]")
_ACCENTS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "bar"}

# From these lengths on a word may hold one slip, or two: shorter words have too many neighbours.
_ONE_SLIP = 5
_TWO_SLIPS = 9
_PREFIX_CHECK = 2
# The answers of a class share most of their words.
_REMEMBERED = 4096


def _plain(char: str) -> str:
    if unicodedata.combining(char):
        return _ACCENTS.get(char, "")
    return char


def _once(doubled: re.Match[str]) -> str:
    return doubled[1]


@lru_cache(_REMEMBERED)
def fold(word: str) -> str:
    """Return `word` without case, accents, doubled consonants and British or American habits."""
    word = word.casefold()
    if not word.isascii():
        word = unicodedata.normalize("NFKD", word).casefold()
        word = "".join(_plain(char) for char in word)
    if len(word) < 3 or not word.isalpha():
        return word
    if word != "off":
        word = _DOUBLED.sub(_once, word)
    word = word.replace("z", "s")
    return word.replace("our", "or") if len(word) > 5 else word


_FORMS = {
    "become": "became",
    "begin": "began",
    "choose": "chosen chose",
    "fall": "fallen fell",
    "feed": "fed",
    "find": "found",
    "give": "gave given",
    "go": "goes gone went",
    "grow": "grew grown",
    "hold": "held",
    "index": "indices",
    "keep": "kept",
    "lead": "led",
    "learn": "learnt",
    "make": "made",
    "matrix": "matrices",
    "mean": "meant",
    "rise": "risen rose",
    "see": "saw seen",
    "shrink": "shrank shrunk",
    "take": "taken took",
    "think": "thought",
    "tell": "told",
}
_IRREGULAR = {fold(form): fold(verb) for verb, forms in _FORMS.items() for form in forms.split()}


# Of "-s", "-ed", "-ing" and "-e": most words end in no ending at all.
_LAST_LETTERS = "sdge"


@lru_cache(_REMEMBERED)
def stem(word: str) -> str:
    """Return a folded word without the ending of its plural, tense or participle."""
    if len(word) < 3 or not word.isalpha():
        return word
    word = _IRREGULAR.get(word, word)
    if word[-1] not in _LAST_LETTERS:
        return word
    if len(word) > 4 and word.endswith(("ies", "ied")):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes", "ases")):
        word = word[:-2]
    elif len(word) > 3 and word.endswith("s") and word[-2] not in "siu" and word[-2:] != "as":
        word = word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            bare = word[: -len(ending)]
            if _VOWEL.search(bare):
                word = bare
            break
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


# Words that are spelled rightly though a technical word is one or two letters away.
_SPELLED_RIGHTLY = """
about after again against always another approach around because become been before being below
better between brain cannot cause class clear clever close closer could course data derivation
derived different discriminate discriminative does done drain during each either equal even ever
every exact example extra face fact fail failed failing fails falls false fast faster feature
features final find finite first fit fits fitting fixed follow form former forms found from
general generate generated generates generating generation generative generator given gives
glass good great hand hard harder have height hence here high higher however image images
important infinite instead just keep keeps kind know known large larger last late later layer
learn least leave less letter level light like likely line linear list long longer lose loses
losing loss losses lower made main make makes many mass match maximal maximisation maximise
maximising maximum mean means mini minimal minimisation minimise minimising minimum mirror modal
mode model models moment more most much near need needs negation network never noise nose number
often only order other others over pain pair part pass place plane plateau point poor position
possible power present problem product production propagate provide raise raised raises raising
rate real really reason rely reply rest result results right said same scale score sense
separate should show side sign signal simple since single size slower small smaller some sort
space stable state step still strain strong such sure take task term terms test than that their
them then there these they thing think this those though three through time times total trace
trail true type under unit units unless unlike unlikely unstable until upper usage value values
varnish very want weak wear weight weights well were what when where whether which while white
whole will with within without word work works worse would wrong year your
"""
_NEIGHBOURS = frozenset(fold(word) for word in _SPELLED_RIGHTLY.split())


def may_be_slip(word: str) -> bool:
    """Return whether a folded word that matches nothing may be another word, mistyped."""
    return len(word) >= _ONE_SLIP - 1 and word.isalpha() and word not in _NEIGHBOURS


def has_slips(meant: str) -> bool:
    """Return whether a folded word is long enough for slips to be forgiven."""
    return len(meant) >= _ONE_SLIP and meant.isalpha()


def is_slip(word: str, meant: str, *, prefix: bool = False) -> bool:
    """Return whether the folded `word` is `meant` with a slip or two of the pen.

    One slip is a letter more, less or other, or two neighbours swapped. The first letter is right,
    or swapped with the second, so that `asymmetric` is not `symmetric`.
    """
    if not has_slips(meant) or (word[0] != meant[0] and word[:2] != meant[1::-1]):
        return False
    if prefix:
        return _begins_with_slip(word, meant)
    slips = 2 if len(meant) >= _TWO_SLIPS else 1
    return abs(len(word) - len(meant)) <= slips and _within(word, meant, slips)


def _begins_with_slip(word: str, meant: str) -> bool:
    # The letters after the slip confirm it: `regular` is not `regulari` with a letter missing.
    tail = meant[-_PREFIX_CHECK:]
    return any(
        word[:length].endswith(tail) and _within(word[:length], meant, 1)
        for length in (len(meant) - 1, len(meant), len(meant) + 1)
    )


def _within(one: str, other: str, slips: int) -> bool:
    """Return whether at most `slips` edits lie between two short words."""
    same = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        same += 1
    one, other = one[same:], other[same:]
    if not one or not other:
        return len(one) + len(other) <= slips
    if not slips:
        return False
    return (
        _within(one[1:], other[1:], slips - 1)
        or _within(one[1:], other, slips - 1)
        or _within(one, other[1:], slips - 1)
        or (one[:2] == other[1::-1] and _within(one[2:], other[2:], slips - 1))
    )
