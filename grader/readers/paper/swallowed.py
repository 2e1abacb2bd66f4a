"""Finds answers that may have gone under in another: its text holds the label of a missing one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from grader import lazy
from grader.model import Answer, Part, Rubric
from grader.readers.paper.numbering import Head, Numbering, numbering, part_labels

_NUMBER = lazy.pattern(r"\d{1,2}(?=[.):](?!\d)|[ \t])")
_LINE_CHARS = 200
_MOST_LINES = 300


def found(parts: Mapping[str, Part], rubric: Rubric) -> dict[str, Part]:
    """Return trouble for each question without an answer whose label begins a line of another's.

    A list inside of an answer may be numbered as the questions are, so nobody but a person can
    tell; what goes out as "no answer" must be sure of it.
    """
    known = numbering(rubric)
    missing = {question.id for question in rubric.questions} - set(parts)
    doubted: dict[str, Part] = {}
    for id_, part in parts.items():
        if not missing or part.body is None or part.body.trouble is not None:
            continue
        for label in _labels(id_, part.body.text, known):
            if label in missing:
                why = f"the text read as {id_} holds what may be the number of {label}"
                doubted.setdefault(label, Part(Answer(None, "", part.body.place, why)))
    return doubted


def _labels(id_: str, text: str, known: Numbering) -> Iterator[str]:
    """Yield the ids that lines of an answer, but for the first, may be labelled with."""
    own = next((head for head in known.heads if id_ in (head.own, *head.ids)), None)
    counted = 0
    for at, line in enumerate(text.split("\n")[:_MOST_LINES]):
        body = line[:_LINE_CHARS].strip(" \t#>*_-")
        number = _NUMBER.match(body)
        if number is not None:
            # What counts on from 1 is a list: of reasons, of layers. A label may hide the 1 itself.
            counted = int(number[0]) if int(number[0]) in (1, 2, counted + 1) else 0
        label = None if number is not None and counted else _label(body, own, known)
        if at and label:
            yield label


def _label(body: str, own: Head | None, known: Numbering) -> str | None:
    label = known.worded_label(body) or known.bare_label(body, heading=False)
    if label is not None and label.head is not None:
        if label.part is None:
            return label.head.own
        return label.head.ids[label.part] if label.part >= 0 else None
    siblings = part_labels(body, own, heading=False) if own is not None else []
    return own.ids[siblings[0].part] if own is not None and siblings else None
