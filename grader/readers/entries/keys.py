"""The keys of an answer sheet: question ids, in the spellings that people use."""

from __future__ import annotations

from grader.readers.paper.numbering import Head, Numbering

# Entries that are about the sheet or the student, and levels around the answers.
STUDENT = frozenset({"student", "name", "student_id", "id", "sid", "matriculation"})
ABOUT = STUDENT | frozenset(
    {"email", "course", "assignment", "title", "date", "group", "version", "rubric", "section"}
)
AROUND = frozenset({"answers", "answer", "responses", "solutions", "questions", "results", "items"})


def target(key: str, known: Numbering) -> str | Head | None:
    """Return the question id that a key names, or the number whose parts stand below it."""
    key = key.strip()
    word = key.lower()
    if word in known.ids:
        return known.ids[word]
    if word in ABOUT or word in AROUND:
        return None
    label = known.worded_label(key) or known.bare_label(key, heading=True)
    if label is None or label.head is None or label.rest:
        return None
    if label.part is None:
        return label.head if label.head.parts else label.head.own
    return label.head.ids[label.part] if label.part >= 0 else None
