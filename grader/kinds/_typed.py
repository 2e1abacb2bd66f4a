"""Text as people type it, made plain: dashes, scripts, LaTeX, Markdown and HTML decoration."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from grader import lazy
from grader.errors import Unreadable
from grader.values import Plain

# A dozen pages. Longer answers are somebody's file, not an answer to a question.
LONGEST = 24_000
# Enough for every nesting that means something.
_DEEPEST = 20

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵀᵗ", "0123456789+-()TT")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋₍₎", "0123456789+-()")
_RAISED = lazy.pattern("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵀᵗ]+")
_LOWERED = lazy.pattern("[₀₁₂₃₄₅₆₇₈₉₊₋₍₎]+")
_FRACTION = lazy.pattern("(\\d?)([¼-¾⅐-⅞])")
_ALL_RAISED, _ALL_LOWERED = frozenset("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵀᵗ"), frozenset("₀₁₂₃₄₅₆₇₈₉₊₋₍₎")
_DIGITS = frozenset("0123456789")
_DIGIT = lazy.pattern(r"[^\W\D0-9]")
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("−–—‐‑‒﹣－", "-"),
        **dict.fromkeys("×⋅·∙•✕", "*"),
        **dict.fromkeys("≃≅∼≒≑", "≈"),
        **dict.fromkeys("→⟶⇒⟹⇨", "⇒"),
        **dict.fromkeys("“”„«»", '"'),
        **dict.fromkeys("‘’‚′´", "'"),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
        "⁄": "/",
        "÷": "/",
        "٫": ".",
        "٬": ",",
        "∕": "/",
        "\r": "\n",
        "\u2028": "\n",
        "\u2029": "\n",
        "⊤": "^T",
    }
)

_COMMANDS = {
    **dict.fromkeys(
        [",", ";", ":", "!", ">", " ", "quad", "qquad", "left", "right", "displaystyle"], " "
    ),
    **dict.fromkeys(["big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "limits"], " "),
    **dict.fromkeys(["(", ")", "[", "]", "hline", "toprule", "midrule", "bottomrule"], " "),
    **dict.fromkeys(["approx", "simeq", "cong", "sim", "doteq"], " ≈ "),
    **dict.fromkeys(["to", "rightarrow", "Rightarrow", "implies", "longrightarrow"], " ⇒ "),
    **dict.fromkeys(["times", "cdot", "ast"], "*"),
    **dict.fromkeys(["lvert", "rvert", "vert"], "|"),
    "%": "%",
    "_": "_",
    "#": "#",
    "$": "",
    "infty": "∞",
    "therefore": " ∴ ",
    "ne": " ≠ ",
    "neq": " ≠ ",
    "pm": "±",
    "checkmark": "✓",
    "top": "T",
    "dfrac": r"\frac",
    "tfrac": r"\frac",
    "cfrac": r"\frac",
    "&": "&",
    "{": "{",
    "}": "}",
}
_COMMAND = lazy.pattern(r"\\(?:\\|[A-Za-z]+|.|$)", re.DOTALL)
_WRAPPER = lazy.pattern(
    r"\\(?:text(?:bf|it|rm|sf|tt|up|normal|color\{\w*\})?|math(?:rm|bf|it|sf|tt|cal)"
    r"|operatorname\*?|boxed|fbox|mbox|emph|bm|boldsymbol|underline|underbrace|ensuremath)\s*\{"
)
_WRAPPER_WORDS = (
    *("\\text", "\\math", "\\operatorname", "box", "\\emph", "\\bm", "\\bold", "\\under"),
    "\\ensure",
)
_WRAPPED = lazy.pattern(rf"({_WRAPPER.pattern})|\\.|[{{}}]", re.DOTALL)
_ENTITY = lazy.pattern(r"&#?\w{2,10};")
_LINE_BREAK = lazy.pattern(r"<br\s{0,3}/?>", re.IGNORECASE)
_TAG = lazy.pattern(r"</?(su[bp])>|</?([A-Za-z]{1,10})\b[^<>\n]{0,100}>")
_ENDS_CELL = frozenset(["td", "th"])
_ENDS_LINE = frozenset(["tr", "li", "p", "div", "h1", "h2", "h3", "h4"])
_DELETED = lazy.pattern(r"~~[^~\n]{1,2000}~~")
_BOLD = lazy.pattern(r"(?<![\w*)])(\*{1,3})(?=[^\s*])([^*\n]{1,500})(?<=[^\s*])\1(?![\w*(])")
_FENCE = lazy.pattern(r"^[ \t]*(?:```|~~~)[^\n]{0,40}$", re.MULTILINE)

_NO_WORD = frozenset(".-_…?/~*#")
_BLANK_WORDS = (
    *("know", "remember", "idk", "idea", "clue", "answer", "solution", "response", "attempt"),
    *("sure", "n/a", "na", "none", "null", "skip", "todo", "tbd", "tba", "blank", "pass", "empty"),
    "xx",
)
_BLANK = lazy.pattern(
    r"(?:i\s+(?:really\s+)?(?:do\s?n['o ]?t|do\s+not|dont)\s+(?:know|remember)[^\d]{0,40}"
    r"|idk|no\s+(?:idea|clue|answer|solution|response)|not\s+(?:answered|attempted|sure|known)"
    r"|unanswered|n/?a|none|null|skip(?:ped)?|todo|tbd|tba|blank|pass|empty|x{2,3})[\s.!?]*",
    re.IGNORECASE,
)


def bounded(text: str) -> str:
    """Return `text`; raise Unreadable where no answer is that long."""
    if len(text) > LONGEST:
        raise Unreadable(f"expected an answer, found a text of {len(text):,} characters")
    return text


def is_blank(text: str) -> bool:
    """Return whether a text is there but answers nothing."""
    if len(text) >= 80 or not _DIGITS.isdisjoint(text):
        return False
    if all(char in _NO_WORD or char.isspace() for char in text):
        return True
    return lazy.may_say(text, _BLANK_WORDS) and _BLANK.fullmatch(text.strip()) is not None


def has_digit(text: str) -> bool:
    """Return whether a text has a decimal digit, of whatever script."""
    return not _DIGITS.isdisjoint(text) or (
        not text.isascii() and any(char.isdecimal() for char in text)
    )


def _unescaped(found: re.Match[str]) -> str:
    from html import unescape  # its tables take longer to load than most answers to grade

    return unescape(found[0])


def plain(text: str) -> str:
    """Return a text without decoration: signs in ASCII, `^(2)` for a raised 2, no Markdown.

    LaTeX environments, `&`, row breaks and mathematical commands stay. Raises Unreadable where
    the text is too long to be an answer.
    """
    text = bounded(text)
    if not text.isascii():
        text = _plain_characters(text)[:LONGEST]
    if "&" in text:
        text = _ENTITY.sub(_unescaped, text).replace("\xa0", " ")
    if "<" in text:
        text = _TAG.sub(_without_tag, _LINE_BREAK.sub("\n", text))
    if "~~" in text or "```" in text:
        text = _DELETED.sub(" ", _FENCE.sub("", text))
    if "\\" in text:
        text = _COMMAND.sub(_without_command, _unwrapped(text))
    text = text.replace("$", " ").replace("{,}", ",").replace("`", " ")
    if "*" in text:
        text = _BOLD.sub(r"\2", text)
    return text


def _plain_characters(text: str) -> str:
    if not _ALL_RAISED.isdisjoint(text):
        text = _RAISED.sub(lambda found: f"^({found[0].translate(_SUPERSCRIPTS)})", text)
    text = text.replace("^(T)", "^T")
    if not _ALL_LOWERED.isdisjoint(text):
        text = _LOWERED.sub(lambda found: "_" + found[0].translate(_SUBSCRIPTS), text)
    text = _FRACTION.sub(_fraction, text).translate(_SIGNS)
    text = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    return _DIGIT.sub(lambda found: str(unicodedata.digit(found[0], 0)), text)


def _fraction(found: re.Match[str]) -> str:
    above, below = unicodedata.normalize("NFKC", found[2]).split("⁄")
    whole = f"{found[1]}+" if found[1] else ""
    return f"({whole}{above}/{below or 1})"


def _without_tag(found: re.Match[str]) -> str:
    closes = found[0].startswith("</")
    if found[1] == "sup":
        return ")" if closes else "^("
    if found[1] == "sub":
        return "" if closes else "_"
    if closes and found[2].lower() in _ENDS_CELL:
        return "\t"
    return "\n" if closes and found[2].lower() in _ENDS_LINE else ""


def _without_command(found: re.Match[str]) -> str:
    return _COMMANDS.get(found[0][1:], found[0])


def _unwrapped(text: str) -> str:
    r"""Return `text` with `\text{...}`, `\boxed{...}` and their like replaced by what they hold."""
    if not any(map(text.__contains__, _WRAPPER_WORDS)) or _WRAPPER.search(text) is None:
        return text
    opened: list[bool] = []  # for each brace that is open, whether it belongs to a wrapper

    def bare(found: re.Match[str]) -> str:
        if found[1]:
            opened.append(True)
            return " "
        if found[0] == "{":
            opened.append(False)
        elif found[0] == "}" and opened and opened.pop():
            return " "
        return found[0]

    return _WRAPPED.sub(bare, text)


def lines_of(value: Plain) -> str:
    """Return a sheet's value as text: scalars as typed, lists and mappings line by line.

    A mapping's keys become labels (`key: value`). Raises Unreadable where it is nested too deep.
    """
    if isinstance(value, str):
        return bounded(value)
    out: list[str] = []
    size = 0
    todo: list[tuple[str, Plain, int]] = [("", value, 0)]
    while todo:
        label, item, depth = todo.pop()
        if depth > _DEEPEST or size > LONGEST:
            raise Unreadable("expected a short answer, found lists in lists without end")
        if isinstance(item, list):
            todo.extend((label, each, depth + 1) for each in reversed(item[:LONGEST]))
        elif isinstance(item, dict):
            inner = [(f"{label} {key}".strip()[:200], each) for key, each in item.items()]
            todo.extend((key, each, depth + 1) for key, each in reversed(inner[:LONGEST]))
        else:
            line = f"{label}: {scalar(item)}" if label else scalar(item)
            size += len(line) + 1
            out.append(line)
    return bounded("\n".join(out))


def scalar(value: Plain) -> str:
    """Return the text of a value that is no list or mapping."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    # Python refuses to print longer integers, for the time that it takes.
    if isinstance(value, int) and value.bit_length() > 4096:
        raise Unreadable("expected a number, found one with more than a thousand digits")
    return str(value)


def listed(items: Sequence[str]) -> str:
    """Return items as a phrase: `a`, `a and b`, `a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"
