"""Three notations, one stream of tokens: LaTeX, Unicode mathematics, and code or plain ASCII."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from grader import lazy
from grader.errors import Unreadable
from grader.formula import spelling

# Bounds on what is read at all; a page of derivation has about 3,000 characters.
MAX_CHARACTERS = 12_000
MAX_TOKENS = 3_000


class Token(NamedTuple):
    """One sign: its kind, its one canonical spelling, and where it stands in the source.

    Kinds: number word op rel open close bar prime sub sup sep command begin end attr string
    text bad, and eof.
    """

    kind: str
    text: str
    start: int
    end: int
    spaced: bool = False


class Source(NamedTuple):
    """A student's text as tokens; `code` and `latex` say which hand wrote it."""

    text: str
    tokens: tuple[Token, ...]
    code: bool
    latex: bool
    torch: bool = False


_DIGITS = frozenset("0123456789")
# Words that are more with what stands behind them.
_LONGER_WORDS = {
    ".": spelling.words(
        """
        np numpy torch math jnp tf nn F scipy sp special functional linalg cmath keras
        activations i e w resp cf a dot o
        """
    ),
    "(": spelling.words("bold upright italic bb bf cal arrow hat tilde bar overline macron"),
    "_": frozenset({"lambda"}),
}
# Where a hat is an accent on what stands before it, and a quotation mark may begin a word.
_BEHIND_HAT = frozenset(")],=/@~")
_BEFORE_STRING = frozenset("(,=")
_DECIMAL = (
    r"\d+(?:,\d+)+(?:\.\d+)?(?:[eE][+-]?\d+)? | \d+(?:\{,\}\d{3})+"
    r" | (?:\d+(?:\.\d+|\.(?![\w.*/^'\\]))?|\.\d+)(?:[eE][+-]?\d+)?"
)
_WORD = lazy.pattern(r"[^\W\d_][^\W_]*")
_NUMBER = lazy.pattern(_DECIMAL, re.VERBOSE)
_COMMAND = lazy.pattern(r"\\[A-Za-z]+\*?")
_ATTRIBUTES = spelling.words(
    """
    T mT H t dot mm matmul sum mean max min reshape view flatten ravel squeeze unsqueeze
    transpose swapaxes permute astype float double int long exp log log10 log2 sqrt pow square
    abs sigmoid tanh relu softmax sign inverse inv argmax trace norm shape size copy clone
    detach numpy item type to outer mul add sub div diag clip clamp expand_dims log1p prod std
    var cumsum contiguous data cpu cuda repeat diagonal grad numel bmm conj
    """
)
_PATTERN = lazy.pattern(
    r"""
    (?P<string>(?<=[(,=])[^\S\n]*(?:'[A-Za-z,>.\s-]*'|"[A-Za-z,>.\s-]*"))
  | (?P<space>[^\S\n]+)
  | (?P<comment>(?:(?<=\s)|(?<![\s\S]))(?:\#[^\n]*|%\s+[A-Za-z]{3,}\b[^\n]*))
  | (?P<fence>```[^\n]*)
  | (?P<raised></?su[bp]>)
  | (?P<short>\b(?:i\.\s?e\.|e\.\s?g\.|w\.\s?r\.\s?t\.?|resp\.|cf\.|a\.k\.a\.))
  | (?P<hat>(?<=[A-Za-z])(?:\^(?=\s*[)\],=/@]|\s+[-+*]\s)|-hat\b))
  | (?P<number>NUMBER)
  | (?P<module>\b(?:np|numpy|torch|math|jnp|tf|nn|F(?=\.[a-z]{3})|scipy|sp|special
      |functional|linalg|cmath|keras|activations)\.(?=[A-Za-z]))
  | (?P<attr>(?<=[\w)\]}])\.[A-Za-z]\w*)
  | (?P<python>lambda_(?![\w{]))
  | (?P<circle>\bdot\.(?:circle|o)\b|(?<=\s)o\.(?=\s))
  | (?P<dressed>\b(?:bold|upright|italic|bb|bf|cal|arrow|hat|tilde|bar|overline|macron)
      \(\s*[A-Za-z]\w*\s*\))
  | (?P<dots>\.{3,})
  | (?P<word>[^\W\d_][^\W_]*)
  | (?P<break>\\\\(?:\s*\[\s*-?[\d.]+\s*[a-z]+\s*\])?\*?)
  | (?P<applied>(?<=\w)\.(?=\())
  | (?P<block>\$\$|\\\[|\\\]|\n)
  | (?P<inline>\$|\\\(|\\\)|`|\\[,;:!>\x20/~\n-])
  | (?P<environment>\\(?:begin|end)\s*\{\s*[A-Za-z]+\*?\s*\})
  | (?P<escaped>\\[{}|_&%\#])
  | (?P<command>\\[A-Za-z]+\*?)
  | (?P<angle><(?=\s*[^<>=|&\n]{1,40},[^<>=|&\n]{1,40}>))
  | (?P<assign>:=|<-|(?<!\^)(?:\+=|-=|\*=|/=))
  | (?P<rel>==|!=|<>|<=|>=|=<|=>|->|-->|=|<|>)
  | (?P<op>%\*%|%o%|\*~|/~|\^~|\*\*|\.[+-]|\.\*|\./|\.\^|//|&&|\.\.(?!\.)|[+\-*/@%!?])
  | (?P<rest>[\s\S])
    """.replace("NUMBER", _DECIMAL),
    re.VERBOSE,
)

_CODE = lazy.pattern(
    r"\b(?:np|numpy|torch|jnp|tf|F)\.[a-z]|@|\*\*|\w\.T\b|\)\.T\b|\baxis\s*=|\bdim\s*=\d|keepdims"
    r"|\.(?:dot|sum|mean|mm|matmul|reshape|t|transpose|exp|log|shape)\b[(\[]|\beinsum\b|\bmatmul\("
)
# None of what tells code is without one of these.
_CODE_HINTS = (".", "@", "**", "axis", "dim", "einsum", "matmul")
_LATEX = lazy.pattern(r"\\[A-Za-z]{2}|\$")
_FONT_WORD = lazy.pattern(r"\s*\{\s*([A-Za-z][A-Za-z0-9]*|[A-Za-z](?:\s[A-Za-z])+)\s*\}")
_FONT_GREEK = lazy.pattern(r"\s*\{\s*\\([A-Za-z]+)\s*\}")
_WORDS = lazy.pattern(r"[\s\w,.:;!?'()-]*")
_FONT_TEXT = lazy.pattern(r"\s*\{([^{}\\$]*)\}")
_MARKED_HAT = lazy.pattern(r"\s*\{\s*\\(?:wedge|land|frown)\s*\}")
_MARKED_EQUALS = lazy.pattern(r"\s*\{[^{}]*\}\s*\{\s*(?:=|:=|\\triangleq)\s*\}")
_ONES = lazy.pattern(r"\s*(?:\{\s*1\s*\}|1)")
_SKIPPED_ARGUMENT = lazy.pattern(r"\s*\{[^{}]*\}")
_ALIGNED = lazy.pattern(r"&\s*=|=\s*&")
_EVALUATED_AT = lazy.pattern(r"\s*\|\s*_\s*(?:\{[^{}]*\}|\w)")
_NULL_DELIMITER = lazy.pattern(r"\s*\.")
_COLUMNS = lazy.pattern(r"\s*\{[^{}]*\}")
_PLAIN_ENVIRONMENTS = spelling.words(
    """
    aligned align align* equation equation* gather gather* gathered split multline multline*
    displaymath math eqnarray eqnarray* alignat alignat* flalign flalign* dmath center aligned*
    alignedat
    """
)
# What each of these signs may go on with, to be another one.
_LONGER = {"=": "=<>", "+": "=", "-": "=->h", "*": "*=~", "/": "/=~", ":": "=", "&": "&"}
_RESHAPED = {
    "&&": ("op", "and"),
    ".*": ("op", "⊙"),
    "./": ("op", "./"),
    ".^": ("op", "**"),
    ".+": ("op", "+"),
    ".-": ("op", "-"),
    "%*%": ("op", "@"),
    "%o%": ("op", "⊗"),
    "*~": ("op", "⊙"),
    "/~": ("op", "./"),
    "^~": ("op", "**"),
}
_SINGLE = {
    "(": ("open", "("),
    "[": ("open", "["),
    "{": ("open", "{"),
    ")": ("close", ")"),
    "]": ("close", "]"),
    "}": ("close", "}"),
    "|": ("bar", "|"),
    "_": ("sub", "_"),
    "^": ("sup", "^"),
    "'": ("prime", "'"),
    ",": ("sep", ","),
    ";": ("sep", ";"),
    ":": ("sep", ":"),
    ".": ("sep", "."),
    "&": ("sep", "&"),
    "~": ("rel", "~"),
    '"': ("space", ""),
}
# The signs that are told by one character, unless one of the last stands behind it.
_PLAIN = {
    char: (
        *_SINGLE.get(char, ("rel" if char == "=" else "op", char)),
        frozenset(_LONGER.get(char, "")),
    )
    for char in "()[],;|_=+-*/@?:&"
}
_ESCAPED = {
    "\\{": ("open", "\\{"),
    "\\}": ("close", "\\}"),
    "\\|": ("bar", "‖"),
    "\\_": ("sub", "_"),
    "\\&": ("op", "and"),
    "\\%": ("op", "%"),
    "\\#": ("bad", "#"),
}
# Around an answer, whose equals sign has to be seen.
_BOXES = frozenset({"boxed", "fbox", "ensuremath", "underline"})

# Letters to Unicode, but signs of their own to a reader of mathematics.
_OWN_SIGNS = frozenset(
    {
        *spelling.OPERATORS,
        *spelling.SUPERSCRIPTS,
        *spelling.SUBSCRIPTS,
        *spelling.FRACTIONS,
    }
)


def lex(text: str) -> Source:
    """Return the tokens of `text`; what is no sign of mathematics becomes a token `bad`."""
    if len(text) > MAX_CHARACTERS:
        raise Unreadable(
            f"the answer is longer than {MAX_CHARACTERS:,} characters",
            text=text,
            position=MAX_CHARACTERS,
        )
    latex = _LATEX.search(text) is not None
    tokens = _Scan(text, latex).tokens()
    code = any(hint in text for hint in _CODE_HINTS) and _CODE.search(text) is not None
    return Source(text, tuple(tokens), code, latex, "torch" in text)


class _Scan:
    """One pass over a text."""

    def __init__(self, text: str, latex: bool) -> None:
        self.text = text
        self.latex = latex
        self.found: list[Token] = []
        self.spaced = False
        self.accent = ""
        self.position = 0
        self.boxed = False
        self.braces: list[bool] = []
        self.angles = 0
        self.arrays: list[bool] = []

    def tokens(self) -> list[Token]:
        """Return all tokens, the last one an eof."""
        text, size, whole = self.text, len(self.text), _WORD.match
        while self.position < size:
            start = self.position
            char = text[start]
            if char.isalpha():
                found = whole(text, start)
                assert found is not None  # it takes any letter
                end = found.end()
                word = text[start:end]
                if word in _LONGER_WORDS.get(text[end : end + 1], ()):
                    self._any()
                else:
                    self.position = end
                    self._word(word, start, end)
            elif not self._plain(char, text[start + 1 : start + 2], start):
                self._any()
            if len(self.found) > MAX_TOKENS:
                raise Unreadable("the answer is too long", text=text, position=start)
        self._emit("eof", "", size, size)
        return self.found

    def _plain(self, char: str, after: str, start: int) -> bool:
        """Read a sign that its first character and the next tell; return False for any other."""
        end = self.position = start + 1
        sign = _PLAIN.get(char)
        if sign is not None and after not in sign[2]:
            self._emit(sign[0], sign[1], start, end)
        elif char == " " and after not in ("'", '"') and (after == "\n" or not after.isspace()):
            self.spaced = True
        elif char == "{" or char == "}":
            self._brace(char, start, end)
        elif char == "\\" and after.isalpha() and after.isascii():
            return self._plain_command(start)
        elif char in _DIGITS:
            found = _NUMBER.match(self.text, start)
            assert found is not None  # it takes any digit
            self.position = found.end()
            self._sign("number", found.group(), start, self.position)
        elif char == "^" and not (after.isspace() or after in _BEHIND_HAT):
            self._emit("sup", "^", start, end)
        elif char == "\n":
            self._block(char, start, end)
        elif char == "$" and after != "$":
            self.spaced = True
        elif char == "'" and self.text[start - 1 : start] not in _BEFORE_STRING:
            self._emit("prime", char, start, end)
        elif char == "." and (not after or after.isspace()):
            self._emit("sep", char, start, end)
        elif not (char.isascii() or char.isalnum() or char.isspace()):
            self._rest(char, start, end)
        else:
            self.position = start
            return False
        return True

    def _plain_command(self, start: int) -> bool:
        """Read a command of LaTeX, unless it may begin or end an environment."""
        found = _COMMAND.match(self.text, start)
        if found is None or found.group() in ("\\begin", "\\end"):
            self.position = start
            return False
        self.position = found.end()
        self._command(found.group(), start, found.end())
        return True

    def _any(self) -> None:
        """Read whatever stands here."""
        found = _PATTERN.match(self.text, self.position)
        assert found is not None  # the last alternative takes any character
        self.position = found.end()
        kind = found.lastgroup
        if kind == "space" or kind == "inline":
            self.spaced = True
            self._divide(found.group(), found.start())
        elif kind == "number" or kind == "rel" or kind == "op":
            self._sign(kind, found.group(), found.start(), found.end())
        elif kind == "attr" and found.group()[1:] not in _ATTRIBUTES:
            self.position = found.start() + 1
            self._rest(".", found.start(), self.position)
        else:
            getattr(self, f"_{kind}")(found.group(), found.start(), found.end())

    def _divide(self, text: str, start: int) -> None:
        """Read the backslash of `A \\ b` and `(A)\\(b)`, which solves, where nothing is LaTeX."""
        if self.latex or text not in ("\\ ", "\\("):
            return
        if text == "\\ ":
            self._emit("op", "\\", start, start + 2)
        elif self.found and self.found[-1].kind in ("close", "word", "prime"):
            self._emit("op", "\\", start, start + 1)
            self._emit("open", "(", start + 1, start + 2)

    def _emit(self, kind: str, text: str, start: int, end: int) -> None:
        self.found.append(Token(kind, text, start, end, self.spaced))
        self.spaced = False

    def _sign(self, kind: str, text: str, start: int, end: int) -> None:
        if kind == "number":
            if self.found and self.found[-1].kind == "sub" and text.isascii():
                digits = re.match(r"\d+", text)
                end = start + len(digits.group()) if digits else end
                text, self.position = self.text[start:end], end
            text = unicodedata.normalize("NFKC", text).replace("{,}", ",")
        elif text == ">" and self.angles:
            self.angles -= 1
            kind = "close"
        elif text == "=<":
            text = "<="
        elif text == "<>":
            text = "!="
        elif text in ("=>", "-->"):
            kind = "sep" if text == "=>" else kind
            text = "=>" if text == "=>" else "->"
        elif text in _RESHAPED:
            kind, text = _RESHAPED[text]
        self._emit(kind, text, start, end)

    def _comment(self, text: str, start: int, end: int) -> None:
        self.spaced = True

    def _raised(self, text: str, start: int, end: int) -> None:
        """Read HTML's `x<sup>T</sup>`."""
        if text[1] == "/":
            self._emit("close", "}", start, end)
        else:
            self._emit(text[1:4], "^" if text[3] == "p" else "_", start, start)
            self._emit("open", "{", start, end)

    def _angle(self, text: str, start: int, end: int) -> None:
        self.angles += 1
        self._emit("open", "<", start, end)

    def _applied(self, text: str, start: int, end: int) -> None:
        """Pass over the dot of `σ.(z)`, which applies a function entry by entry."""

    def _short(self, text: str, start: int, end: int) -> None:
        self._emit("text", text.replace(".", "").replace(" ", ""), start, end)

    def _hat(self, text: str, start: int, end: int) -> None:
        self._combine("hat", end)

    def _fence(self, text: str, start: int, end: int) -> None:
        self._emit("sep", "\n", start, end)

    def _break(self, text: str, start: int, end: int) -> None:
        self._emit("sep", "\\\\", start, end)

    def _block(self, text: str, start: int, end: int) -> None:
        # A line end inside displayed LaTeX is only a space; `$$` always ends what stood before.
        self._emit("sep", "\n" if text == "\n" else "$$", start, end)

    def _assign(self, text: str, start: int, end: int) -> None:
        if text == "<-" and self.text[end : end + 1].isalnum():
            # `z<-1` compares, `W <- W - ...` assigns
            self._emit("rel", "<", start, start + 1)
            self._emit("op", "-", start + 1, end)
            return
        self._emit("rel", "=" if text in (":=", "<-") else text, start, end)

    def _module(self, text: str, start: int, end: int) -> None:
        self.spaced = self.spaced or start == 0

    def _python(self, text: str, start: int, end: int) -> None:
        self._emit("word", text.rstrip("_"), start, end)

    def _dots(self, text: str, start: int, end: int) -> None:
        self._emit("bad", "…", start, end)

    def _circle(self, text: str, start: int, end: int) -> None:
        self._emit("op", "⊙", start, end)

    def _dressed(self, text: str, start: int, end: int) -> None:
        """Read Typst's `bold(x)` and `hat(y)`: a letter with its dress or its accent."""
        dress, _, inner = text[:-1].partition("(")
        self.accent = {"hat": "hat", "tilde": "tilde"}.get(dress, "")
        if dress in ("bar", "overline", "macron"):
            self.accent = "bar"
        at = start + len(text) - len(text[len(dress) + 1 :].lstrip())
        self._name(inner.strip(), at, at + len(inner.strip()))

    def _attr(self, text: str, start: int, end: int) -> None:
        self._emit("attr", text[1:], start, end)

    def _string(self, text: str, start: int, end: int) -> None:
        self._emit("string", text.strip()[1:-1], start, end)

    def _escaped(self, text: str, start: int, end: int) -> None:
        self._emit(*_ESCAPED[text], start, end)

    def _environment(self, text: str, start: int, end: int) -> None:
        name = text[text.index("{") + 1 : -1].strip()
        if name in _PLAIN_ENVIRONMENTS:
            self._emit("sep", "$$", start, end)
            if name.startswith(("alignedat", "alignat")):
                self._skip(_SKIPPED_ARGUMENT)
            return
        begins = text.startswith("\\begin")
        if name == "array" and self._aligns(begins, end):
            self._emit("sep", "$$", start, end)
            if begins:
                self._skip(_COLUMNS)
            return
        if begins and name.rstrip("*") in ("array", "tabular"):
            self._skip(_COLUMNS)
        self._emit("begin" if begins else "end", name, start, end)

    def _aligns(self, begins: bool, end: int) -> bool:
        """Tell an array of equations, one to a line, from a matrix."""
        if not begins:
            return bool(self.arrays) and self.arrays.pop()
        body = self.text[end : self.text.find("\\end{array}", end)]
        self.arrays.append(_ALIGNED.search(body) is not None)
        return self.arrays[-1]

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.position)
        if found:
            self.position = found.end()

    def _command(self, text: str, start: int, end: int) -> None:
        name = text[1:]
        if name in spelling.FONTS:
            self._font(name, start)
        elif spelling.COMMANDS.get(name) == ("command", "set") and self._marked_hat():
            self.accent = "hat"
        elif name in spelling.COMMANDS and not (
            spelling.COMMANDS[name] == ("command", "set") and self._marked_equals(start)
        ):
            self._emit(*spelling.COMMANDS[name], start, end)
        elif name in spelling.ACCENTS:
            self.accent = spelling.ACCENTS[name]
        elif name in spelling.COMMANDS:
            return
        elif name in spelling.SILENT:
            self.spaced = True
            self.boxed = name in _BOXES
            if name in ("left", "right"):
                self._skip(_NULL_DELIMITER)
                self._skip(_EVALUATED_AT)
        elif name in spelling.SILENT_WITH_ARGUMENT:
            self.spaced = True
            self._skip(_SKIPPED_ARGUMENT)
        elif name in spelling.FUNCTION_COMMANDS:
            self._name(name, start, end)
        else:
            known = spelling.SAME_NAME.get(name, name)
            if known in spelling.GREEK_NAMES or known == "l":
                self._name(known, start, end)
            elif len(name) == 1 and self.found and not self.latex:
                self._emit("op", "\\", start, start + 1)  # A\b solves
                self._name(name, start + 1, end)
            else:
                self._emit("bad", text, start, end)

    def _marked_hat(self) -> bool:
        """Pass over the sign of `\\stackrel{\\wedge}{y}`, as a scanner writes ŷ."""
        found = _MARKED_HAT.match(self.text, self.position)
        self.position = found.end() if found else self.position
        return found is not None

    def _marked_equals(self, start: int) -> bool:
        """Read `\\overset{(a)}{=}`, an equals sign with a remark."""
        found = _MARKED_EQUALS.match(self.text, self.position)
        if found is None:
            return False
        self.position = found.end()
        self._emit("rel", "=", start, found.end())
        return True

    def _font(self, name: str, start: int) -> None:
        """Read the single word or number that a font command dresses; else the braces follow."""
        ones = _ONES.match(self.text, self.position)
        if ones and name in ("mathbf", "mathbb", "boldsymbol", "bm", "pmb", "vec"):
            self.position = ones.end()
            self._emit("word", "𝟏", start, ones.end())
            return
        word = _FONT_WORD.match(self.text, self.position)
        if word:
            self.position = word.end()
            if name == "mathbb" and word.group(1) in ("I", "E", "R", "N"):
                names = {"I": "indicator", "E": "expectation", "R": "reals", "N": "reals"}
                self._name(names[word.group(1)], word.start(1), word.end(1))
            else:
                self._name("".join(word.group(1).split()), word.start(1), word.end(1))
            return
        greek = _FONT_GREEK.match(self.text, self.position)
        if greek and spelling.SAME_NAME.get(greek.group(1), greek.group(1)) in spelling.GREEK_NAMES:
            self.position = greek.end()
            known = spelling.SAME_NAME.get(greek.group(1), greek.group(1))
            self._name(known, greek.start(1) - 1, greek.end(1))
            return
        prose = _FONT_TEXT.match(self.text, self.position)
        dressed = name.startswith(("text", "mbox", "hbox"))
        if dressed and prose and _WORDS.fullmatch(prose.group(1)):
            self.position = prose.end()
            self._words(prose.group(1), prose.start(1))
        else:
            self.boxed = dressed

    def _words(self, text: str, offset: int) -> None:
        for found in re.finditer(r"[^\W\d_]+|[^\s\w]|\d+", text):
            kind = "text" if found.group()[0].isalpha() else "rest"
            if kind == "text":
                self.spaced = True
                self._word(found.group(), offset + found.start(), offset + found.end())
            elif found.group().isdigit():
                self._emit("number", found.group(), offset + found.start(), offset + found.end())
            else:
                self._rest(found.group(), offset + found.start(), offset + found.end())
        self.spaced = True

    def _name(self, name: str, start: int, end: int) -> None:
        if self.accent:
            name, self.accent = f"{name}_{self.accent}", ""
        self._emit("word", name, start, end)

    def _word(self, text: str, start: int, end: int) -> None:
        if text.isascii():
            self._name(text, start, end)
            return
        letters = [spelling.plain(char) for char in text]
        if _is_prose(text, letters):
            self._emit("text", text, start, end)
            return
        for offset, char in enumerate(text):
            if char in _OWN_SIGNS:
                self.position = start + max(offset, 1)
                if offset:
                    self._mixed(text[:offset], start)
                else:
                    self._rest(char, start, start + 1)
                return
        self._mixed(text, start)

    def _mixed(self, text: str, start: int) -> None:
        """Emit a run such as `Wŷ`, `σz` or `λ` sign by sign, runs of plain letters whole."""
        run = ""
        for offset, char in enumerate(text):
            at = start + offset
            if char.isascii() and not (char.isdigit() and not run):
                run += char
                continue
            if run:
                self._name(run, at - len(run), at)
                run = ""
            if char.isdigit():
                self._digit(char, at)
                continue
            base, accent = spelling.plain(char)
            if not base:
                self._emit("bad", char, at, at + 1)
                continue
            self.accent = accent or self.accent
            if base.isdigit():
                self._emit("number", base, at, at + 1)
            else:
                self._name(base, at, at + 1)
        if run:
            end = start + len(text)
            self._name(run, end - len(run), end)

    def _digit(self, char: str, at: int) -> None:
        """Emit a digit behind a letter that is not ASCII: the 2 of σ2, the 12 of σ12."""
        last = self.found[-1]
        if last.kind == "number" and last.end == at:
            self.found[-1] = last._replace(text=last.text + char, end=at + 1)
        else:
            if last.kind == "word" and last.end == at:
                self._emit("sub", "_", at, at)
            self._emit("number", char, at, at + 1)

    def _rest(self, char: str, start: int, end: int) -> None:
        if char in _SINGLE:
            kind, text = _SINGLE[char]
            if kind == "space" or (char == "~" and self.latex):
                self.spaced = True
            elif text in ("{", "}"):
                self._brace(text, start, end)
            else:
                self._emit(kind, text, start, end)
        elif char in spelling.OPERATORS:
            self._emit(*spelling.OPERATORS[char], start, end)
        elif char in spelling.SUPERSCRIPTS or char in spelling.SUBSCRIPTS:
            self._script(start)
        elif char in spelling.COMBINING:
            self._combine(spelling.COMBINING[char], end)
        elif char in spelling.FRACTIONS:
            top, bottom = spelling.FRACTIONS[char]
            self._emit("number", f"{top}/{bottom}", start, end)
        elif char in spelling.INVISIBLE:
            return
        elif char.isspace():
            self.spaced = True
        else:
            base, accent = spelling.plain(char)
            if not base:
                self._emit("bad", char, start, end)
            elif base in _SINGLE:
                self._emit(*_SINGLE[base], start, end)
            elif base.isdigit():
                self._emit("number", base, start, end)
            elif base.isalpha():
                self.accent = accent
                self._name(base, start, end)
            elif base in "+-*/@%!?=<>":
                self._emit("rel" if base in "=<>" else "op", base, start, end)
            else:
                self._emit("bad", char, start, end)

    def _brace(self, text: str, start: int, end: int) -> None:
        """Emit a brace, unless it only holds what is boxed."""
        if text == "{":
            self.braces.append(self.boxed)
            dropped, self.boxed = self.boxed, False
        else:
            dropped = self.braces.pop() if self.braces else False
        if dropped:
            self.spaced = True
        else:
            self._emit("open" if text == "{" else "close", text, start, end)

    def _combine(self, accent: str, end: int) -> None:
        """Put an accent on the letter that was just emitted."""
        if not accent or not self.found or self.found[-1].kind != "word":
            return
        last = self.found.pop()
        if len(last.text) > 1 and last.end - last.start > 1 and last.text.isascii():
            head = last._replace(text=last.text[:-1], end=last.end - 1)
            self.found.append(head)
            last = last._replace(text=last.text[-1], start=last.end - 1, spaced=False)
        self.found.append(last._replace(text=f"{last.text}_{accent}", end=end))

    def _script(self, start: int) -> None:
        """Emit a run of raised or lowered characters as a braced group."""
        raised = self.text[start] in spelling.SUPERSCRIPTS
        table = spelling.SUPERSCRIPTS if raised else spelling.SUBSCRIPTS
        end = start
        while end < len(self.text) and self.text[end] in table:
            end += 1
        self._emit("sup" if raised else "sub", "^" if raised else "_", start, start)
        self._emit("open", "{", start, start)
        for token in _plain_signs("".join(table[char] for char in self.text[start:end])):
            self._emit(token.kind, token.text, start + token.start, start + token.end)
        self._emit("close", "}", end, end)
        self.position = end


@lru_cache(maxsize=256)
def _plain_signs(text: str) -> tuple[Token, ...]:
    """Return the tokens of a raised or lowered run, most of which are a T or a 2."""
    return lex(text).tokens[:-1]


def _is_prose(text: str, letters: list[tuple[str, str]]) -> bool:
    """Tell a word of a natural language (für, même, градиент) from letters of mathematics."""
    for char, (base, _) in zip(text, letters, strict=True):
        if not base and char not in _OWN_SIGNS:
            return True
    if len(text) < 3:
        return False
    marked = [base for base, accent in letters if accent]
    lower = sum(char.isascii() and char.islower() for char in text)
    return bool(marked) and all(base in "aeiouAEIOU" for base in marked) and lower >= 2
