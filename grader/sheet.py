"""The blank answer sheet that a student fills in; the Markdown reader reads it back."""

from __future__ import annotations

from collections.abc import Iterator

from grader.model import Question, Rubric
from grader.readers.paper.cues import quotation

_HOW_TO = """\
<!-- Write each answer behind its label. It may go on over the following lines, and it may be a
table or a block of code. Cross out with ~~two tildes~~ what shall not count. -->
"""
# The label where a question has but one field.
_SINGLE = "answer"


def template(rubric: Rubric) -> str:
    """Return the blank answer sheet of a rubric, in Markdown."""
    return "\n".join([f"# {rubric.title}\n", _HOW_TO, *map(_section, rubric.questions)])


def _section(question: Question) -> str:
    return "\n".join(
        [f"## {question.id} {question.title}", "", *_prompt(question), "", *_labels(question)]
    )


def _prompt(question: Question) -> Iterator[str]:
    for line in quotation(question):
        yield f"> {line}".rstrip()


def _labels(question: Question) -> Iterator[str]:
    names = list(question.fields)
    for name in names if len(names) > 1 else [_SINGLE]:
        yield f"{name}:\n"
