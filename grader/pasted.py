"""Code that was typed into an answer sheet, for questions that a function may answer."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from grader import kinds, lazy
from grader.model import Answer, Part, Rubric, SourceFile, Submission

_DEFINES = lazy.pattern(r"^[ \t]*(?:def|class)\s+\w+\s*[(:]", re.MULTILINE)
_FENCED = lazy.pattern(
    r"^[ \t]*(?P<fence>`{3,}|~{3,})[^\n]*\n(?P<code>.*?)(?:^[ \t]*(?P=fence)|\Z)",
    re.MULTILINE | re.DOTALL,
)
_STARTS = lazy.pattern(r"^[ \t]*(?:import|from|def|class|@\w+)\b", re.MULTILINE)


def code(rubric: Rubric, submission: Submission) -> Sequence[SourceFile]:
    """Return the code in answers, a file for each; sheets that were taken for code are left out."""
    taken = {source.name for source in submission.code}
    return [
        SourceFile(name(answer.place.file, question.id), source.encode())
        for question in rubric.questions
        if (part := submission.parts.get(question.id)) is not None
        for answer in _answers(part)
        if answer.place.file not in taken
        if (source := _source(answer.text)) and kinds.takes_code(question)
    ]


def name(sheet: str, question: str) -> str:
    """Return what the code in the answer to a question is called."""
    return f"{sheet} ({question})"


def _answers(part: Part) -> Iterator[Answer]:
    """Yield the undivided answer; the fields where there is none."""
    if part.body is not None:
        yield part.body
        return
    yield from part.fields.values()


def _source(text: str) -> str:
    """Return the Python in a text: what is fenced, else all from its first line of code on."""
    if not _DEFINES.search(text):
        return ""
    blocks = [textwrap.dedent(found["code"]) for found in _FENCED.finditer(text)]
    fenced = "\n".join(block for block in blocks if _STARTS.search(block))
    if fenced:
        return fenced
    start = _STARTS.search(text)
    return textwrap.dedent(text[start.start() :]) if start else ""
