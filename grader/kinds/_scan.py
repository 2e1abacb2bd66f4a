"""From a text to its words in order, with what stands between them.

LaTeX, Unicode mathematics, Markdown and HTML become plain words: `\\sigma'` and `σ'` are `sigma'`,
`z_{i,y_i}` is `ziyi`, `\\infty` is `infinity`, `1/4` and `\\frac{1}{4}` are `0.25`. One pass of
regular expressions whose every repetition is bounded or cannot overlap the next.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from grader import lazy
from grader.kinds._words import fold

NOTHING, HYPHEN, PAUSE, STOP = range(4)
"""What may stand before a word, from the weakest: STOP ends a sentence."""

_TOKEN = lazy.pattern(
    r"""
      (?P<word> [^\W\d_]++ (?:['’ʼ´`][^\W\d_]++)*+
        (?: _?\d+ | _\{(?:[^{}\n]|\{[^{}\n]{0,12}\}){0,24}\} | (?:_[^\W_]+)+ )?
        ['’′]{0,3} ) \ ?
    | (?P<number> \d+(?:[.,]\d+)*(?:\ ?/\ ?\d+)? | \.\d+ )
    | (?P<block> \n[ \t]*\n\s* | \n[ \t]*(?:[-*•+]|\(?[0-9A-Za-z]{1,2}[.)])(?=\s) )
    | (?P<markup> \\ | <(?=[!/A-Za-z]) | ~(?=~) )
    | (?P<arrow> -{1,2}> | => | [→⇒⟹⟶] )
    | (?P<symbol> <= | >= | != | == | [≤≥≠<>=≈∞∏∑∂↑↓%+&^] )
    | (?P<stop> [.!?;…]+ )
    | (?P<dash> (?<=\s)[-–—]{1,3}(?=\s) | — )
    | (?P<hyphen> (?<=\w)[-‐‑–](?=\s?\w) )
    | (?P<minus> [-−](?=\s?[\d.∞\\]) )
    | (?P<pause> [,:()\[\]\t"“”/|] )
    """,
    re.VERBOSE,
)
_MARKUP = lazy.pattern(
    r"""
      (?P<skip> <!--[\s\S]{0,400}?--> | ~~[^~]{1,400}~~
        | </?(?:span|div|p|br|b|i|u|em|strong|sub|sup|font|a|img|li|ul|ol|code|pre|t[dhr])\b
          [^<>]{0,200}> )
    | \\[dt]?frac\s?\{(?P<over>\d{1,6})\}\s?\{(?P<under>\d{1,6})\}
    | \\(?P<accent>hat|bar|tilde)\s?\{?\s?\\?(?P<accented>[A-Za-z]{1,8})\s?\}?
    | \\(?P<command>[A-Za-z]+) (?P<derived> '{0,3} )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SYMBOLS = {
    "≤": "<=", "≥": ">=", "==": "=", "≈": "=", "∞": "infinity", "∏": "product", "∑": "sum",
    "∂": "partial", "↑": "upward", "↓": "downward", "&": "and",
}  # fmt: skip
_COMMANDS = {
    "le": "<=", "leq": "<=", "leqslant": "<=", "ge": ">=", "geq": ">=", "geqslant": ">=",
    "lt": "<", "gt": ">", "infty": "infinity", "prod": "product", "approx": "=",
    "uparrow": "upward", "downarrow": "downward", "to": "→", "rightarrow": "→", "implies": "→",
    "longrightarrow": "→",
}  # fmt: skip
_LOOK_NAMES = """
left right big bigg mathbf mathrm mathit mathcal mathbb boldsymbol bm text textbf textit texttt emph
operatorname displaystyle limits quad qquad cdot times ldots cdots dots begin end frac dfrac tfrac
hspace vspace label mid
"""
# Commands that say how something looks, not what it is.
_LOOKS = frozenset(_LOOK_NAMES.split())
_GREEK_NAMES = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon
phi chi psi omega
"""
_GREEK = dict(zip("αβγδεζηθικλμνξπρστυφχψω", _GREEK_NAMES.split(), strict=True))
_NAMES = frozenset(_GREEK_NAMES.split()) | {"softmax", "sigmoid"}
_AUXILIARIES = "is are was were do does did could would should has have had can wo ca sha must need"
_NEGATIVE = {f"{verb}n{mark}t": verb for verb in _AUXILIARIES.split() for mark in ("", "'")} | {
    "cannot": "can", "can't": "can", "cant": "can", "won't": "will", "wont": "will",
    "ain't": "is",
}  # fmt: skip
_APOSTROPHES = str.maketrans("’ʼ´`′", "'''''")
_INDEX = lazy.pattern(r"[_{}\s,]")
_AFTER_STOP = ("", *" \t\n\"')]*_$")
# Before a capital these may also end a sentence; the others never do.
_SHORTENED = frozenset(fold(word) for word in ("acc", "etc", "incl", "reg"))
_ABBREVIATED = frozenset(
    fold(word) for word in ("approx", "cf", "e", "eq", "fig", "g", "resp", "vs")
)
# These two go by what follows.
_ABBREVIATIONS = _SHORTENED | _ABBREVIATED
_WORD_ALONE = lazy.pattern(r"""[(\["“]*[^\W\d_]+(?:'[^\W\d_]+)*[,:;!?.)\]"”]*""")
# Most words of an answer are no longer, with the marks around them.
_LONGEST_CHUNK = 24
# Longer than any number that an answer is about.
_DIGITS = 12


class Tokens:
    """Words in order; `before` is the strongest mark before each, `asked` ends in `?`."""

    __slots__ = ("asked", "before", "mark", "spans", "words")

    def __init__(self, mark: int = STOP) -> None:
        self.words: list[str] = []
        self.spans: list[tuple[int, int]] = []
        self.before: list[int] = []
        self.asked: list[int] = []
        self.mark = mark

    def add(self, words: Sequence[str], span: tuple[int, int]) -> None:
        for word in words:
            self.words.append(word)
            self.spans.append(span)
            self.before.append(self.mark)
            self.mark = NOTHING


class _Chunk(NamedTuple):
    """A word between two spaces, with the marks around it: it is read alike in every text.

    The word is two where it hides a `not`.
    """

    words: Sequence[str]
    start: int
    end: int
    before: int
    after: int
    is_asked: bool


def words_of(text: str) -> Sequence[str]:
    """Return the folded words of a pattern or a phrase, as the same text in an answer is read."""
    return scan(text).words


def scan(text: str) -> Tokens:
    """Return the words of a text, which should be NFKC-normalised and of bounded length."""
    tokens = Tokens()
    start = read = 0
    for written in text.rstrip().split(" "):
        end = start + len(written)
        if end > read:
            chunk = _chunk(written) if len(written) <= _LONGEST_CHUNK and start >= read else None
            if chunk is None:
                read = _scan_between(max(start, read), end, text, tokens)
            else:
                _add_chunk(tokens, chunk, start)
        start = end + 1
    return tokens


@lru_cache(4096)
def _chunk(written: str) -> _Chunk | None:
    """Return what is read in a chunk, or None where it may mean more beside others."""
    if not _WORD_ALONE.fullmatch(written):
        return None
    tokens = Tokens(NOTHING)
    _scan_between(0, len(written), written, tokens)
    if tokens.words[-1] in _ABBREVIATIONS:
        return None
    return _Chunk(tokens.words, *tokens.spans[0], tokens.before[0], tokens.mark, bool(tokens.asked))


def _add_chunk(tokens: Tokens, chunk: _Chunk, at: int) -> None:
    words, start, end, before, after, is_asked = chunk
    if before > tokens.mark:
        tokens.mark = before
    tokens.add(words, (at + start, at + end))
    tokens.mark = after
    if is_asked:
        tokens.asked.append(len(tokens.words) - 1)


def _scan_between(start: int, stop: int, text: str, tokens: Tokens) -> int:
    """Add the words that begin before `stop`; return where reading goes on."""
    at = start
    while at < stop:
        at = _scan_from(at, stop, text, tokens)
    return at


def _scan_from(start: int, stop: int, text: str, tokens: Tokens) -> int:
    """Add the words from `start` up to `stop`, or to where a piece of markup ends."""
    add = tokens.add
    end = start
    for match in _TOKEN.finditer(text, start):
        if match.start() >= stop:
            return stop
        end = match.end()
        kind = match.lastgroup
        if kind == "word":
            add(_spoken(match[1]), match.span(1))
        elif kind == "stop":
            _stop(tokens, text, match)
        elif kind == "pause" or kind == "dash":
            tokens.mark = max(tokens.mark, PAUSE)
        elif kind == "hyphen":
            tokens.mark = max(tokens.mark, HYPHEN)
        elif kind == "block":
            tokens.mark = STOP
        elif kind == "markup":
            markup = _MARKUP.match(text, match.start())
            if markup is not None:
                add(_marked_up(markup), markup.span())
                return markup.end()
            if match[0] == "<":
                add(("<",), match.span())
        else:
            add(_sign(kind, match[0]), match.span())
        if end >= stop:
            return end
    return stop


@lru_cache(4096)
def _spoken(written: str) -> tuple[str, ...]:
    """Return the words in a run of letters: one, or two where a contraction hides a `not`."""
    if written.isascii() and written.isalpha() and (plain := written.lower()) not in _NEGATIVE:
        return (fold(plain),)
    written = written.translate(_APOSTROPHES).casefold()
    bare = written.rstrip("'")
    if bare in _NEGATIVE:
        return (_NEGATIVE[bare], "not")
    if "'" in bare:
        bare = bare[: bare.index("'")]
    if bare in _GREEK:
        bare = _GREEK[bare]
    elif "_" in bare:
        bare = _INDEX.sub("", bare)
    # A prime after a short name is a derivative, after a longer one a closing quote.
    prime = "'" if written.endswith("'") and (len(bare) <= 4 or bare in _NAMES) else ""
    return (fold(bare) + prime,)


def _marked_up(match: re.Match[str]) -> Sequence[str]:
    """Return the words for a LaTeX command; what HTML or Markdown crosses out holds none."""
    if match["over"] is not None:
        return [_ratio(match["over"], match["under"])]
    if match["accent"] is not None:
        return [fold(match["accented"]) + match["accent"]]
    if match["command"] is not None:
        return _command(match["command"].casefold(), match["derived"])
    return []


def _sign(kind: str | None, written: str) -> Sequence[str]:
    """Return the words for a number or a symbol."""
    if kind == "number":
        return [_number(written)]
    if kind == "arrow":
        return ["→"]
    if kind == "minus":
        return ["minus"]
    # "unequal" is a denial like any other
    return ["not", "="] if written in ("≠", "!=") else [_SYMBOLS.get(written, written)]


def _command(name: str, primes: str) -> Sequence[str]:
    if name in _LOOKS:
        return []
    if name in ("ne", "neq"):
        return ["not", "="]
    word = _COMMANDS.get(name, name)
    return [(fold(word) if word.isalpha() else word) + primes[:1]]


def _number(written: str) -> str:
    over, _, under = written.replace(" ", "").partition("/")
    return _ratio(over, under) if under else _decimal(over)


def _ratio(over: str, under: str) -> str:
    """Return a proper fraction as a decimal number, and anything else as it stands."""
    if not (over.isdecimal() and under.isdecimal() and len(over + under) <= _DIGITS):
        return f"{over}/{under}"
    if not 0 < int(over) < int(under):
        return f"{int(over)}/{int(under)}"
    return _trimmed(f"{int(over) / int(under):.4f}")


def _decimal(written: str) -> str:
    """Return a number without separators of thousands and trailing zeros, with a decimal point."""
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3}){1,3}", written) and not written.startswith("0"):
        return re.sub(r"[.,]", "", written)
    if written.count(",") + written.count(".") != 1:
        return written
    whole, part = re.split(r"[.,]", written)
    return _trimmed(f"{whole or '0'}.{part}")


def _trimmed(number: str) -> str:
    return number.rstrip("0").rstrip(".")


def _stop(tokens: Tokens, text: str, match: re.Match[str]) -> None:
    """End the sentence, unless the point belongs to an abbreviation or stands inside a word."""
    if match[0] == "." and _is_inner(tokens, text, match.start()):
        return
    tokens.mark = STOP
    if "?" in match[0] and tokens.words:
        tokens.asked.append(len(tokens.words) - 1)


def _is_inner(tokens: Tokens, text: str, point: int) -> bool:
    after = text[point + 1 : point + 3]
    if after[:1] not in _AFTER_STOP and not (after[0].isupper() and after[1:].isalpha()):
        return True  # x.T, 3.x, i.e
    if not tokens.words or tokens.spans[-1][1] != point:
        return False
    last, start = tokens.words[-1], tokens.spans[-1][0]
    if last in _ABBREVIATED or (len(last) == 1 and text[start - 1 : start] == "."):
        return True  # e.g. and w.r.t.
    return last in _SHORTENED and not after.strip().isupper()
