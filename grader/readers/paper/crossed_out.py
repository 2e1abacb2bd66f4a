"""Takes out of a sheet what its author took out: crossed-out passages and comments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader import lazy

_MARK = lazy.pattern(
    r"""
      (?P<fence>^[ \t>]*(?:[-*+][ \t]+)?(?:`{3,}+|~{3,}+)[^\n`]*$)
    | (?P<comment><!--)
    | (?P<ticks>`++)
    | (?P<strike>(?<![~\\])~~(?=[^\s~]))
    | (?P<tag><(?:del|s|strike)>)
    """,
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
_ANY = lazy.pattern(r"~~|<(?:!--|del>|s>|strike>)", re.IGNORECASE)
_STRIKE_END = lazy.pattern(r"(?<![\s~])~~(?!~)|(?P<heading>^#{1,6}[ \t])", re.MULTILINE)
_TAG_END = lazy.pattern(r"</(?:del|s|strike)>|(?P<heading>^#{1,6}[ \t])", re.MULTILINE | re.I)
_TICKS_WINDOW = 2_000
_MOST_MARKS = 5_000
_LONGEST_FENCE = 80


def strike_out(text: str) -> tuple[str, list[str]]:
    """Return the text with comments and crossed-out passages blanked, lines where they were.

    A passage ends at the next heading at the latest: a sign that was never closed must not take
    the rest of the sheet with it. What stands in code is not looked at.
    """
    if not _ANY.search(text):
        return text, []
    eraser = _Eraser(text)
    position = 0
    for _ in range(_MOST_MARKS):
        mark = _MARK.search(text, position)
        if mark is None:
            break
        position = eraser.after(mark)
    return eraser.result(), eraser.warnings


class _Eraser:
    """Takes passages out of a text; remembers what is never closed, to look for it only once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.spans: list[tuple[int, int]] = []
        self.warnings: list[str] = []
        self.open_until: dict[str, int] = {}

    def after(self, mark: re.Match[str]) -> int:
        """Deal with a mark and return where to go on."""
        kind = str(mark.lastgroup)
        if kind == "fence":
            return self._after_fence(mark)
        if kind == "ticks":
            closing = self.text.find(mark[0], mark.end(), mark.end() + _TICKS_WINDOW)
            return closing + len(mark[0]) if closing >= 0 else mark.end()
        if mark.start() < self.open_until.get(kind, 0):
            return mark.end()
        end = self._comment_end(mark) if kind == "comment" else self._end(kind, mark)
        if end is None:
            return mark.end()
        self.spans.append((mark.start(), end))
        return end

    def _after_fence(self, mark: re.Match[str]) -> int:
        fence = mark[0].lstrip(" \t>-*+")
        run = fence[: len(fence) - len(fence.lstrip(fence[0]))]
        if len(run) > _LONGEST_FENCE or mark.start() < self.open_until.get(run, 0):
            return mark.end()
        closing = re.compile(rf"^[ \t>]*{run}{run[0]}*[ \t]*$", re.MULTILINE)
        closed = closing.search(self.text, mark.end())
        if closed is None:
            self.open_until[run] = len(self.text)
        return closed.end() if closed else mark.end()

    def _comment_end(self, mark: re.Match[str]) -> int | None:
        end = self.text.find("-->", mark.end())
        if end >= 0:
            return end + len("-->")
        self.open_until["comment"] = len(self.text)
        line = self.text.count("\n", 0, mark.start()) + 1
        self.warnings.append(f"line {line}: a comment is opened (<!--) and never closed")
        return None

    def _end(self, kind: str, mark: re.Match[str]) -> int | None:
        pattern = _STRIKE_END if kind == "strike" else _TAG_END
        closed = pattern.search(self.text, mark.end() + 1)
        if closed is not None and closed["heading"] is None:
            return closed.end()
        self.open_until[kind] = closed.start() if closed else len(self.text)
        return None

    def result(self) -> str:
        """Return the text with every passage replaced by its line ends."""
        return "".join(self._pieces())

    def _pieces(self) -> Iterator[str]:
        position = 0
        for start, end in self.spans:
            yield self.text[position:start]
            yield "\n" * self.text.count("\n", start, end)
            position = end
        yield self.text[position:]
