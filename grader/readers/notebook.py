"""Reads the prose of a notebook: answers may stand between its cells of code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader import kinds, lazy
from grader.model import Answer, Part, Rubric
from grader.readers import Sheet, markdown_sheet
from grader.readers.paper.numbering import Numbering, numbering
from grader.sandbox import cells

# A title, or a section with a bare number such as `## 2 - Dataset`: a part has brackets or a dot.
_INSIDE = r"solution|answer|derivation|proof|result|step|conclusion"
_SECTION = lazy.pattern(
    rf"\s*(?:#[ \t]+(?!(?:{_INSIDE})|[(\[]?(?:\d{{1,2}}|[a-z])[)\].:])"
    r"|##[ \t]+\d{1,2}(?:[ \t]*[-–—:)][ \t]*|[ \t]+)[a-z])",
    re.I,
)
_TITLED = lazy.pattern(
    r"^#{1,6}[ \t]+\d{1,2}(?:\.\d{1,2})?[ \t]*[-–—:)][ \t]*[^\W\d]", re.MULTILINE
)
_FEW = 3
# What is pasted into a cell of text is kept in it, letter by letter.
_PICTURE = lazy.pattern(r"data:image/[^\s)\"']+")
_LONGEST = 200_000


def read(name: str, data: bytes, rubric: Rubric) -> Sheet:
    """Return the answers in the Markdown cells of a notebook; none where there are no questions.

    An answer's place is the file alone, because its lines are not those that the student sees.
    """
    prose = [_PICTURE.sub("", text) for text in cells.prose(name, data)]
    if sum(map(len, prose)) > _LONGEST:
        return Sheet(warnings=[f"{name}: its text is longer than a sheet and was not read"])
    answering = list(_labelled(prose, numbering(rubric))) or _numbered(prose)
    sheet = markdown_sheet.read(name, "\n\n".join(answering), rubric)
    written = {question.id for question in rubric.questions if kinds.takes_text(question)}
    parts = {id_: _placed(part) for id_, part in sheet.parts.items() if id_ in written}
    if not any(map(_says_something, parts.values())):
        return Sheet()
    return Sheet(parts, sheet.warnings)


def _labelled(prose: Sequence[str], known: Numbering) -> Iterator[str]:
    """Yield the cells that follow the label of a question: `Problem 2`, `q2.a`.

    A bare number is none here: between the answers stand the notebook's own sections.
    """
    inside = False
    for text in prose:
        lines = text.split("\n")
        first = next((at for at, line in enumerate(lines) if _is_label(line, known)), None)
        if first is not None:
            inside = True
        elif _SECTION.match(text):
            inside = False
        if inside:
            yield "\n".join(lines[first or 0 :])


def _numbered(prose: Sequence[str]) -> Sequence[str]:
    """Return all cells, unless their bare numbers are those of the notebook's own sections."""
    own = sum(len(_TITLED.findall(text)) for text in prose)
    return prose if own < _FEW else ()


def _is_label(line: str, known: Numbering) -> bool:
    label = known.worded_label(line[:200].lstrip("#>*_- \t"))
    return label is not None and label.head is not None


def _says_something(part: Part) -> bool:
    return any(answer.trouble is None for answer in _answers(part))


def _answers(part: Part) -> list[Answer]:
    return [answer for answer in (part.body, *part.fields.values()) if answer is not None]


def _placed(part: Part) -> Part:
    fields = {name: _in_file(answer) for name, answer in part.fields.items()}
    return Part(part.body and _in_file(part.body), fields)


def _in_file(answer: Answer) -> Answer:
    return answer._replace(place=answer.place._replace(line=None))
