"""From Markdown to lines that know what block they stand in; the source text stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from grader import lazy
from grader.readers.paper import pages
from grader.readers.paper.crossed_out import strike_out
from grader.readers.paper.markup import as_markdown

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# A sheet of answers has some hundred lines; the parser takes up to a tenth of a millisecond each.
MAX_CHARS = 300_000
MAX_LINES = 3_000
_MAX_NESTING = 8


class Kind(Enum):
    """What a line is part of."""

    BLANK = "blank"
    TEXT = "text"
    HEADING = "heading"
    CODE = "code"
    TABLE = "table"
    MATH = "math"  # within a display formula that goes over several lines
    RULE = "rule"


class Line(NamedTuple):
    """One line of a sheet.

    `body` is the text without the marks of headings, bullets and quotations before it. `depth`
    counts the lists around it; in its first line an item counts as standing outside of its own.
    `item` is the item's mark (`-`, `2.`), and `run` the index of the line on which its numbered
    list began.
    """

    number: int
    text: str
    body: str
    kind: Kind
    depth: int = 0
    item: str | None = None
    run: int | None = None
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """The lines of a sheet, and what had to be done to read it."""

    lines: Sequence[Line]
    warnings: Sequence[str] = ()
    cut_at: int | None = None  # the line from which on nothing was read


def sheet(text: str) -> Sheet:
    """Return the lines of a Markdown text without comments and crossed-out passages."""
    text, cut_at = _bounded(_without_pictures(text))
    text, numbers = as_markdown(_unwrapped(text))
    if len(numbers) > MAX_LINES:  # breaks within its lines made them more
        cut_at = numbers[MAX_LINES]
        text, numbers = "\n".join(text.split("\n")[:MAX_LINES]), numbers[:MAX_LINES]
    text, warnings = strike_out(text)
    text = pages.rejoined(text)
    drafts = _drafts(text)
    while (fence := _unclosed_fence(drafts)) is not None:
        warnings.append(f"line {numbers[fence]}: a block of code is opened and never closed")
        rows = text.split("\n")
        rows[fence] = ""
        text = "\n".join(rows)
        drafts = _drafts(text)
    if "|" in text:
        _mark_tables(drafts)
    if _SOME_SIGNS.search(text):
        _mark_pictures(drafts)
    if "$$" in text or "\\" in text:
        _mark_math(drafts)
    lines = [_finish(number, draft) for number, draft in zip(numbers, drafts, strict=True)]
    return Sheet(lines, warnings, cut_at)


def _drafts(text: str) -> list[_Draft]:
    """Return the lines of a text with the blocks that they stand in.

    A heading at the margin ends every block but one of code. So each stretch between two of them
    is looked at by itself, and one of nothing but paragraphs and quoted ones needs no parser.
    """
    rows = text.split("\n")
    drafts = [_Draft(row) for row in rows]
    for start, end in _stretches(text, drafts):
        for token in _parser().parse("\n".join(rows[start : end + 1])):
            _mark(token, drafts, start)
    return drafts


# Lines that are more than text, as CommonMark has it.
_MARKED = lazy.pattern(
    r"^(?:(?P<heading>\#{1,6}(?=[ \t]|$))|(?P<quote>>(?![ \t]*[-*+>#_\d]))"
    r"|[ \t]*(?:[-*+>][ \t>]|[-*+>]$|\d{1,9}[.)](?:[ \t]|$)|\#{1,6}(?:[ \t]|$)|>"
    r"|(?P<rule>[-*_])(?:[ \t]*(?P=rule)){2,}[ \t]*$))",
    re.MULTILINE,
)


def _stretches(text: str, drafts: Sequence[_Draft]) -> Iterator[tuple[int, int]]:
    """Mark what is plain; yield from where to where, up to a heading, other blocks stand."""
    if "```" in text or "~~~" in text:
        yield 0, len(drafts)
        return
    line = position = start = 0
    is_marked = False
    for found in _MARKED.finditer(text):
        line += text.count("\n", position, found.start())
        position = found.start()
        if found["heading"] is None:
            drafts[line].quoted = found["quote"] is not None
            is_marked = is_marked or found["quote"] is None
            continue
        if is_marked:
            yield start, line
        drafts[line].kind = Kind.HEADING
        start, is_marked = line, False
    if is_marked:
        yield start, len(drafts)


_WRAPPER = lazy.pattern(
    r"\s*(?P<open>(?P<run>`{3,}+|~{3,}+)[ \t]*(?:markdown|md|text|txt)?[ \t]*)\n", re.I
)


def _unwrapped(text: str) -> str:
    """Return a sheet that is wholly within a block of code without that block."""
    found = _WRAPPER.match(text)
    if found is None:
        return text
    rows = text.rstrip().split("\n")
    closing = [index for index, row in enumerate(rows) if row.strip() == found["run"]]
    first = text.count("\n", 0, found.start("open"))
    if [index for index in closing if index > first] != [len(rows) - 1]:
        return text
    rows[first] = rows[-1] = ""
    return "\n".join(rows)


_FENCE = lazy.pattern(r"[ \t>]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)*(?P<run>`{3,}+|~{3,}+)")


def _unclosed_fence(drafts: list[_Draft]) -> int | None:
    """Return the line on which a block of code is opened that takes the rest of the sheet."""
    last = next((index for index in reversed(range(len(drafts))) if drafts[index].text.strip()), -1)
    if last < 0 or drafts[last].kind is not Kind.CODE:
        return None
    first = drafts[last].fence
    opened, closed = _FENCE.match(drafts[first].text), _FENCE.match(drafts[last].text)
    if opened is None or (closed and last > first and closed["run"].startswith(opened["run"])):
        return None
    return first


_DATA = lazy.pattern(r"(data:[\w/+.-]{1,60};base64,)[\w+/=]{40,}")


def _without_pictures(text: str) -> str:
    """Return the text without the bytes of pictures that are pasted into it."""
    return _DATA.sub(r"\1…", text) if ";base64," in text else text


def _bounded(text: str) -> tuple[str, int | None]:
    """Return as much of the text as is read, and the line at which it was cut."""
    rows = text[:MAX_CHARS].split("\n")
    if len(text) <= MAX_CHARS and len(rows) <= MAX_LINES:
        return text, None
    rows = rows[:MAX_LINES]
    return "\n".join(rows), len(rows)


@cache
def _parser() -> MarkdownIt:
    """Return a parser of blocks; inline text is never parsed, so LaTeX stays as it was typed."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": _MAX_NESTING})
    # Indented text is no code, `=` under a formula no heading, `[a]: text` no link.
    parser.disable(["code", "lheading", "reference", "html_block"])
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


# --- structure -------------------------------------------------------------------------------


class _Draft:
    """A line while its blocks become known."""

    __slots__ = ("depth", "drawn", "fence", "item", "kind", "quoted", "run", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.kind = Kind.TEXT if text.strip() else Kind.BLANK
        self.depth = 0
        self.item: str | None = None
        self.run: int | None = None
        self.quoted = False
        self.drawn = False  # a row of a picture
        self.fence = 0  # the index of the line that opens the code around it


def _mark(token: Token, drafts: list[_Draft], start: int) -> None:
    """Note on the lines of a block, which count from `start`, what block it is."""
    if token.map is None or token.type == "paragraph_open":
        return
    first, end = start + token.map[0], start + token.map[1]
    if token.type == "list_item_open":
        drafts[first].item = drafts[first].item or token.info + token.markup
        indent = _indent(drafts[first].text)
        for draft in drafts[first + 1 : end]:
            # A line that is not indented goes on with the item only for lazy parsers, not for us.
            draft.depth += draft.kind is Kind.BLANK or _indent(draft.text) > indent
    elif token.type == "ordered_list_open":
        for draft in drafts[first:end]:
            draft.run = first
    elif token.type == "blockquote_open":
        for draft in drafts[first:end]:
            # A line without the sign goes on with a quotation only for lazy parsers, not for us:
            # it may be the answer under a quoted prompt.
            draft.quoted = _QUOTE.match(draft.text) is not None
    elif token.type in ("fence", "heading_open", "hr"):
        kind = {"fence": Kind.CODE, "hr": Kind.RULE}.get(token.type, Kind.HEADING)
        for draft in drafts[first:end]:
            draft.kind = kind
            draft.fence = first


def _indent(text: str) -> int:
    text = text.expandtabs(4) if text.startswith(("\t", " ")) else text
    return len(text) - len(text.lstrip(" "))


_QUOTE = lazy.pattern(r"[ \t]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+){0,4}>")
_DELIMITER_ROW = lazy.pattern(r"[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-*:?[ \t]*)*")


def _mark_tables(drafts: list[_Draft]) -> None:
    """Mark the tables with bars. The parser could too, but takes seconds for a very wide one."""
    for index, draft in enumerate(drafts[:-1]):
        below = drafts[index + 1].text
        if draft.kind is not Kind.TEXT or "|" not in draft.text or "|" not in below:
            continue
        if _DELIMITER_ROW.fullmatch(below):
            for row in drafts[index:]:
                if row.kind not in (Kind.TEXT, Kind.RULE) or "|" not in row.text:
                    break
                row.kind = Kind.TABLE


_SIGNS = lazy.pattern(r"\s*(?:[-+−–—_=*.#01xXoO■□▪▫●○]\s?){3,64}\s*")
_SOME_SIGNS = lazy.pattern(r"^[ \t]*(?:[-+−–—_=*.#01xXoO■□▪▫●○][ \t]?){3,64}[ \t]*$", re.MULTILINE)


def _mark_pictures(drafts: list[_Draft]) -> None:
    """Mark rows of signs that stand together as text: a row of hyphens in a picture is no rule."""
    run: list[_Draft] = []
    for draft in [*drafts, _Draft("end")]:
        signs = _signs(draft)
        if signs and (not run or len(signs) == len(_signs(run[0]))):
            run.append(draft)
        elif draft.kind is not Kind.BLANK:
            if len(run) > 1 and any(len(set(_signs(row))) > 1 for row in run):
                for row in run:
                    row.kind, row.item, row.depth, row.run = Kind.TEXT, None, 0, None
                    row.drawn = True
            run = [draft] if signs else []


def _signs(draft: _Draft) -> str:
    """Return the signs of a row that holds nothing else; nothing of other lines."""
    is_row = draft.kind in (Kind.TEXT, Kind.RULE) and _SIGNS.fullmatch(draft.text) is not None
    return "".join(draft.text.split()) if is_row else ""


_OPENS = lazy.pattern(r"\\begin\{([a-zA-Z]{1,16}\*?)\}")
# A display formula is not longer; what seems to be is a sign that was never closed.
_LONGEST_FORMULA = 60
_LONGEST_ROW = 2_000


def _mark_math(drafts: list[_Draft]) -> None:
    """Mark the display formulas that go over several lines: `- b` in them is no list."""
    index = 0
    while index < len(drafts):
        closer = _opened(drafts[index].text) if drafts[index].kind is not Kind.CODE else None
        end = _closing(drafts, index, closer) if closer else None
        if end is None:
            index += 1
            continue
        for inside in range(index, end + 1):
            drafts[inside].kind = Kind.MATH
            if inside > index:  # the first line may begin with a bullet before the formula
                drafts[inside].item = None
        index = end + 1


def _opened(row: str) -> str | None:
    """Return what closes the display formula that a line opens and leaves open."""
    if row.count("$$") % 2:
        return "$$"
    if "\\" not in row:
        return None
    if row.count("\\[") > row.count("\\]") + row.count("\\\\["):
        return "\\]"
    for name in _OPENS.findall(row[:_LONGEST_ROW]):
        closer = f"\\end{{{name}}}"
        if row.count(closer) < row.count(f"\\begin{{{name}}}"):
            return closer
    return None


def _closing(drafts: list[_Draft], start: int, closer: str) -> int | None:
    for index in range(start + 1, min(start + _LONGEST_FORMULA, len(drafts))):
        if drafts[index].kind is Kind.HEADING:
            return None
        if closer in drafts[index].text:
            return index
    return None


_UNDERLINE = lazy.pattern(r"\s*(?:={3,}|-{3,}|\*{3,}|_{3,})\s*")
_RULED = "=-*_ \t"
_QUOTES = lazy.pattern(r"[ \t]*(?:>[ \t]?)+")
_HASHES = lazy.pattern(r"[ \t]*#{1,6}[ \t]*")
_CLOSING_HASHES = lazy.pattern(r"[ \t]+#+[ \t]*\Z")
_BULLETS = lazy.pattern(
    r"(?:[-*+•‣◦·▪▫➢➤✓✔][ \t]+){1,4}(?:\[[ xX]\][ \t]+(?=[*_]{0,2}\(?\w{1,4}[).:]))?"
)
# Spaces, brackets, digits and letters of other keyboards and word processors, where a label stands.
_WIDE: dict[int, str] = {
    ord(wide): narrow for wide, narrow in zip("（）：．，；　", "():.,; ", strict=True)
}
_WIDE |= dict.fromkeys((0xA0, 0x2002, 0x2003, 0x2007, 0x2009, 0x202F), " ")
_WIDE |= {code: chr(code - 0xFEE0) for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF5B))}
_LABEL_CHARS = 40
# Brackets that are as wide as two letters need no space behind them.
_WIDE_LABEL = lazy.pattern(r"\A（(?P<label>\w{1,3})）(?=\S)")
# Digits in circles are unfolded to (1); behind a number, an ideographic comma closes a label.
_WIDE |= {0x2460 + number: f"({number + 1})" for number in range(20)}
_ENUMERATION = lazy.pattern(r"\A(?P<number>[(*_]{0,3}\d{1,2}|[A-Za-z一二三四五六七八九十])、[ \t]*")


def _finish(number: int, draft: _Draft) -> Line:
    """Return the line with its body, once all is known of it."""
    body, item, kind = draft.text, draft.item, draft.kind
    if kind is Kind.BLANK:
        return Line(number, body, body, kind, draft.depth, item, draft.run, draft.quoted)
    if kind is Kind.TEXT and body[-1:] in _RULED and not draft.drawn and _UNDERLINE.fullmatch(body):
        kind = Kind.RULE
    if kind is Kind.TEXT and pages.is_foot(body):
        return Line(number, "", "", Kind.BLANK, draft.depth)
    if kind in (Kind.TEXT, Kind.HEADING, Kind.MATH):
        body = (_QUOTES.sub("", body, count=1) if draft.quoted else body).lstrip(" \t")
        if kind is Kind.HEADING:
            body = _CLOSING_HASHES.sub("", _HASHES.sub("", body, count=1))
        if not body.isascii():
            body = _WIDE_LABEL.sub(r"(\g<label>) ", body)
            body = body[:_LABEL_CHARS].translate(_WIDE) + body[_LABEL_CHARS:]
            body = _ENUMERATION.sub(r"\g<number>) ", body)
        bullets = None if draft.drawn or body[:1].isalnum() else _BULLETS.match(body)
        if bullets and (item or kind is not Kind.MATH):
            body = body[bullets.end() :]
            item = item or "•"
    return Line(number, draft.text, body, kind, draft.depth, item, draft.run, draft.quoted)
