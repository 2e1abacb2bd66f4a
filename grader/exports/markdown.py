"""The report as Markdown: as readable in an editor as it is rendered.

What a student wrote stands in fences and code spans that it cannot end; everything else is
escaped, so that nothing of it becomes a heading, a link, an image or HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from grader import __version__
from grader.exports import Audience, _reading
from grader.model import Recognised, ReferenceAnswer, Report, Rubric

# Right answers and feedback are the same in every report of a class, and what a student wrote in
# both reports about it: so many are known as they are escaped, each bounded before it comes here.
_REMEMBERED = 1_000


def report(report: Report, audience: Audience) -> str:
    """Return the graded submission as Markdown."""
    return render([_reading.of(report, audience)])[0]


def render(readings: Sequence[_reading.Reading]) -> list[str]:
    """Return what each audience may read of a graded submission as Markdown."""
    return [_report(reading, parts) for reading, parts in _reading.alike(readings, _parts)]


def _report(reading: _reading.Reading, parts: Sequence[_Parts]) -> str:
    blocks = [
        *_header(reading),
        _table(reading, [part.row for part in parts]),
        *[
            _question(question, part)
            for question, part in zip(reading.questions, parts, strict=True)
            if part.told
        ],
        *_footer(reading),
    ]
    return "\n\n".join(blocks) + "\n"


def answers(rubric: Rubric, answers: Sequence[ReferenceAnswer]) -> str:
    """Return the reference answers as Markdown."""
    blocks = [
        f"# {_inline(_reading.one_line(rubric.title))}: reference answers",
        f"Rubric {_code(_reading.one_line(rubric.id))}.",
        *(block for question in _reading.references(answers) for block in _reference(question)),
    ]
    return "\n\n".join(blocks) + "\n"


def _header(reading: _reading.Reading) -> Iterator[str]:
    yield f"# {_inline(reading.title)}"
    yield f"{_code(reading.submission)}: **{reading.marks}**. {' '.join(reading.status)}"
    yield f"Rubric {_code(reading.rubric)}, grader {__version__}."


def _table(reading: _reading.Reading, rows: Sequence[str]) -> str:
    heading = "| Question | Title | Marks | Outcome | Review |\n| --- | --- | --: | --- | --: |"
    total = f"| **Total** |  | **{reading.marks}** |  | {_review(reading.review_points)} |"
    return "\n".join([heading, *rows, total])


def _review(points: float) -> str:
    return _reading.marks(points) if points else ""


class _Parts(NamedTuple):
    """What every audience reads of a question: its row in the table, and what is told of it.

    Between `told` and `review` stands what is for staff; where all there is to tell is that no
    answer was found, both are empty.
    """

    row: str
    told: str = ""
    review: str = ""


def _parts(question: _reading.QuestionReading) -> _Parts:
    id, title, marks, outcome = question.id, question.title, question.marks, question.outcome
    name = (_inline(id), _inline(title))
    row = f"| {name[0]} | {name[1]} | {marks} | {outcome} | {_review(question.review_points)} |"
    if question.silent:
        return _Parts(row)
    told = [f"## {name[0]} {name[1]}", f"**{marks}**, {outcome}.", *_shown(question)]
    return _Parts(row, "\n\n".join(told), _awaited(question))


def _question(question: _reading.QuestionReading, part: _Parts) -> str:
    blocks = [
        part.told,
        *[_passage("Expected", passage) for passage in question.expected],
        *[_sentence("Note", note) for _, note in question.notes],
        part.review,
    ]
    return "\n\n".join(filter(None, blocks))


def _shown(question: _reading.QuestionReading) -> Iterator[str]:
    """Yield what there is to read of an answer: it, what was found in it, what to say."""
    for passage in question.passages:
        yield _caption("Answer", passage)
        yield _fence(passage.text)
        if passage.size:
            yield f"… ({passage.size})"
    yield from filter(None, (_judged(question.checks),))
    for sentence in question.feedback:
        yield _sentence("Feedback", sentence)
    if question.mistakes:
        yield _mistakes(question.mistakes, question.feedback)


def _awaited(question: _reading.QuestionReading) -> str:
    if not question.needs_review:
        return ""
    points = f"{_reading.marks(question.review_points)} of {_reading.marks(question.max_score)}"
    return _sentence("Review", "; ".join([f"{points} marks", *question.reasons]))


def _judged(checks: Sequence[_reading.CheckReading]) -> str:
    """Tell what the judgement went by, check by check where there are several."""
    if len(checks) == 1:
        return _sentence("Evidence", checks[0].evidence) if checks[0].evidence else ""
    return "\n".join(
        [
            f"- {_inline(check.label)}: {check.marks}, {check.outcome}"
            + (f" ({_inline(check.evidence)})" if check.evidence else "")
            for check in checks
        ]
    )


def _mistakes(mistakes: Sequence[Recognised], feedback: Sequence[str]) -> str:
    return "\n".join(
        [
            f"- Mistake {_code(mistake.id)}"
            + ("" if mistake.charged else " (charged before)")
            + ("" if mistake.say in feedback else f": {_inline(mistake.say)}")
            for mistake in mistakes
        ]
    )


def _footer(reading: _reading.Reading) -> Iterator[str]:
    silent = reading.silent
    notes = [
        *([f"No answer: {_inline(', '.join(silent))}"] if silent else []),
        *(f"Fault: {_inline(fault)}" for fault in reading.faults),
        *(f"Warning: {_inline(warning)}" for warning in reading.warnings),
        *(
            [f"Left alone: {', '.join(map(_code, reading.left_alone))}"]
            if reading.left_alone
            else []
        ),
        *([f"Code ran: {_inline(reading.sandbox)}"] if reading.sandbox != "none needed" else []),
    ]
    if notes:
        yield "## Notes"
        yield "\n".join(f"- {note}" for note in notes)


def _reference(question: _reading.ReferenceReading) -> Iterator[str]:
    yield f"## {_inline(question.id)} {_inline(question.title)}"
    yield f"{_reading.marks(question.points)} marks."
    yield from (_passage("Answer", passage) for passage in question.passages)
    yield from (_sentence("Fault", fault) for fault in question.faults)
    if question.derivation:
        yield _sentence("Because", question.derivation)


def _sentence(name: str, sentence: str) -> str:
    """Return a named paragraph; further lines (a caret under its place) keep their columns."""
    first, _, rest = sentence.partition("\n")
    told = f"**{name}:** {_inline(first)}"
    return f"{told}\n\n{_fence(rest)}" if rest.strip() else told


@lru_cache(maxsize=_REMEMBERED)
def _passage(name: str, passage: _reading.Passage) -> str:
    if "\n" in passage.text:
        return f"{_caption(name, passage)}\n\n{_fence(passage.text)}"
    return f"{_caption(name, passage)} {_code(passage.text)}"


def _caption(name: str, passage: _reading.Passage) -> str:
    where = [_code(_reading.at(passage.place))] if passage.place else []
    told = ", ".join([_inline(passage.label)] * bool(passage.label) + where)
    return f"**{name}** ({told}):" if told else f"**{name}:**"


def _fence(text: str) -> str:
    """Return a code block with a fence longer than any that `text` holds."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}text\n{text}\n{fence}"


@lru_cache(maxsize=_REMEMBERED)
def _code(text: str) -> str:
    """Return a code span that `text` cannot end."""
    line = " ".join(text.split())
    ticks = "`" * (_longest_run(line) + 1)
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{space}{line}{space}{ticks}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0) if "`" in text else 0


_SPECIAL = re.compile(
    r"""[\\`*\[\]|~]                 # emphasis, code, links, images, table cells, strikethrough
      | (?<![^\W_])_ | _(?![^\W_])   # an underscore inside a word is only itself
      | <(?=[A-Za-z/!?])             # a tag
      | &(?=\#?\w+;)                 # an entity""",
    re.VERBOSE,
)

_ENTITIES = {"<": "&lt;", "&": "&amp;"}


@lru_cache(maxsize=_REMEMBERED)
def _inline(text: str) -> str:
    """Return `text` on one line, meaning in Markdown what it says."""
    line = " ".join(text.split())
    return _SPECIAL.sub(lambda found: _ENTITIES.get(found[0], "\\" + found[0]), line)
