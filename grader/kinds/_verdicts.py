"""The verdict in what a student wrote: where it stands, what denies it, what contradicts it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from grader import lazy
from grader.kinds import _typed
from grader.values import shorten


def _bag(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TRUE = _bag("""
    true t ture treu tru yes y yep yeah yup correct right agree agreed valid accurate hold holds
    wahr richtig ja vrai oui verdadero vero sí si cierto correcto ✓ ✔ ☑ ✅ 👍 对 正确 是 真 正確
    да верно правда истина
    """)
_FALSE = _bag("""
    false f flase fasle fals no n nope nah incorrect wrong untrue disagree invalid inaccurate
    fales falsch nein faux falso incorrecto 假 ✗ ✘ ❌ ☒ 👎 错 错误 不对 否 偽
    нет неверно ложь неправда
    """)
# Alone they are an answer; in the middle of a sentence they are words like any other.
_ONLY_FIRST = _bag("t f y n yes no ja nein oui si sí да нет right hold holds")

_NOT = _bag("""
    not non never neither cannot hardly cant can't isn't isnt aren't wasn't don't dont
    doesn't doesnt didn't won't wouldn't shouldn't couldn't nicht nor
    """)
_FILLERS = _bag("""
    i i'd i'm we
    think thought believe say said would guess feel assume consider d my the this that it
    its it's this's that's statement claim sentence assertion proposition answer verdict is are
    was be being been a an to well ok okay in fact actually basically clearly definitely
    absolutely certainly probably generally necessarily always really quite exactly entirely
    completely totally obviously strictly fully simply very most likely must should can could
    may might will do does did also just so then thus therefore hence as of course he she they
    his her their him case approach idea method solution engineer choose chose pick picked
    select option choice weights matrix one for here still even given above following conclude
    conclusion mostly both reply response me : , " ' ( ) [ ] * _ - = . > # ⇒
    """)
_COPULAS = _bag("is are was be isn't aren't wasn't seems remains becomes being")
_ADVERBS = _bag("""
    necessarily always really quite exactly entirely completely totally strictly fully simply very
    generally usually therefore thus clearly definitely obviously just also actually a an the mostly
    hence then
    """)
_SUBJECTS = _bag(
    "statement claim sentence assertion proposition answer verdict approach option idea"
)
_PRONOUNS = _SUBJECTS | _bag("it this that")
_CONDITIONS = _bag("if whether when would")
_CONCLUDE = _bag("so thus therefore hence ⇒ ∴ overall conclusion finally")
_LABELS = _bag("answer verdict choice conclusion solution response")
_CLAUSE_ENDS = frozenset("\n") | _bag(
    ". , ; : ! ? ( ) - because since as for due but when if and in although though while ⇒"
)
_NOT_A_VERDICT = _bag("""
    that positive positives negative negatives label labels class classes value values reason matter
    need doubt way one longer network networks data direction answers distribution samples
    """)
_COMPARED = _bag("than over versus vs compared unlike rather instead")
_ASIDES = _bag("because since as while whereas although though if when for")
_LESS = _bag("slower less worse smaller lower harder fewer weaker longer")
_PRAISE = _bag("""
    better best good great right correct prefer preferred preferable favored favoured chosen choice
    choose optimal ideal suitable appropriate answer winner faster superior
    """)
_BLAME = _bag("worse worst bad poor wrong incorrect inferior unsuitable inappropriate")
_HEDGE = lazy.pattern(
    r"\b(?:it\s+depends|depends\s+on|part(?:ly|ially)|sometimes|half[\s-](?:true|right|correct)"
    r"|true\s+and\s+false|yes\s+and\s+no|both\s+(?:true|yes|of)|either\s+(?:one|way)|neither"
    r"|maybe|perhaps|not\s+sure|unsure|but\s+not\s+(?:always|necessarily|in\s+all|entirely))\b",
    re.IGNORECASE,
)
_HEDGING = (
    "depends", "part", "sometimes", "half", "and", "both", "either", "neither", "maybe", "perhaps",
    "sure", "but",
)  # fmt: skip
_PROMPT = lazy.pattern(
    r"\b(?:true|t|yes|y)\s{0,3}(?:/|\||\bor\b)\s{0,3}(?:false|f|no|n)\b\s{0,3}[?:]?", re.IGNORECASE
)
_ANSWER = lazy.pattern(
    r"\bans(?:wer)?\b\.?\s{0,3}(?:\(\s?[a-z0-9]\s?\)\s{0,3}[:=.-]?|[:=.-])", re.IGNORECASE
)
_SENTENCE_END = lazy.pattern(r"[.;\n]")
_BOX = lazy.pattern(r"(?:\[\s?[xX✓✔]\s?\]|\(\s?[xX✓✔]\s?\)|☑|☒|✅)\s{0,3}(?=\w)")
_EMPTY_BOX = lazy.pattern(r"(?:\[\s?\]|☐|\(\s?\)|□)\s{0,3}[\w^{}()]+")

# `f` is left out: "F. Because ..." is a verdict.
_LIST_MARK = lazy.pattern(
    r"\A(?:\s*(?:[-*+>#]+\s|[Qq](?:uestion)?\s?\d+[a-z.]*\s?(?:\([a-z]\))?\s?[:.)]"
    r"|\(?(?:[a-eg-h]|\d{1,2}|[ivx]{1,4})[).:]\s+(?=\S)))+"
)

# The opening of an answer is where a hedge speaks of the verdict and not of the reason.
_OPENING = 80
_LOOK_BACK = 8
_SENTENCE = 16
_LONGEST_OPENING = 24
# A verdict that stands later than this was never meant to be found.
_MOST_TOKENS = 3000


class Got(NamedTuple):
    """The option that was chosen, or None where no verdict was found; and the words for it."""

    option: str | None
    words: str = ""
    doubt: str | None = None


class _Token(NamedTuple):
    word: str
    option: int | None
    start: int
    loud: bool  # typed in capitals


class _Found(NamedTuple):
    """A verdict in the text: 3 opens it or has a label, 2 concludes, 1 and 0 stand in passing."""

    rank: int
    option: int
    start: int


def find(text: str, names: tuple[str, ...], words: tuple[tuple[str, ...], ...]) -> Got:
    """Return the verdict of a text that went through `plain`.

    `words` holds further spellings of each of the options `names`.
    """
    if all(len(name) > 1 for name in names) and _has(text, "-*+>#).:"):
        text = _LIST_MARK.sub("", text)
    text = _corrected(text, names, words)
    tokens = _tokens(text, names, words)
    is_named = not _is_plain(names)
    if is_named and all(token.option is None for token in tokens):
        tokens = _tokens(text, names, _ORDINALS)
    if is_named and all(token.option is None for token in tokens):
        tokens = _tokens(text, names, _adverbs(names))
    return _verdict(tokens, text, names)


@lru_cache(maxsize=128)
def _adverbs(names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return what options become beside a verb: `grows quadratically`."""
    return tuple(
        tuple(
            each for each in (f"{name}ly", f"{name}ally") if each.lower() not in _FILLERS | _ADVERBS
        )
        for name in names
    )


# Who corrects what was written before means what follows.
_CORRECTION = lazy.pattern(
    r"\b(?:no,?\s+wait|wait,?\s+no|wait|oops|sorry|correction|edit(?:ed)?|scratch\s+that"
    r"|make\s+that|i\s+meant?|on\s+second\s+thought|changed?\s+(?:my\s+mind\s+)?to)\b[\s,:.!;–-]{0,8}"
    r"|(?:->|=>|→|⇒)\s{0,4}",
    re.IGNORECASE,
)
_CORRECTING = (
    "wait", "oops", "sorry", "correction", "edit", "scratch", "make", "mean", "thought", "change",
    "->", "=>", "→", "⇒",
)  # fmt: skip
_MOST_CORRECTIONS = 5
_CORRECTED = 200  # so much of what follows shows whether it begins with a verdict


def _corrected(text: str, names: tuple[str, ...], words: tuple[tuple[str, ...], ...]) -> str:
    """Return what stands behind the last word of correction, where it begins with a verdict.

    An arrow corrects only the verdict right before it.
    """
    if not _has(text, _CORRECTING):
        return text
    two, denial = len(names) == 2, _index(names, False) if _is_plain(names) else None
    for found in reversed(list(_CORRECTION.finditer(text))[-_MOST_CORRECTIONS:]):
        if not found[0][0].isalpha():
            before = _tokens(text[: min(found.start(), _OPENING)], names, words)
            if not before or before[-1].option is None or found.start() > _OPENING:
                continue
        rest = text[found.end() : found.end() + _CORRECTED]
        if _opening(_tokens(rest, names, words), 0, two, denial) is not None:
            return text[found.end() :]
    return text


_SPELLINGS = (("true", "yes"), ("false", "no"))


@lru_cache(maxsize=128)
def _is_plain(names: tuple[str, ...]) -> bool:
    """Return whether the options are true and false, or yes and no."""
    return {name.lower() for name in names} in ({"true", "false"}, {"yes", "no"})


def named(value: object, names: Sequence[str]) -> str:
    """Return an option by its name: YAML reads true, yes and no as it likes."""
    spelled = str(value).lower()
    for alike in _SPELLINGS:
        if spelled in alike:
            return next((name for name in names if name.lower() in alike), alike[0])
    return str(value)


@lru_cache(maxsize=128)
def _index(names: tuple[str, ...], is_true: bool) -> int:
    """Return the index of the option that affirms, or of the one that denies."""
    spelled = _SPELLINGS[0 if is_true else 1]
    return next(index for index, name in enumerate(names) if name.lower() in spelled)


def _has(text: str, marks: Iterable[str]) -> bool:
    """Return whether a text may hold what some pattern is after: one of its letters or words."""
    lowered = text.lower()
    return not text.isascii() or any(mark in lowered for mark in marks)


def plain(source: str) -> str:
    """Return the text without decoration, the printed `True or False?` and unchosen boxes."""
    if source.strip() in ("×", "✕", "✖"):
        return "false"  # elsewhere they are times signs
    text = _typed.bounded(source)
    if _has(text, ("/", "|", "or")):
        text = _PROMPT.sub(" answer: ", text)
    text = _typed.plain(text)
    if _has(text, ("ans",)):
        text = _ANSWER.sub(" answer: ", text)
    if _has(text, "[(☑☒✅") and _BOX.search(text):
        text = _BOX.sub(" answer: ", _EMPTY_BOX.sub(" ", text))
    return text


_ORDINALS = tuple(
    (f"the {word} one", f"the {word}", f"{word} one", word, *others, f"option {index}")
    for index, (word, *others) in enumerate(
        (("first", "former"), ("second", "latter"), ("third",), ("fourth",)), start=1
    )
)


def _tokens(text: str, names: tuple[str, ...], words: tuple[tuple[str, ...], ...]) -> list[_Token]:
    matches = list(islice(_pattern(names, words).finditer(text), _MOST_TOKENS))
    tokens = []
    for index, found in enumerate(matches):
        option = found.lastgroup
        chosen = int(option[1:]) if option else _single(matches, index, names)
        tokens.append(_Token(found[0].lower(), chosen, found.start(), found[0].isupper()))
    return tokens


@lru_cache(maxsize=128)
def _pattern(names: tuple[str, ...], words: tuple[tuple[str, ...], ...]) -> re.Pattern[str]:
    """Return a pattern of tokens; the group `o1` matches what names the second option."""
    groups = []
    # The longest first, or `linear model` would be found as `linear`.
    for index, name in sorted(enumerate(names), key=lambda each: -len(each[1])):
        spelled = [] if _is_plain(names) or len(name) == 1 else [_loose(name)]
        # The longest first, or `not the same` would be found as `the same`.
        phrases = sorted(words[index] if index < len(words) else (), key=len, reverse=True)
        if phrases:
            spelled.append(_bounded(phrases))
        if spelled:
            groups.append(f"(?P<o{index}>{'|'.join(spelled)})")
    tokens = [*groups, r"[^\W\d_]+(?:'[a-z]{1,2}(?![a-z]))?", r"\d+", r"\n|[^\w\s]"]
    return re.compile("|".join(tokens), re.IGNORECASE)


# `sub-linear` is not linear; `non-linear` is a denial, which is read as such.
_STARTS = r"(?<!\w)" + "".join(
    f"(?<!{each}-)"
    for each in ("sub", "super", "semi", "quasi", "pseudo", "anti", "hyper", "log", "leaky")
)


def _bounded(phrases: Sequence[str]) -> str:
    spelled = (r"[\s-]+".join(map(re.escape, phrase.split())) for phrase in phrases)
    return rf"{_STARTS}(?:{'|'.join(spelled)})(?!\w)"


def _loose(name: str) -> str:
    r"""Return a pattern for a name in any dress: W1, W_1, W^{(1)}, \mathbf{W}_1."""
    parts = re.findall(r"[^\W\d_]+|\d+", name)
    # `W - 1` is no name of W1, but `two sample` is one of `two-sample`.
    joint = r"[\s_^{(\[]{0,6}" if not re.search(r"\w[\s-]\w", name) else r"[\s_-]{0,3}"
    body = joint.join(re.escape(part) for part in parts) or re.escape(name)
    return rf"{_STARTS}(?<!\\){body}(?!\w)[)}}\]]{{0,3}}"


def _single(matches: Sequence[re.Match[str]], index: int, names: tuple[str, ...]) -> int | None:
    """Return the option that one word names, if it does."""
    word = matches[index][0]
    if _is_plain(names):
        lowered = word.lower()
        if lowered in _TRUE or (lowered == "1" and len(matches) == 1):
            return _index(names, True)
        if lowered in _FALSE or (lowered == "0" and len(matches) == 1):
            return _index(names, False)
        return None
    if len(word) != 1 or word.upper() not in (each.upper() for each in names):
        return None
    after = matches[index + 1][0].lower() if index + 1 < len(matches) else "."
    before = matches[index - 1][0].lower() if index else "."
    alone = after in _CLAUSE_ENDS or after in _COPULAS
    # A lower-case letter is an option only where one is due; `A` is an article before a noun.
    if word.isupper() or before in _LABELS or before in (":", "(", ".", "=", "is"):
        lone = alone or (word.isupper() and word != "A")
        return [each.upper() for each in names].index(word.upper()) if lone else None
    return None


def _verdict(tokens: Sequence[_Token], text: str, names: tuple[str, ...]) -> Got:
    is_plain = _is_plain(names)
    found = list(_said(tokens, names, is_plain))
    if not found:
        found = list(_in_passing(tokens, len(names) == 2, is_plain))
        if len({each.option for each in found}) != 1:
            reason = "several options are named" if found else "no verdict was found"
            return Got(None, _excerpt(text, 0), reason)
    first = max(found, key=lambda each: (each.rank, -each.start))
    return Got(
        names[first.option],
        _excerpt(text, first.start),
        _doubt(first, found, tokens, text, is_plain),
    )


def _doubt(
    first: _Found, found: Sequence[_Found], tokens: Sequence[_Token], text: str, is_plain: bool
) -> str | None:
    """Return why the verdict may not be the one that is meant."""
    rivals = [each for each in found if each.option != first.option]
    if any(is_plain or each.rank == first.rank for each in rivals):
        return "the verdict is contradicted later in the answer"
    rest = _SENTENCE_END.split(text[first.start : first.start + _OPENING])[0]
    beside = text[max(0, first.start - _OPENING) : first.start] + rest
    if _has(beside, _HEDGING) and _HEDGE.search(beside):
        return "the verdict is hedged"
    if first.rank < 1:
        return "the verdict is only said in passing"
    if not is_plain and _is_compared_down(tokens, first.start):
        return "two options are compared"
    if not is_plain and _is_spoken_against(tokens, first.start):
        return "the option is named only to speak against it"
    return None


def _is_spoken_against(tokens: Sequence[_Token], start: int) -> bool:
    """Return whether an option is said to be worse, or not to be better: `W1 is not better`."""
    after = [each.word for each in tokens if each.start > start][:_SENTENCE]
    denied = False
    for word in after:
        is_end = word in _CLAUSE_ENDS and not (denied and word == "as")  # `not as good`
        if is_end or word in _CONCLUDE or (word in _PRAISE and not denied):
            return False
        if word in _PRAISE or word in _BLAME:
            return True
        denied = denied or word in _NOT or word == "no" or word.endswith("n't")
    return False


def _is_compared_down(tokens: Sequence[_Token], start: int) -> bool:
    sentence = [each.word for each in tokens if each.start >= start][:_SENTENCE]
    return bool(_LESS & set(sentence)) and "than" in sentence


def _excerpt(text: str, start: int) -> str:
    begin = max(0, text.rfind("\n", 0, start) + 1, start - 40)
    return shorten(" ".join(text[begin : start + 60].split()), 70)


def _said(tokens: Sequence[_Token], names: tuple[str, ...], is_plain: bool) -> Iterator[_Found]:
    """Yield the verdicts that are given as such: opening, labelled, concluded, stated."""
    two = len(names) == 2
    denial = _index(names, False) if is_plain else None
    opening = _opening(tokens, 0, two, denial)
    sentence = 0
    for index, token in enumerate(tokens):
        starts = index == 0 or tokens[index - 1].word in ".;!?\n"
        if starts:
            sentence = index
        if index == 0:
            yield from _ranked(3, opening, tokens)
        elif starts and is_plain and _is_all(tokens, index):
            yield from _ranked(2, _opening(tokens, index, two, denial), tokens)
        if token.word in _LABELS and _follows(tokens, index, ":", "=", "is", "-"):
            yield from _ranked(3, _opening(tokens, index + 1, two, denial), tokens)
        elif token.word in _CONCLUDE:
            found = _opening(tokens, index + 1, two, None)
            if found is not None and (not is_plain or _ends_clause(tokens, found[1])):
                yield from _ranked(2, found, tokens)
        elif is_plain and not (opening and opening[1] == index):
            yield from _stated(tokens, index, sentence)


def _ranked(rank: int, found: tuple[int, int] | None, tokens: Sequence[_Token]) -> Iterator[_Found]:
    if found is not None:
        yield _Found(rank, found[0], tokens[found[1]].start)


def _opening(
    tokens: Sequence[_Token], first: int, two: bool, denial: int | None
) -> tuple[int, int] | None:
    """Return (option, index) where nothing but fillers stands before it; negations turn it.

    `denial` is the option that a bare "not really" means.
    """
    denied = False
    last = min(first + _LONGEST_OPENING, len(tokens))
    for index in range(first, last):
        token = tokens[index]
        if token.option is not None:
            if _is_no_verdict(tokens, index) or _is_joined(tokens, index):
                return None
            option = _turned(token.option, denied, two)
            return None if option is None else (option, index)
        if token.word in _NOT or token.word.endswith("n't"):
            denied = denied is _follows(tokens, index, "only", "just")
        elif denied and token.word in ".,!\n":
            break
        elif token.word not in _FILLERS and token.word != "\n":
            return None
    return (denial, first) if denied and denial is not None else None


def _turned(option: int, denied: bool, two: bool) -> int | None:
    """Return the option that is meant: of two, a denied one means the other."""
    if not denied:
        return option
    return 1 - option if two else None


def _is_no_verdict(tokens: Sequence[_Token], index: int) -> bool:
    """Return whether the word is used otherwise: `true positives`, `no reason`, `true that`."""
    token = tokens[index]
    if token.word not in _TRUE | _FALSE or index + 1 == len(tokens):
        return False
    if tokens[index + 1].word not in _NOT_A_VERDICT:
        return False
    # "FALSE that holds only for ..." is a verdict, "TRUE LABEL" is a heading.
    return not token.loud or len(token.word) == 1 or tokens[index + 1].loud


def _is_joined(tokens: Sequence[_Token], index: int) -> bool:
    """Return whether another option is joined to this one: `W1 and W2`."""
    if not _follows(tokens, index, "and", "or", "&", "/") or index + 2 >= len(tokens):
        return False
    other = tokens[index + 2].option
    return other is not None and other != tokens[index].option


def _follows(tokens: Sequence[_Token], index: int, *words: str) -> bool:
    return index + 1 < len(tokens) and tokens[index + 1].word in words


def _ends_clause(tokens: Sequence[_Token], index: int) -> bool:
    """Return whether the clause ends after a token."""
    return index + 1 == len(tokens) or tokens[index + 1].word in _CLAUSE_ENDS


def _is_all(tokens: Sequence[_Token], first: int) -> bool:
    """Return whether a sentence that starts there ends with its first option."""
    for index in range(first, min(first + _LONGEST_OPENING, len(tokens))):
        if tokens[index].option is not None:
            return index + 1 == len(tokens) or tokens[index + 1].word in ".;!?\n"
    return False


def _stated(tokens: Sequence[_Token], index: int, sentence: int) -> Iterator[_Found]:
    """Yield a verdict of the form `the statement is (not) true`, or one in capitals."""
    token = tokens[index]
    is_loud = token.loud and len(token.word) > 1
    if token.option is None or (token.word in _ONLY_FIRST and not is_loud):
        return
    if _is_no_verdict(tokens, index):
        return
    at, denied = _before(tokens, index)
    option = 1 - token.option if denied else token.option
    before = {each.word for each in tokens[max(sentence, at - _LOOK_BACK) : max(at, 0)]}
    is_last = _ends_clause(tokens, index)
    is_said = is_last and at >= 0 and tokens[at].word in _COPULAS
    subjects = _SUBJECTS if sentence else _PRONOUNS
    is_claim = is_said and not before & _CONDITIONS and bool(before & subjects)
    joined = index > 0 and tokens[index - 1].word in ("and", "or", "but", ",")
    is_second = is_last and sentence == 0 and joined
    if is_claim or is_second or (is_loud and not _is_all_loud(tokens)):
        yield _Found(2, option, token.start)


def _is_all_loud(tokens: Sequence[_Token]) -> bool:
    return all(each.loud or not each.word.isalpha() for each in tokens[:_LOOK_BACK])


def _before(tokens: Sequence[_Token], index: int) -> tuple[int, bool]:
    """Return the place before a word's adverbs and negations, and whether it is denied."""
    denied = False
    at = index - 1
    while at >= 0 and (tokens[at].word in _ADVERBS or tokens[at].word in _NOT):
        denied ^= tokens[at].word in _NOT
        if tokens[at].word in _COPULAS:
            break
        at -= 1
    return at, denied


def _in_passing(tokens: Sequence[_Token], two: bool, is_plain: bool) -> Iterator[_Found]:
    """Yield the options that are spoken of at all, where no verdict is given as such.

    The rubric's own words and names count in full, a passing "true" only for a person's eye.
    """
    aside = False
    for index, token in enumerate(tokens):
        if token.word in _ASIDES or token.word in ",.;\n":
            aside = token.word in _ASIDES
        if token.option is None or _is_no_verdict(tokens, index):
            continue
        common = is_plain and (token.word in _TRUE or token.word in _FALSE)
        before = [each.word for each in tokens[max(0, index - _LOOK_BACK) : index]]
        if (common and token.word in _ONLY_FIRST) or aside or _COMPARED & set(before[-3:]):
            continue
        option = _turned(token.option, _is_denied(before), two)
        if option is not None:
            yield _Found(0 if common else 1, option, token.start)


def _is_denied(before: Sequence[str]) -> bool:
    """Return whether an odd number of negations of its own clause stands before a word."""
    denied = False
    for word in reversed(before):
        if word in ".;:!?\n" or word in ("because", "since", "but"):
            break
        denied ^= word in _NOT or word.endswith("n't")
    return denied
