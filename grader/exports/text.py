"""The report for a terminal: readable at any width, in a pipe and without colour.

Lines are laid out here, in cells, and reach rich as segments: student text is never markup, and
a report costs a fraction of what rich's own tables do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from rich.cells import cell_len

from grader import __version__, values
from grader.exports import Audience, _reading
from grader.model import Outcome, ReferenceAnswer, Report, Rubric

if TYPE_CHECKING:
    from rich.console import Console

PIPE_COLUMNS = 80
"""How wide a report is where there is no terminal."""

NARROWEST, WIDEST = 40, 100
"""Between these a report follows the terminal; longer lines are hard to follow."""

ANSWER_LINES = 16
"""How many lines of an answer are repeated: most of a table, and the next question stays near."""

ANSWER_CHARACTERS = 1_000

LABEL_COLUMNS = 12
TITLE_COLUMNS = 12
"""What a title needs in the table of marks; below that it is left to the sections."""

GAP = 2
TAB_COLUMNS = 4
ID_COLUMNS = 12
RIGHT_ALIGNED = frozenset({2, 4})

BREAKS = re.compile(r"(?=\\[A-Za-z])|(?<=[-,;:=+*/&)\]}])")
"""Where a long formula may be broken."""

FRAMES_IN_ASCII = str.maketrans({"─": "-", "│": "|", "…": "...", "·": "-"})

Span: TypeAlias = tuple[str, str]
"""A text and its style."""

Line: TypeAlias = tuple[Span, ...]

STYLES = {
    Outcome.CORRECT: "green",
    Outcome.PARTIAL: "yellow",
    Outcome.WRONG: "red",
    Outcome.MISSING: "",
    Outcome.UNREADABLE: "magenta",
    Outcome.UNGRADED: "bold magenta",
}


class Entry(NamedTuple):
    """A labelled paragraph of a section; `bar` marks each line of what a student wrote."""

    label: str
    text: str
    style: str = ""
    bar: str = ""


def report(report: Report, audience: Audience) -> str:
    """Return the graded submission as plain text."""
    return render([_reading.of(report, audience)])[0]


def render(readings: Sequence[_reading.Reading]) -> list[str]:
    """Return what each audience may read of a graded submission as plain text."""
    return [_plain(_report(reading, PIPE_COLUMNS)) for reading in readings]


def answers(rubric: Rubric, answers: Sequence[ReferenceAnswer]) -> str:
    """Return the reference answers as plain text."""
    return _plain(_answers(rubric, answers, PIPE_COLUMNS))


def print_report(report: Report, audience: Audience, console: Console) -> None:
    """Print the graded submission at the console's width."""
    _print(_report(_reading.of(report, audience), _columns(console)), console)


def print_answers(rubric: Rubric, answers: Sequence[ReferenceAnswer], console: Console) -> None:
    """Print the reference answers at the console's width."""
    _print(_answers(rubric, answers, _columns(console)), console)


# The sections of a report


def _report(reading: _reading.Reading, width: int) -> Iterator[Line]:
    yield from _header(reading, width)
    yield ()
    yield from _table(reading, width)
    for question in reading.told:
        yield ()
        yield from _question(question, width)
    yield from _footer(reading, width)


def _header(reading: _reading.Reading, width: int) -> Iterator[Line]:
    yield from _paragraph(reading.title, width, "bold")
    yield from _paragraph(f"{reading.rubric} · {reading.submission} · grader {__version__}", width)
    yield ()
    yield ((reading.marks, "bold"),)
    yield from _paragraph(" ".join(reading.status), width)


def _footer(reading: _reading.Reading, width: int) -> Iterator[Line]:
    entries = [
        Entry("no answer", ", ".join(reading.silent)),
        *(Entry("fault", fault, "bold magenta") for fault in reading.faults),
        *(Entry("warning", warning) for warning in reading.warnings),
        Entry("left alone", ", ".join(reading.left_alone)),
        Entry("code ran", "" if reading.sandbox == "none needed" else reading.sandbox),
    ]
    lines = list(_entries(entries, width))
    if lines:
        yield ()
        yield from lines


def _question(question: _reading.QuestionReading, width: int) -> Iterator[Line]:
    outcome = (f"{question.marks}  {question.outcome}", STYLES[question.outcome])
    yield from _heading(f"{question.id}  {question.title}", outcome, width)
    yield from _entries(_told(question), width)


def _told(question: _reading.QuestionReading) -> Iterator[Entry]:
    for passage in question.passages:
        yield from _answer(passage)
    yield from _judged(question)
    for sentence in question.feedback:
        yield Entry("feedback", sentence)
    for mistake in question.mistakes:
        told = "" if mistake.say in question.feedback else mistake.say
        before = "" if mistake.charged else " (charged before)"
        yield Entry("mistake", f"{mistake.id}{before}{': ' if told else ''}{told}")
    yield Entry("expected", "\n".join(map(_labelled, question.expected)))
    for _, note in question.notes:
        yield Entry("note", note)
    if question.needs_review:
        points = f"{_reading.marks(question.review_points)} of {_reading.marks(question.max_score)}"
        yield Entry("review", "\n".join([f"{points} marks", *question.reasons]), "bold")


def _answer(passage: _reading.Passage) -> Iterator[Entry]:
    where = _reading.at(passage.place) if passage.place else ""
    told = " · ".join(_reading.distinct([passage.label, where]))
    lines = passage.text[:ANSWER_CHARACTERS].split("\n")
    yield Entry("answer", told)
    yield Entry("" if told else "answer", "\n".join(lines[:ANSWER_LINES]), bar="│ ")
    if passage.size or len(lines) > ANSWER_LINES or len(passage.text) > ANSWER_CHARACTERS:
        yield Entry("", f"… ({passage.size or _reading.size(passage.text)})")


def _judged(question: _reading.QuestionReading) -> Iterator[Entry]:
    """Tell what the judgement went by, check by check where there are several."""
    if len(question.checks) == 1:
        yield Entry("evidence", question.checks[0].evidence)
        return
    label = "checks"
    for check in question.checks:
        told = f"{check.label} {check.marks} {check.outcome}"
        yield Entry(label, f"{told}: {check.evidence}" if check.evidence else told)
        label = ""


def _answers(rubric: Rubric, answers: Sequence[ReferenceAnswer], width: int) -> Iterator[Line]:
    yield from _paragraph(f"{_reading.one_line(rubric.title)}: reference answers", width, "bold")
    yield from _paragraph(_reading.one_line(rubric.id), width)
    for question in _reading.references(answers):
        yield ()
        marks = f"{_reading.marks(question.points)} marks"
        yield from _heading(f"{question.id}  {question.title}", (marks, ""), width)
        entries = [
            Entry("answer", "\n".join(map(_labelled, question.passages))),
            *(Entry("fault", fault, "bold magenta") for fault in question.faults),
            Entry("because", question.derivation),
        ]
        yield from _entries(entries, width)


def _labelled(passage: _reading.Passage) -> str:
    if not passage.label:
        return passage.text
    gap = "\n" if "\n" in passage.text else " "
    return f"{passage.label}:{gap}{passage.text}"


# The table of marks


def _table(reading: _reading.Reading, width: int) -> Iterator[Line]:
    """Lay out one row per question; its title takes what the other columns leave."""
    head = [(name, "bold") for name in ("", "Question", "Marks", "Outcome", "Review")]
    rows = [head, *map(_row, reading.questions), _total(reading)]
    sizes = [max(cell_len(text) for text, _ in column) for column in zip(*rows, strict=True)]
    left = width - (sum(sizes) - sizes[1]) - GAP * (len(sizes) - 1)
    sizes[1] = left if left >= TITLE_COLUMNS else 0
    rule = (("─" * (sum(sizes) + GAP * (sum(map(bool, sizes)) - 1)), ""),)
    yield from _cells(rows[0], sizes)
    yield rule
    for row in rows[1:-1]:
        yield from _cells(row, sizes)
    yield rule
    yield from _cells(rows[-1], sizes)


def _row(question: _reading.QuestionReading) -> list[Span]:
    return [
        (values.shorten(question.id, ID_COLUMNS), ""),
        (question.title, ""),
        (question.marks, ""),
        (question.outcome.value, STYLES[question.outcome]),
        (_reading.marks(question.review_points) if question.needs_review else "", "bold"),
    ]


def _total(reading: _reading.Reading) -> list[Span]:
    review = _reading.marks(reading.review_points) if reading.review_points else ""
    return [(text, "bold") for text in ("Total", "", reading.marks, "", review)]


def _cells(row: Sequence[Span], sizes: Sequence[int]) -> Iterator[Line]:
    """Lay out one row, cells wrapped side by side; a column of no width is left out."""
    columns = [
        (list(wrap(text, size)), style, size, number in RIGHT_ALIGNED)
        for number, ((text, style), size) in enumerate(zip(row, sizes, strict=True))
        if size
    ]
    for height in range(max(len(lines) for lines, *_ in columns)):
        spans: list[Span] = []
        for lines, style, size, right in columns:
            text = lines[height] if height < len(lines) else ""
            space = " " * (size - cell_len(text))
            spans.append((space + text if right else text + space, style))
            spans.append((" " * GAP, ""))
        yield tuple(spans)


# Lines


def _heading(title: str, right: Span, width: int) -> Iterator[Line]:
    """Lay out a title in bold with its marks at the right edge."""
    left = width - cell_len(right[0]) - GAP
    first, *rest = wrap(title, left)
    yield ((first, "bold"), (" " * (width - cell_len(first) - cell_len(right[0])), ""), right)
    yield from (((line, "bold"),) for line in rest)


def _paragraph(text: str, width: int, style: str = "") -> Iterator[Line]:
    # Further lines hang, so that a long name cannot pose as a line of ours.
    for number, line in enumerate(wrap(text, width - GAP)):
        yield ((" " * GAP if number else "", ""), (line, style))


def _entries(entries: Iterable[Entry], width: int) -> Iterator[Line]:
    for entry in entries:
        label = entry.label
        for line in wrap(entry.text, width - GAP - LABEL_COLUMNS - len(entry.bar)):
            yield (
                (f"{'':{GAP}}{label:{LABEL_COLUMNS}}", ""),
                (entry.bar, ""),
                (line, entry.style),
            )
            label = ""


def wrap(text: str, width: int) -> Iterator[str]:
    """Return the lines of `text`, none wider than `width` cells; nothing for an empty text.

    Lines break at spaces; a long formula before a command or behind an operator.
    """
    for line in text.split("\n") if text else ():
        line = line.expandtabs(TAB_COLUMNS)
        while cell_len(line) > width:
            end = _line_end(line, width)
            yield line[:end].rstrip()
            line = line[end:].lstrip(" ")
        yield line


def _line_end(line: str, width: int) -> int:
    fits = _characters(line, width)
    space = line.rfind(" ", 1, fits + 1)
    if space > 0 and line[:space].strip():
        return space
    formula = max((found.end() for found in BREAKS.finditer(line, 0, fits)), default=0)
    return formula if formula > fits // 2 else fits


def _characters(line: str, width: int) -> int:
    """Return how many characters of `line` fit into `width` cells; at least one."""
    cells = 0
    for number, char in enumerate(line):
        cells += cell_len(char)
        if cells > width:
            return max(number, 1)
    return len(line)


# Ways out


def _columns(console: Console) -> int:
    return min(max(console.width, NARROWEST), WIDEST)


def _plain(lines: Iterable[Line]) -> str:
    return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in lines)


def _print(lines: Iterable[Line], console: Console) -> None:
    from rich.segment import Segment, Segments

    segments: list[Segment] = []
    for line in lines:
        segments.extend(
            Segment(_encodable(text, console.encoding), console.get_style(style) if style else None)
            for text, style in _trimmed(line)
        )
        segments.append(Segment.line())
    console.print(Segments(segments), soft_wrap=True, end="")


def _trimmed(line: Line) -> Line:
    while line and not line[-1][0].rstrip():
        line = line[:-1]
    return (*line[:-1], (line[-1][0].rstrip(), line[-1][1])) if line else line


def _encodable(text: str, encoding: str) -> str:
    """Return `text` in characters that `encoding` has, so that printing cannot fail."""
    if encoding.lower().startswith("utf"):
        return text
    plain = text.translate(FRAMES_IN_ASCII)
    return plain.encode(encoding, "backslashreplace").decode(encoding)
