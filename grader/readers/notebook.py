"""Reads the prose of a notebook or a script: answers may stand between its pieces of code."""

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


# The comments and the texts of a script that stand by themselves; others are passed by.
_IN_SCRIPT = lazy.pattern(
    r"""(?P<comment>^\#[^\n]*(?:\n\#[^\n]*)*)
      | (?P<text>^(?:(?P<raw>[rR])|[uU])?(?:\"{3}(?P<double>.*?)\"{3}|'{3}(?P<single>.*?)'{3}))
      | \"{3}.*?\"{3} | '{3}.*?'{3} | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' | \#[^\n]*""",
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_COMMENT = lazy.pattern(r"^#+'?[ \t]?", re.MULTILINE)
_CELL = lazy.pattern(r"^(?:%%|\+|In\[)[^\n]*$\n?", re.MULTILINE)


def read_script(name: str, data: bytes, rubric: Rubric) -> Sheet:
    """Return the answers in comments and texts of a script, each behind the label of its question.

    Where a function may answer, what is said beside functions is said of them.
    """
    if len(data) > _LONGEST:
        return Sheet()
    text = "\n".join(source.source for source in cells.read(name, data))
    known = numbering(rubric)
    answering = [begun for each in _said(text) if (begun := _from_label(each, known))]
    if not answering:
        return Sheet()
    sheet = markdown_sheet.read(name, "\n\n".join(answering), rubric)
    defines = _DEFINES.search(text) is not None
    written = {
        question.id
        for question in rubric.questions
        if kinds.takes_text(question) and not (defines and kinds.takes_code(question))
    }
    parts = {id_: _placed(part) for id_, part in sheet.parts.items() if id_ in written}
    return Sheet(parts) if any(map(_says_something, parts.values())) else Sheet()


_DEFINES = lazy.pattern(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]", re.MULTILINE)


def _said(text: str) -> Iterator[str]:
    """Yield the texts of a script, and its comments without their signs."""
    for found in _IN_SCRIPT.finditer(text):
        if found["text"] is not None:
            inside = found["double"] or found["single"] or ""
            yield inside if found["raw"] else inside.replace("\\\\", "\\")
        elif found["comment"] is not None:
            yield _CELL.sub("", _COMMENT.sub("", found["comment"]))


def _labelled(prose: Sequence[str], known: Numbering) -> Iterator[str]:
    """Yield the cells that follow the label of a question: `Problem 2`, `q2.a`.

    A bare number is none here: between the answers stand the notebook's own sections.
    """
    inside = False
    for text in prose:
        begun = _from_label(text, known)
        if begun:
            inside = True
        elif _SECTION.match(text):
            inside = False
        if inside:
            yield begun or text


def _from_label(text: str, known: Numbering) -> str:
    """Return a text from its first line on that begins with a label; nothing without one."""
    lines = text.split("\n")
    first = next((at for at, line in enumerate(lines) if _is_label(line, known)), len(lines))
    return "\n".join(lines[first:])


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
