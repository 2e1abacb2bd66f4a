"""What is worked out of a question once, and kept for the sheets to come."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from grader.model import Question

Found = TypeVar("Found")

# More questions than a course has at work at a time.
_MOST = 512


class _Itself:
    """A question as a key, which equals nothing else: to compare all it says would take longer."""

    def __init__(self, question: Question) -> None:
        self.question = question

    def __hash__(self) -> int:
        return id(self.question)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and other.question is self.question


def per_question(find: Callable[[Question], Found]) -> Callable[[Question], Found]:
    """Return what does as `find` does, and keeps what it found for each question."""

    @lru_cache(maxsize=_MOST)
    def kept(itself: _Itself) -> Found:
        return find(itself.question)

    def known(question: Question) -> Found:
        return kept(_Itself(question))

    known.__doc__ = find.__doc__
    return known
