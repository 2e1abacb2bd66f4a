"""Turns other markup into Markdown, and knows the line that each line comes from.

LaTeX documents, HTML, and what other tools for notes and papers add: callouts, blocks that fold,
headings and enumerations of Typst, AsciiDoc, reStructuredText, wikis and outlines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import NamedTuple

from grader import lazy

_LATEX = lazy.pattern(
    r"\\(?:item|question|part|document(?:class|style)|(?:sub){0,2}section|paragraph"
    r"|begin\{(?:document|questions|comment)\}|iffalse|textbf)(?![a-z])"
)
_HTML = lazy.pattern(
    r"<(?:br|p|div|h[1-6]|li|b|strong|table|tr|u|a|details|summary)\b[^<>]{0,200}>", re.IGNORECASE
)
_ENTITY = lazy.pattern(r"&(?:[a-z]{2,8}|[A-Z][a-z]{2,8}|#\d{2,5});")
_BREAKS = lazy.pattern(r"[\f\v\x85\u2028\u2029]")
_FENCE = lazy.pattern(r"[ \t>]*(?:`{3,}|~{3,})")
_LONGEST_ROW = 20_000


def as_markdown(text: str) -> tuple[str, Sequence[int]]:
    """Return a text as Markdown, and the number of the line that each of its lines was."""
    for unseen in _UNSEEN:
        if unseen in text:
            text = text.replace(unseen, "")
    rows = _without_front(text).split("\n")
    numbers: Sequence[int] = range(1, len(rows) + 1)
    if _BREAKS.search(text) or _HTML.search(text) or _ENTITY.search(text):
        pieces = list(_pieces(rows))
        rows, numbers = [piece for piece, _ in pieces], [number for _, number in pieces]
    if "[!" in text:
        rows = list(_unfolded(rows))
    if _OTHER.search(text):
        retold = _Retold(_TYPST.search(text) is not None, _OUTLINE.search(text) is not None)
        rows = _underlined([retold.row(row) for row in rows])
    if _LATEX.search(text):
        document = _Document(comment=_comment(text))
        rows = [document.row(row) for row in rows]
    return "\n".join(rows), numbers


# Where a word may be parted, and marks of no width: word processors and web pages leave them.
_UNSEEN = "\xad\u200b\u2060\ufeff"
_FRONT = lazy.pattern(
    r"\s{0,20}---[ \t]*\n(?P<head>(?:[^\n]*\n){1,80}?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)"
)
_FRONT_ROW = lazy.pattern(r"[\w-]+[ \t]*:|[ \t]|-|#|\Z")


def _without_front(text: str) -> str:
    """Return a text without the head of settings that tools for notes and papers put above it."""
    found = _FRONT.match(text) if text.lstrip()[:3] == "---" else None
    if found is None or not all(map(_FRONT_ROW.match, found["head"].split("\n"))):
        return text
    return "\n" * found[0].count("\n") + text[found.end() :]


_CALLOUT = lazy.pattern(r"[ \t]*>[ \t]*\[![\w-]{1,20}\][-+]?[ \t]*")
_QUOTED = lazy.pattern(r"[ \t]*>[ \t]?")


def _unfolded(rows: Sequence[str]) -> Iterator[str]:
    """Yield rows, those of callouts (`> [!note] title`) without the sign of a quotation."""
    inside = False
    for row in rows:
        callout = _CALLOUT.match(row)
        quoted = _QUOTED.match(row)
        inside = callout is not None or (inside and quoted is not None)
        begun = callout or quoted
        yield row[begun.end() :] if inside and begun else row


_OUTLINE = lazy.pattern(r"^\*{2,4}[ \t]+(?=[^\s*])(?![^\n]*\*\*)", re.MULTILINE)
_TYPST = lazy.pattern(r"\A\s*=[ \t]+\w|^#(?:set|let|import|show)[ \t]", re.MULTILINE)
_OTHER = lazy.pattern(
    rf"{_OUTLINE.pattern}|^(?:={{1,5}}[ \t]+\S|([~+^\"'])\1{{3,}}[ \t]*$|:{{3}}|h[1-6]\.[ \t]"
    r"|#[^\n]*\}[ \t]*$)",
    re.MULTILINE,
)
_WIKI = lazy.pattern(r"(={2,5})[ \t]*(?P<title>[^=\n]{1,80}?)[ \t]*\1[ \t]*")
_STARS = lazy.pattern(r"(?P<signs>\*{1,4})[ \t]+(?=[^\s*])(?!.*\*\*)")
_MARKED = lazy.pattern(r"(?:(?P<signs>={2,5})|h(?P<level>[1-6])\.)[ \t]+(?=[^\s=])")
_TITLE = lazy.pattern(r"\A=[ \t]+(?=[^\W\d_])")
_ATTRIBUTES = lazy.pattern(r"\{(?:[#.][^{}]*|-)\}[ \t]*")
_ORDER = lazy.pattern(r"#(?:set|let|import|show|include|pagebreak|v|h)\b.*")
_COUNTED = lazy.pattern(r"\A(?P<indent>[ \t]*)\+[ \t]+(?=\S)")
_FENCED_OFF = lazy.pattern(r"\A:{3,}[ \t]*(?:\{[^{}]*\}|[\w-]+(?=[ \t]|$))?[ \t]*")
_UNDERLINE = lazy.pattern(r"([~+^\"'])\1{3,}")
_SIGNS = lazy.pattern(r"[-+]+")


class _Retold(NamedTuple):
    """Marks headings, lists and blocks as Markdown does it; what the text is tells some signs."""

    is_typst: bool
    is_outline: bool

    def row(self, row: str) -> str:
        """Return a row as Markdown."""
        if (wiki := _WIKI.fullmatch(row)) is not None:
            return f"{'#' * len(wiki[1])} {wiki['title']}"
        if self.is_outline and (stars := _STARS.match(row)) is not None:
            return f"{'#' * len(stars['signs'])} {row[stars.end() :]}"
        if (marked := _MARKED.match(row)) is not None:
            level = int(marked["level"] or len(marked["signs"]))
            return f"{'#' * level} {row[marked.end() :]}"
        if row.startswith("#") and _ATTRIBUTES.fullmatch(row, max(0, at := row.rfind("{"))):
            return row[:at]
        if row.startswith(":::"):
            return _FENCED_OFF.sub("", row, count=1)
        return self._of_typst(row) if self.is_typst else row

    def _of_typst(self, row: str) -> str:
        if row[:1] in ("=", "#"):
            return "" if _ORDER.match(row) else _TITLE.sub("# ", row, count=1)
        return _COUNTED.sub(r"\g<indent>1. ", row, count=1)


def _underlined(rows: list[str]) -> list[str]:
    """Return rows with one sign for all underlines; that of others may open a block of code."""
    for index in range(1, len(rows)):
        above, row = rows[index - 1].strip(), rows[index].rstrip()
        apart = index == 1 or not rows[index - 2].strip()
        # A picture in rows of signs begins alike, behind a fence or a label, and goes on.
        goes_on = index + 1 < len(rows) and _SIGNS.fullmatch(rows[index + 1].strip()) is not None
        is_title = apart and not goes_on and above[:1].isalnum() and len(above) <= len(row)
        if is_title and _UNDERLINE.fullmatch(row):
            rows[index] = "-" * len(row)
    return rows


# --- HTML ------------------------------------------------------------------------------------

_NEXT_CELL = lazy.pattern(r"</t[dh]>\s*<t[dh]\b[^<>]{0,200}>", re.IGNORECASE)
_NEXT_LINE = lazy.pattern(
    r"<(?:br|hr)\b[^<>]{0,20}>|</?(?:p|div|tr|ul|ol|details)\b[^<>]{0,200}>"
    r"|</(?:h[1-6]|li|table)>",
    re.I,
)
_HEADING = lazy.pattern(r"<h(?P<level>[1-6])\b[^<>]{0,200}>", re.IGNORECASE)
_ITEM = lazy.pattern(r"<li\b[^<>]{0,200}>", re.IGNORECASE)
_SUMMARY = lazy.pattern(r"<summary\b[^<>]{0,200}>(?P<title>.{0,300}?)</summary>", re.IGNORECASE)
_BOLD = lazy.pattern(r"</?(?:b|strong)\b[^<>]{0,200}>", re.IGNORECASE)
_SILENT = lazy.pattern(
    r"</?(?:table|thead|tbody|t[dhr]|span|font|u|a|html|body|section|center)\b[^<>]{0,200}>", re.I
)


def _pieces(rows: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield the lines that the rows of a text are shown as, each with its row's number."""
    in_code = False
    for number, row in enumerate(rows, 1):
        fence = _FENCE.match(row) is not None
        in_code ^= fence
        if fence or in_code or len(row) > _LONGEST_ROW:
            yield row, number
            continue
        for piece in _BREAKS.split(row):
            for line in _shown(piece):
                yield line, number


def _shown(row: str) -> Sequence[str]:
    if _ENTITY.search(row):
        row = _ENTITY.sub(lambda found: unescape(found[0]), row)
    if "<" not in row:
        return [row]
    if row.lstrip().startswith("|"):  # a cell may hold several lines; see `parts.row`
        return [_SILENT.sub("", _BOLD.sub("**", row))]
    row = _HEADING.sub(lambda found: "\n" + "#" * int(found["level"]) + " ", row)
    row = _ITEM.sub("\n- ", _NEXT_CELL.sub("\t", row))
    row = _SUMMARY.sub(_title, row) if "ummary" in row else row
    row = _SILENT.sub("", _BOLD.sub("**", _NEXT_LINE.sub("\n", row)))
    lines = [line for line in row.split("\n") if line.strip()]
    return lines or [""]


def _title(found: re.Match[str]) -> str:
    """Return the title of a block that folds as a line of its own, in bold letters."""
    title = _SILENT.sub("", _BOLD.sub("", found["title"])).strip(" *_")
    return f"\n**{title}**\n"


# --- LaTeX documents -------------------------------------------------------------------------

_ARGUMENT = r"\{(?P<inside>(?:[^{}]|\{[^{}]*\})*)\}"
_SECTION = lazy.pattern(
    r"\s*\\(?P<kind>part|chapter|section|subsection|subsubsection|(?:sub)?paragraph)\*?\s*"
    + _ARGUMENT
)
_LEVELS = {"part": 1, "chapter": 1, "section": 1, "subsection": 2, "subsubsection": 3}
_NUMBERED = ("section", "subsection")
_SILENT_LINE = lazy.pattern(
    r"\s*\\(?:documentclass|documentstyle|usepackage|title|author|date|maketitle|newcommand|newpage"
    r"|clearpage|pagebreak|pagestyle|vspace|hspace|setlength|bigskip|medskip|smallskip|centering"
    r"|geometry|setcounter|(?:begin|end)\{(?:document|center|flushleft|quote|solution"
    r"|answer|problem|question)\})(?![A-Za-z]).*"
)
_OPENING = lazy.pattern(
    r"\s*\\begin\{(?P<kind>enumerate|itemize|description|(?:sub)?parts|questions)\}(?P<rest>.*)"
)
_CLOSING = lazy.pattern(r"\s*\\end\{(?:enumerate|itemize|description|(?:sub)?parts|questions)\}\s*")
_LATEX_ITEM = lazy.pattern(
    r"\s*\\(?P<kind>item|(?:sub)?part|question)(?![A-Za-z])\s*(?:\[(?P<label>[^\]]*)\])?\s*"
)
_IS_DOCUMENT = lazy.pattern(r"\\(?:documentclass|begin\{document\})")
_COMMENT = lazy.pattern(r"(?<!\\)%.*")
_IS_PIECE = lazy.pattern(r"^\s*\\(?:(?:sub){0,2}section|item|question|part)\b", re.MULTILINE)
# In a piece of a document, the sign behind a number may be that of a share: 50 %.
_CLEAR_COMMENT = lazy.pattern(r"(?:^|(?<![\\\d \t])[ \t])[ \t]{0,8}%.*")
_LEFT_OUT = lazy.pattern(r"\s*(?:(?P<off>\\iffalse\b)|\\begin\{comment\})")
_CODE = lazy.pattern(r"\s*\\(?:begin|end)\{(?:verbatim|lstlisting|minted)\*?\}.*")
_EMPHASIS = lazy.pattern(r"\\(?:textbf|emph|textit|underline)\s*" + _ARGUMENT)
_MATH = lazy.pattern(r"\$|\\[(\[]|\\begin\{")
_MARGIN = " \t"
_NO_INDENT = lazy.pattern(r"\s*\\(?:noindent|indent|par)\b\s*")
_STYLES = (("roman", "i ii iii iv v vi vii viii ix x"), ("alph", "a b c d e f g h i j"))


@dataclass(slots=True)
class _List:
    """A list of a document: how its items are labelled, and how many there were."""

    is_numbered: bool
    style: str
    count: int = 0

    def label(self, depth: int) -> str:
        """Return the label of the next item, as LaTeX would print it."""
        self.count += 1
        for name, labels in _STYLES:
            if name in self.style.lower() and self.count <= 10:
                return f"({labels.split()[self.count - 1]})"
        if not self.is_numbered:
            return "-"
        letters = depth > 1 and not self.style and self.count <= 26
        return f"({chr(ord('a') + self.count - 1)})" if letters else f"{self.count}."


def _comment(text: str) -> re.Pattern[str] | None:
    """Return what a text's comments are known by, None where it is no LaTeX as a whole."""
    if _IS_DOCUMENT.search(text):
        return _COMMENT
    return _CLEAR_COMMENT if _IS_PIECE.search(text) else None


@dataclass(slots=True)
class _Document:
    """Goes through a LaTeX document line by line."""

    lists: list[_List] = field(default_factory=list)
    in_code: bool = False
    comment: re.Pattern[str] | None = None
    sections: tuple[int, int] = (0, 0)  # how many there were, and within the last one
    left_out: str = ""  # what ends a passage that LaTeX does not print

    def row(self, row: str) -> str:
        """Return a line as Markdown; one that only gives orders to LaTeX is blank."""
        if self.left_out or (not self.in_code and _LEFT_OUT.match(row)):
            return self._unprinted(row)
        if self.comment and not self.in_code and "%" in row[:_LONGEST_ROW]:
            row = self.comment.sub("", row, count=1)
        if _FENCE.match(row):
            self.in_code = not self.in_code
            return row
        if "\\" not in row[:_LONGEST_ROW] or len(row) > _LONGEST_ROW:
            return row
        if _CODE.fullmatch(row):
            self.in_code = not self.in_code
            return "```"
        if self.in_code:
            return row
        if found := _OPENING.fullmatch(row):
            self.lists.append(_List(found["kind"] != "itemize", found["rest"]))
            return ""
        if _CLOSING.fullmatch(row):
            del self.lists[-1:]
            return ""
        return "" if _SILENT_LINE.fullmatch(row) else self._text(row)

    def _unprinted(self, row: str) -> str:
        if begun := _LEFT_OUT.match(row):
            self.left_out = "\\fi" if begun["off"] else "\\end{comment}"
        if self.left_out in row:
            self.left_out = ""
        return ""

    def _text(self, row: str) -> str:
        row = _NO_INDENT.sub("", row, count=1)
        if found := _SECTION.match(row):
            rest = row[found.end() :].strip()
            if rest:
                return f"**{found['inside']}** {rest}"
            return f"{'#' * _LEVELS.get(found['kind'], 4)} {self._title(found)}"
        if found := _LATEX_ITEM.match(row):
            # In the class `exam`, what stands in brackets behind the others are marks.
            written = found["label"] if found["kind"] == "item" else None
            if found["kind"] == "question" and not self.lists:
                self.lists.append(_List(True, ""))
            label, behind = self._label(written), row[found.end() :]
            if inner := _OPENING.fullmatch(behind):  # a list within the item, opened on its line
                self.lists.append(_List(inner["kind"] != "itemize", inner["rest"]))
                behind = ""
            row = f"{label} {behind}"
        math = _MATH.search(row)
        words = math.start() if math else len(row)
        # What is emphasised on top of a line may hold formulas; within a formula, it is a letter.
        begun = _EMPHASIS.match(row, len(row) - len(row.lstrip(_MARGIN)))
        words = max(words, begun.end() if begun else 0)
        return _EMPHASIS.sub(r"**\g<inside>**", row[:words]) + row[words:]

    def _title(self, found: re.Match[str]) -> str:
        """Return the title of a section; of one without, its number, or letter within another."""
        kind = found["kind"]
        if kind not in _NUMBERED or "*" in found[0][: found.start("inside") - found.start()]:
            return found["inside"]
        section, within = self.sections
        self.sections = (section + 1, 0) if kind == "section" else (section, within + 1)
        number = f"{section + 1}." if kind == "section" else f"({chr(ord('a') + within % 26)})"
        return found["inside"] if found["inside"].strip() else number

    def _label(self, written: str | None) -> str:
        indent = "   " * max(0, len(self.lists) - 1)
        if written is not None:
            return f"{indent}- {written}"
        inner = self.lists[-1] if self.lists else _List(False, "")
        return indent + inner.label(len(self.lists))
