"""What is worked out of a question once, and kept for the sheets to come."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from grader.model import Question

Found = TypeVar("Found")

# More questions than a course has at work at a time.
_MOST = 512


def per_question(find: Callable[[Question], Found]) -> Callable[[Question], Found]:
    """Return what does as `find` does, and keeps what it found for each question."""

    # By identity, as to compare all that a question says would take longer. What is kept holds
    # the question, so that no other one can be given its place in memory.
    kept: dict[int, tuple[Question, Found]] = {}

    def known(question: Question) -> Found:
        held = kept.get(id(question))
        if held is None:
            if len(kept) >= _MOST:
                kept.clear()
            held = kept[id(question)] = question, find(question)
        return held[1]

    known.__doc__ = find.__doc__
    return known
