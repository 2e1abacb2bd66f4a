"""Where the result stands in what a student wrote: alone, after `=`, in a table's last row."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from grader import lazy
from grader.errors import Unreadable
from grader.kinds import _arithmetic, _numerals, _typed
from grader.kinds._numerals import Numeral

# A computation that was typed by hand fits into this; longer ones are not tried.
_LONGEST_EXPRESSION = 300
# Lines of an answer that are looked at, from its end.
_MOST_LINES = 120
_LONGEST_LINE = 2000

INFINITE = (
    r"(?:(?:[+-]|\b(?:minus|negative|plus|positive)\b)\s?)?"
    r"(?:∞|\\infty\b|\binf(?:ty|init[eyoa]|initely|ini)?\b|\bunendlich\b|(?<!\w)oo(?!\w)"
    r"|\bno\s+finite\s+(?:value|number|result)|бесконечн|无穷|無限|无限)"
)
_DIVERGES = r"\b(?:diverges?|unbounded|blows?\s+up|explodes?)\b"
_UNDEFINED = (
    r"\b(?:undefined|not\s+(?:well[\s-])?defined|nan|not\s+a\s+number|do(?:es)?\s?n[o']?t\s+exist"
    r"|do(?:es)?\s+not\s+exist|dne|indeterminate|undefiniert|nicht\s+definiert"
    r"|can(?:'t|\s?not)\s+be\s+(?:computed|calculated|determined|evaluated|defined)"
    r"|not\s+(?:computable|possible\s+to\s+(?:compute|calculate))|impossible\s+to\s+(?:compute|calculate)"
    r"|div(?:ision|ided?)?\s+by\s+(?:zero|0)|log\s+of\s+(?:zero|0)|ind[ée]fini(?:do|da|to|ta)?"
    r"|no\s+(?:está\s+)?definid[oa]|non\s+défini|не\s+определ[её]н\w*)\b|未定义"
)
_WORDS = rf"{INFINITE}|{_DIVERGES}|{_UNDEFINED}"

_ASCII_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_WORD = lazy.pattern(_WORDS, re.IGNORECASE)
_UNDEFINED_WORD = lazy.pattern(_UNDEFINED, re.IGNORECASE)
_ZERO = lazy.pattern(r"(?:zero|null)\b", re.IGNORECASE)
_NEGATIVE = lazy.pattern(r"\s*(?:-|minus|negative)", re.IGNORECASE)
_DENIAL = lazy.pattern(r"(?:\bnot|n't|\bnever)\s+(?:\w+\s+)?$", re.IGNORECASE)

# What a text has that is one of those words: where it has none of them, no pattern is tried.
_HINTS_OF_WORDS = (
    *("inf", "∞", "unendlich", "oo", "fini", "diverge", "unbounded", "blow", "explode", "defin"),
    *("nan", "number", "exist", "dne", "indeterminate", "can", "comput", "possible", "div", "of"),
    *("бесконечн", "определ", "无穷", "無限", "无限", "未定义"),
)

_SIGNS_BEFORE_VALUE = "≈~=:, \t\n\r"
_INITIALS_BEFORE_VALUE = frozenset("abcegjnorstABCEGJNORSTſ")
_BEFORE_VALUE = lazy.pattern(
    r"(?:[≈~=:,\s]|(?:about|approx(?:imately|\.)?|around|roughly|nearly|almost|circa|ca\.|only|just"
    r"|exactly|equal\s+to|equals|given\s+by|then|thus|so|simply|now|to|towards|goes|tends|becomes"
    r"|also|a|an|the)\b\.?)+",
    re.IGNORECASE,
)
_OTHER_LETTERS = "\u0430-\u044f\u0410-\u042f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
_START = lazy.pattern(
    rf"[+-]?\s?{_numerals.NUMERAL}(?![.,]?\d)(?=\s*(?:$|[(\[,;:.!<>≤≥≠\"'?#⇒]|-?[A-Za-z]{{2}}|[-=]>"
    r"|\s-{1,3}\s+[A-Za-z]{2}|\\(?:blacksquare|square|Box|qed))|\s*/\s*[A-Za-z]"
    rf"|\s*[{_OTHER_LETTERS}])"
)
_TOKEN = lazy.pattern(
    rf"(?:(?<![\w.\\^_,(*/])|(?<=[{_OTHER_LETTERS}]))(?:(?<![\w)])[+-]\s?)?{_numerals.NUMERAL}(?:(?![\w^(*/+]|-[A-Za-z])|(?=[{_OTHER_LETTERS}]))|{_WORDS}",
    re.IGNORECASE,
)
# What a function is of is no aside: 2/sqrt(25), 1/log10(5)
_ASIDE = lazy.pattern(
    r"(?<![A-Za-z])\([^()]*\)|\[[^\[\]]*\]|log_?\s?\{?(?:10|2)\}?(?!\s?\()"
    r"|\b(?:from|than|versus|vs\.?|compared\s+(?:to|with)|instead\s+of|rather\s+than|not|step|part"
    rf"|question|base|by)\s+(?:the\s+|a\s+|of\s+)?[+-]?{_numerals.NUMERAL}",
    re.IGNORECASE,
)
# No number of thousands begins with 0: 0,021 has a decimal comma.
_GROUPED = lazy.pattern(r"(?<![\d.,])[1-9]\d{0,2}(?:,\d{3})+(?!\d)")
_COMPARISON = lazy.pattern(r"[<>≤≥≠±]|\+/-|\\pm\b")
_COMPARES = frozenset("<>≤≥≠±")
_AFTER_VALUE = lazy.pattern(r"(?<=[\d)}.∞])\s*\([^()]*[A-Za-z]{2}[^()]*\)\s*$")
_UNITS = lazy.pattern(
    r"(?<=[\d)}])\s*-?(?!(?:million|thousand|billion|percent)\b)[A-Za-z]{2,}[A-Za-z .,/'-]*$"
)
_ENDS_OF_UNITS = _ASCII_LETTERS | frozenset(" .,/'-")
_FACTOR = lazy.pattern(r"\s*times\s+(?:\w+er|less|more)\b")
_TIMES = lazy.pattern(r"(?<=[\d)])\s*[xX]\s*(?=[\d(])")
_VARIABLES = lazy.pattern(r"[xX]_?1\s?\^|[xX]_?1(?!\d).*[xX]_?2(?!\d)|[xX]_?2(?!\d).*[xX]_?1(?!\d)")
_LOG = lazy.pattern(r"\\?\blog(?=[\s({.\d]|\\left)(?!10|2\()")

_LETTERS = lazy.pattern(r"[A-Za-z]{2,}")
_MATHEMATICS = frozenset(
    [
        *(
            "log",
            "ln",
            "lg",
            "lb",
            "exp",
            "sqrt",
            "frac",
            "dfrac",
            "pi",
            "inf",
            "infty",
            "infinity",
        ),
        *("sin", "cos", "tan", "tanh", "sinh", "cosh", "sigma", "sigmoid", "max", "min", "abs"),
        *("np", "numpy", "math", "torch", "sum", "pow", "round", "floor", "ceil", "binom", "cdot"),
        *("times", "left", "right"),
    ]
)
_BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"))
# Where infinity may come from mathematics; elsewhere it is an overflow.
_HAS_NO_BOUND = lazy.pattern(r"∞|inf|log|ln|/|\\frac", re.IGNORECASE)

# The signs are quick to find; the words are looked for only where a text has one.
_RELATION_SIGN = lazy.pattern(r":=|=|≈|⇒|∴|->|=>|:(?=\s)")
_RELATION_WORDS = (
    *(
        "is",
        "are",
        "was",
        "equal",
        "give",
        "yield",
        "become",
        "make",
        "so",
        "thus",
        "hence",
        "then",
    ),
    *("therefore", "i.", "total", "sum", "answer", "result", "together", "zusammen", "insgesamt"),
)
_RELATION = lazy.pattern(
    r":=|=|≈|⇒|∴|->|=>|:(?=\s)"
    r"|\b(?:is|are|was|equals?|gives?|yields?|becomes?|makes?|so|thus|hence|therefore|then)\b"
    r"|\bi\.\s?e\.,?\s(?=[+-]?\s?[\d.,]+(?:\s[a-z]+)?\s?[.;]?\s?\Z)|\b(?:total|sum|answer|result|together|zusammen|insgesamt)\s+(?=[+-]?[\d.])",
    re.IGNORECASE,
)
_EQUALITY = lazy.pattern(r"=|≈")
_SENTENCE_END = lazy.pattern(
    r"(?<=[^\s])(?<!\b[Ee]q)(?<!\beqn)(?<!\b[Nn]o)(?<!\b[Ff]ig)(?<!\b[Ss]ec)(?<!\bcf)(?<!\bvs)"
    r"[.!?]\s+(?=[A-Z(])|;\s+"
)
# The number of an equation, behind it: `H = 2.303 ... (2)`.
_EQUATION_NUMBER = lazy.pattern(r"(?<=[\d)}])[\s.,;…]{1,20}\(\d{1,2}\)\s*\.?\s*\Z")
_BEFORE_DIGIT = lazy.pattern(r"\D*")
# A result with which a clause begins, before it goes on to other equations.
_NUMBER_FIRST = lazy.pattern(rf"([+-]?\s?{_numerals.NUMERAL}),\s(?=\s?[^\d\s])")
# Another quantity than the one that is asked for, or the same one in another place.
_OTHER_WORDS = (
    *("compar", "old", "previous", "earlier", "former", "before", "differen", "ratio", "perplex"),
    *("probabilit", "bound", "error", "count", "decreas", "reduc", "improve", "originally"),
)
_OTHER = lazy.pattern(
    r"\b(?:compar(?:ison|ed|e)|old|previous(?:ly)?|earlier|former(?:ly)?|before|differences?|ratio"
    r"|perplexity|probability|bound|errors?|n[o']t\s+count|decreas\w+|reduc\w+|improve\w*"
    r"|originally)\b",
    re.IGNORECASE,
)
# A remark in brackets behind a number, with another equation in it: `0.5 (was H(y, p) = 2.3)`.
_REMARK = lazy.pattern(
    r"(?<=\d)\s{0,3}\((?=[^()]{0,80}(?:[A-Za-z]{3}|\b[a-z]:))(?:[^()]|\([^()]*\)){1,200}\)"
)
# Where the next of several equations begins: `a = 2, b = 3`.
_EQUATION_END = lazy.pattern(
    r"[,;]?\s+(?=(?:and\s+)?[A-Za-z]\w{0,9}\s?=)"
    r"|(?<=\d),\s+(?=(?:[A-Za-z]{1,20}\s){1,4}[\w^]{0,12}\s?[=≈])"
)
# A clause ends at a comma, though not at one inside brackets: y = (1, 0, 0).
_CLAUSE = lazy.pattern(
    r"\b(?:because|since|where|with|for|as|when|if|using|given|assuming|whereas|while|which|check"
    r"|(?:(?:small|larg|low|high|great|bigg|few)er|less|more|better|worse|rather)\s+than|compared|versus)"
    r"\b(?:[^,()\[\]]|\([^()]*\)|\[[^\[\]]*\]|,(?!\s)|[()\[\]])*",
    re.IGNORECASE,
)
_CLAUSE_WORDS = (
    *("because", "since", "where", "with", "for", "as", "when", "if", "using", "given", "assum"),
    *("while", "which", "check", "than", "compared", "versus"),
)
_LIST_MARK = lazy.pattern(r"\A\s*(?:[*+>#]+\s+|\(?(?:[a-z]|\d{1,2}|[ivx]{1,4})[).]\s+(?=\S))+")
_ENDS_OF_MARK = ("*", "+", ">", "#", ")", ".")
_DASH = lazy.pattern(r"\A\s*-\s+(?=\S)")
_DASH_NOTE = "the dash as a list mark"
_ROW_RULE = lazy.pattern(r"[\s|:+=_-]+")
_ROW_BREAK = lazy.pattern(r"\\\\(?:\[[^\]]{0,10}\])?")
_DISPLAY = lazy.pattern(
    r"\\(?:begin|end)\s?\{(?:aligned|alignat|align|equation|gathered|gather|split|eqnarray)\*?\}"
)
# The next line goes on with the equation: `H = -ln 0.1` above `= 2.3`.
_CONTINUED = lazy.pattern(r"(?<=[=≈])[ \t]*\n[ \t&]*|\n[ \t&]*(?=[=≈](?![=≈]))")
_FINAL = lazy.pattern(
    r"\b(?:answers?|results?|final|solution|total|sum|altogether|overall|conclusion)\b",
    re.IGNORECASE,
)


# Who corrects what was written before means what follows.
_CORRECTION = lazy.pattern(
    r"\b(?:no,?\s+wait|wait,?\s+no|oops|sorry|correction|edit(?:ed)?|scratch\s+that|make\s+that"
    r"|i\s+meant?|on\s+second\s+thought)\b(?!\s+for\b)",
    re.IGNORECASE,
)
_CORRECTION_WORDS = (
    *("wait", "oops", "sorry", "correction", "edit", "scratch", "make", "mean", "second"),
)
_CORRECTED = lazy.pattern(
    rf"[^\w\n∞]{{0,8}}(?:[A-Za-z']{{1,12}}[\s,:]{{1,4}}){{0,4}}?[^\w\n]{{0,4}}(?:\d|{_WORDS})",
    re.IGNORECASE,
)
_MOST_CORRECTIONS = 5
_MOST_RIVALS = 20


class Result(NamedTuple):
    """The result that was found: its readings, likeliest first, and what it was read from.

    `undefined` tells that the text says that there is no value. `chain` holds what stands left of
    it in the same chain of equalities. `doubt` says why a person should look at the reading.
    """

    readings: tuple[Numeral, ...]
    undefined: bool = False
    piece: str = ""
    rank: int = 0
    head: str = ""
    chain: tuple[str, ...] = ()
    doubt: str | None = None
    others: tuple[Numeral, ...] = ()


def find(
    text: str, labels: Sequence[str], base: str = "natural", *, is_labelled: bool = False
) -> Result | None:
    """Return the result in a plain text, or None where there is no number in it.

    A result with one of the labels wins over one without, the end of an equation over a number in
    a sentence, a main clause over an aside, and the last of equals over the first. Where the text
    `is_labelled`, a label stood in front of it.
    """
    best: Result | None = None
    rivals: list[Result] = []
    known = _labels(tuple(labels))
    if bare := _numerals.read_bare(text.strip()):
        return Result(bare, piece=text.strip(), rank=3)
    text = _corrected(text) if lazy.may_say(text, _CORRECTION_WORDS) else text
    if "\\" in text:
        text = _ROW_BREAK.sub("\n", _DISPLAY.sub(" ", text))
    if "\n" in text and ("=" in text or "≈" in text):
        text = _CONTINUED.sub(" ", text)
    for line in text.split("\n")[-_MOST_LINES:]:
        for result in _of_line(line[:_LONGEST_LINE], known, base):
            if not (result.readings or result.undefined):
                continue
            if is_labelled and not rivals and result.rank in (2, 3) and _begins(text, result):
                result = result._replace(rank=4)
            if best is None or result.rank >= best.rank:
                best = result
            rivals.append(result)
    if best is None:
        return None
    others = tuple(reading for each in rivals[-_MOST_RIVALS:] for reading in each.readings)
    best = best._replace(others=others if len(rivals) > 1 else ())
    return best if best.doubt is not None else _with_rival(best, rivals)


def _begins(text: str, result: Result) -> bool:
    """Return whether a text begins with the equation that a result was read from."""
    start = " ".join(text[:_LONGEST_LINE].split()).lstrip("=: ")
    return start.startswith((result.head or result.piece).lstrip("=: ")[:20])


def _corrected(text: str) -> str:
    """Return what stands behind the last word of correction, where a value does."""
    for found in reversed(list(_CORRECTION.finditer(text))[-_MOST_CORRECTIONS:]):
        if _CORRECTED.match(text, found.end()):
            return text[found.end() :]
    return text


def _with_rival(best: Result, rivals: Sequence[Result]) -> Result:
    """Return the result, in doubt where another under the same label says something else."""
    if best.rank >= 3 and best.head:
        for each in rivals:
            if each.rank == best.rank and each.head == best.head and not _same(each, best):
                return best._replace(doubt="the answer gives two results; the last one was read")
    return best


def _same(one: Result, other: Result) -> bool:
    if one.undefined or other.undefined:
        return one.undefined == other.undefined
    return any(
        _numerals.agrees(mine, theirs.value, 0.02, theirs.step)
        for mine in one.readings
        for theirs in other.readings
    )


class _Labels(NamedTuple):
    """What stands in front of a result: the names of the field, or words such as `answer`."""

    names: re.Pattern[str]

    def own(self, head: str) -> bool:
        """Return whether a head has a name of the field that is asked for."""
        return self.names.search(head) is not None

    def search(self, head: str) -> bool:
        """Return whether a head has a name of the field, or says that a result follows."""
        return self.own(head) or _FINAL.search(head) is not None


@lru_cache(maxsize=256)
def _labels(names: tuple[str, ...]) -> _Labels:
    known = [re.escape(_typed.plain(name).strip()) for name in names if name] or ["(?!)"]
    return _Labels(lazy.pattern(rf"(?<!\w)(?:{'|'.join(known)})(?![\w'])", re.IGNORECASE))


def _of_line(line: str, labels: _Labels, base: str) -> Iterator[Result]:
    if not line.strip() or _ROW_RULE.fullmatch(line):
        return
    if "\t" in line or (line.strip().startswith("|") and line.count("|") > 2) or " | " in line:
        yield from _of_row(line, labels, base)
        return
    # One blank between words keeps the patterns below linear.
    line = " ".join(line.replace("&", " ").split())
    if line.endswith((")", ").")):
        line = _EQUATION_NUMBER.sub("", line)
    may_end = any(mark in line for mark in (";", ". ", "! ", "? "))
    for sentence in _SENTENCE_END.split(line) if may_end else [line]:
        has_clause = lazy.may_say(sentence, _CLAUSE_WORDS)
        clauses = [found[0] for found in _CLAUSE.finditer(sentence)] if has_clause else []
        for equation in (part for clause in clauses for part in _equations(clause)):
            yield from _of_clause(equation, labels, base, aside=True)
        main = _CLAUSE.sub(" ", sentence) if clauses else sentence
        if ")" in main and ("=" in main or ":" in main):
            remarks = [found[0].strip(" ()") for found in _REMARK.finditer(main)]
            for remark in remarks:
                yield from _of_clause(remark, labels, base, aside=True)
            main = _REMARK.sub(" ", main) if remarks else main
        for equation in _equations(main):
            yield from _of_clause(equation, labels, base, other=_is_other(sentence, equation))


def _is_other(sentence: str, equation: str) -> bool:
    """Return whether an equation is about another quantity than the one that is asked for."""
    if not lazy.may_say(sentence, _OTHER_WORDS):
        return False
    # What a sentence begins with is said of all of it: `For comparison, H = 2`.
    before_value = _BEFORE_DIGIT.match(equation)
    return bool(_OTHER.match(sentence, 4) or (before_value and _OTHER.search(before_value[0])))


def _equations(text: str) -> list[str]:
    """Return a text in pieces, each of which begins with the left side of an equation."""
    return _EQUATION_END.split(text) if "=" in text else [text]


def _of_row(line: str, labels: _Labels, base: str) -> Iterator[Result]:
    """Yield the value in the last filled cell of a table's row."""
    cells = [cell.strip() for cell in re.split(r"\t|\|", line) if cell.strip()]
    if not cells:
        return
    for result in list(_of_clause(cells[-1], labels, base))[-1:]:
        named = len(cells) > 1 and re.search("[A-Za-z]", cells[0])
        rank = 1
        if named and labels.search(cells[0]):
            rank = 4
        elif len(cells) == 1 or (named and len(cells) == 2):
            rank = 3
        head = cells[0] if named else ""
        piece = f"{head} {result.piece}".strip()
        yield result._replace(piece=piece, rank=rank, head=head)


def _of_clause(
    clause: str, labels: _Labels, base: str, *, aside: bool = False, other: bool = False
) -> Iterator[Result]:
    """Yield what one clause comes to: the end of its chain of relations, else its last number.

    An `aside` counts only under a label, what is said of an `other` quantity does not even so.
    """
    first = clause.split(None, 1)[:1]
    is_listed = bool(first) and first[0].endswith(_ENDS_OF_MARK)
    bare = _LIST_MARK.sub("", clause, count=1) if is_listed else clause
    relation = _RELATION if lazy.may_say(bare, _RELATION_WORDS) else _RELATION_SIGN
    ends = [(found.start(), found.end()) for found in relation.finditer(bare)]
    starts = [0, *(stop for _, stop in ends)]
    pieces = [bare[start:stop] for start, (stop, _) in zip(starts, ends, strict=False)]
    head = next((piece.strip() for piece in pieces if piece.strip()), "")
    if ends and head[:1].isdecimal() and (first_of := _NUMBER_FIRST.match(head)):
        number = _numerals.read(first_of[1])
        yield Result(number, piece=first_of[1], rank=1 if aside else 2)
    for index in range(len(ends) - 1, -1, -1):
        start = ends[index][1]
        stop = ends[index + 1][0] if index + 1 < len(ends) else len(bare)
        value = lead(bare[start:stop], base)
        if value is not None:
            rank = _rank(head, labels)
            is_other = other or (index > 0 and _is_of_other(pieces[index]))
            if aside or is_other:
                rank = 4 if labels.own(head) and not is_other else 1
            chain = tuple(_EQUALITY.split(bare[: ends[index][0]])[-4:])
            piece = bare[start:stop].strip()
            yield value._replace(piece=piece, rank=rank, head=head, chain=chain)
            if other or not is_other:
                return
    if other and ends:
        return
    dash = _DASH.match(bare) if bare.lstrip().startswith("-") else None
    value = lead(f"-{bare[dash.end() :]}" if dash else bare, base)
    if value is not None:
        readings = value.readings
        if dash and (plus := lead(bare[dash.end() :], base)):
            readings += tuple(each._replace(note=_DASH_NOTE) for each in plus.readings)
        rank = 1 if aside or other else 3
        yield value._replace(readings=readings, piece=bare.strip(), rank=rank)
        return
    yield from _in_prose(bare)


def _is_of_other(left: str) -> bool:
    """Return whether the left side of a relation, behind a number, names another quantity."""
    return lazy.may_say(left, _OTHER_WORDS) and _OTHER.search(left) is not None


def _rank(head: str, labels: _Labels) -> int:
    if labels.search(head):
        return 4
    # A head that is itself a computation is a step on the way, such as `log(0.1) = -1`.
    return 2 if re.search(r"(?<![\w_^({])\d|(?<=[({])\s*[.\d]*\d\s*[)}]", head) else 3


def lead(piece: str, base: str = "natural") -> Result | None:
    """Return the value with which a piece of text begins, if nothing but words follow it."""
    piece = piece.lstrip(_SIGNS_BEFORE_VALUE)
    if piece[:1] in _INITIALS_BEFORE_VALUE or piece[:1].isspace():
        start = _BEFORE_VALUE.match(piece)
        piece = piece[start.end() if start else 0 :]
    if not _COMPARES.isdisjoint(piece) or "+/-" in piece or "\\pm" in piece:
        piece = _COMPARISON.split(piece)[0]
    piece = piece.strip().rstrip(".,;:!").strip()
    if not piece:
        return None
    readings = _numerals.read(piece)
    if readings:
        return Result(readings)
    word = _WORD.match(piece) if lazy.may_say(piece, _HINTS_OF_WORDS) else None
    if word:
        return _of_word(word)
    if piece[:4].lower() in ("zero", "null") and _ZERO.match(piece):
        return Result((Numeral(0.0),))
    unsigned = piece[1:].lstrip() if piece[0] in "+-" else piece
    starts = unsigned[:1].isdecimal() or unsigned[:1] in (".", ",")
    number = _START.match(piece) if starts else None
    if number and _FACTOR.match(piece, number.end()):
        return None  # "4.5 times smaller" compares
    rest = _ASIDE.sub(" ", piece[number.end() :]) if number else ""
    if number and not re.search(r"\d", rest):
        return Result(_numerals.read(number[0]))
    computed = compute(_without_remark(piece), base)
    if computed is not None:
        return Result((Numeral(computed, note="computed"),))
    if number:
        doubt = "several numbers are given; the first one was read"
        return Result(_numerals.read(number[0]), doubt=doubt if _TOKEN.search(rest) else None)
    return None


def _without_remark(piece: str) -> str:
    """Return a computation without the remark in brackets behind it."""
    if piece.endswith(")") and not _ASCII_LETTERS.isdisjoint(piece.rpartition("(")[2]):
        return _AFTER_VALUE.sub("", piece)
    return piece


def _of_word(word: re.Match[str]) -> Result:
    if _UNDEFINED_WORD.match(word[0]):
        return Result((), undefined=True)
    value = -math.inf if _NEGATIVE.match(word[0]) else math.inf
    return Result((Numeral(value),))


def _in_prose(sentence: str) -> Iterator[Result]:
    """Yield the last number of a sentence, outside brackets and comparisons."""
    text = _ASIDE.sub(lambda found: " " * len(found[0]), sentence)
    tokens = [
        found
        for found in _TOKEN.finditer(text)
        if not _DENIAL.search(text, max(0, found.start() - 20), found.start())
    ]
    if not tokens:
        return
    results = [_of_token(found) for found in tokens]
    last = results[-1]
    different = any(not _same(each, last) for each in results)
    doubt = "several numbers are given; the last one was read" if different else None
    yield last._replace(piece=sentence.strip(), rank=1, doubt=doubt)


def _of_token(found: re.Match[str]) -> Result:
    word = _WORD.fullmatch(found[0])
    return _of_word(word) if word else Result(_numerals.read(found[0]))


def compute(text: str, base: str = "natural") -> float | None:
    """Return the value of a closed computation, or None where the text is none.

    `base` says which logarithm a bare `log` is. Decimal commas and grouped thousands are read.
    """
    if len(text) > _LONGEST_EXPRESSION or not _is_computable(text):
        return None
    plain = _arithmetic.value(_TIMES.sub("*", text) if "x" in text else text)
    if plain is not None and math.isfinite(plain):
        return plain
    words = _LETTERS.findall(_without_units(text))
    if not all(word.lower() in _MATHEMATICS for word in words):
        return None
    from grader import formula  # a number that was only typed needs none of it

    for variant in _variants(text):
        try:
            value = formula.value(_based(variant, base))
        except Unreadable:
            continue
        if math.isfinite(value) or (math.isinf(value) and _HAS_NO_BOUND.search(text)):
            return value
    return None


def _is_computable(text: str) -> bool:
    """Return whether a text has a number, all of its brackets, and no variables of a question."""
    if not _typed.has_digit(text) and not any(each in text for each in ("e", "∞", "π", "\\pi")):
        return False
    if any(text.count(a) != text.count(b) for a, b in _BRACKETS):
        return False
    if text.lstrip()[:1] == "[" and "," in text:
        return False  # a list
    return not ("x" in text or "X" in text) or _VARIABLES.search(text) is None


def _without_units(text: str) -> str:
    end = text.rstrip("\n")[-1:]
    return _UNITS.sub("", text) if end in _ENDS_OF_UNITS else text


def _variants(text: str) -> Iterator[str]:
    text = text.strip()
    if "x" in text or "X" in text:
        text = _TIMES.sub("*", text)
    texts = [text]
    shorter = _without_units(text)
    if shorter != text:
        texts.append(shorter)
    for each in texts:
        if "," in each:
            grouped = _GROUPED.sub(lambda found: found[0].replace(",", ""), each)
            yield re.sub(r"(?<=\d),(?=\d)", ".", grouped)
            if grouped != each:
                yield re.sub(r"(?<=\d),(?=\d)", ".", each)
        else:
            yield each


def _based(text: str, base: str) -> str:
    if "log" not in text:
        return text
    if base in ("2", "10"):
        return _LOG.sub(f"log{base}", text)
    return _LOG.sub("ln", text)
