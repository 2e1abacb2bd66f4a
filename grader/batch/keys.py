"""What a result depends on, as keys: where a key is the same, the result need not be made again."""

from __future__ import annotations

import ast
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import grader
from grader import course as courses
from grader.course import Course
from grader.errors import ReferenceFault
from grader.model import Check, Question, Rubric

# Rooms that come after the verdicts: a change in them changes no result.
_AFTER_GRADING = ("batch", "exports", "cli.py", "lint", "scaffold", "__main__.py", "bundled")


@dataclass(frozen=True, slots=True)
class Plan:
    """The key of each question of a rubric, and the key of them all."""

    questions: Mapping[str, str]
    digest: str


def plan(course: Course, rubric: Rubric) -> Plan:
    """Return the keys of a rubric's questions.

    A question's key covers its part of the rubric, the reference files that it names and those
    that they import, the grader's code, and how every question may be labelled in a sheet: a
    reader tells one answer from the next by all of them.
    """
    common = digest([code(), [_layout(question) for question in rubric.questions]])
    own = {question.id: _own(question, course) for question in rubric.questions}
    groups = _charged_together(rubric)
    keys = {id: digest([common, [own[each] for each in group]]) for id, group in groups.items()}
    return Plan(keys, digest(list(keys.items())))


@cache
def code() -> str:
    """Return a digest of the grader's version and of its code that judges."""
    return digest([grader.__version__, *_sources(lambda top: top not in _AFTER_GRADING)])


@cache
def printing() -> str:
    """Return a digest of the grader's version and of its code that writes reports."""
    return digest([grader.__version__, *_sources(lambda top: top in ("exports", "batch"))])


def print_key(
    rubric: str, check: int, student: str, decided: Mapping[str, tuple[object, ...]]
) -> str:
    """Return the key of a student's reports.

    They depend on the rubric by its digest, on the result by its checksum, and on decisions.
    """
    about = _encoder.encode(decided) if decided else ""
    told = f"{printing()} {rubric} {check} {student}\0{about}"
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _sources(takes: Callable[[str], bool]) -> Iterator[str]:
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    inside = [
        f"{folder}/{name}"[len(root) + 1 :]
        for folder, _, names in os.walk(root)
        for name in names
        if name.endswith((".py", ".css"))
    ]
    for name in sorted(inside):
        if takes(name.split(os.sep)[0]):
            with open(f"{root}/{name}", "rb") as file:
                yield f"{name} {hashlib.sha256(file.read()).hexdigest()}"


def _layout(question: Question) -> Any:
    labels = {field: list(names) for field, names in question.fields.items()}
    kinds = [check.kind for check in _checks(question.checks)]
    return [question.id, question.title, question.prompt, labels, kinds, list(question.printed)]


def _own(question: Question, course: Course) -> str:
    topics = sorted({topic for topic in _topics(question) if _path(course, topic)})
    return digest([question.digest, *_closure(course, topics)])


def _checks(checks: Sequence[Check]) -> Iterator[Check]:
    for check in checks:
        yield check
        yield from _checks(check.instead)


def _topics(question: Question) -> Iterator[str]:
    """Yield what may be the name of a reference topic, wherever `topic.function` stands."""
    for check in _checks(question.checks):
        for text in _texts([check.options, [mistake.options for mistake in check.mistakes]]):
            topic, dot, function = text.partition(".")
            if dot and topic.isidentifier() and function.isidentifier():
                yield topic


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(key)
            yield from _texts(item)
    elif isinstance(value, Sequence):
        for item in value:
            yield from _texts(item)


def _path(course: Course, topic: str) -> Path | None:
    try:
        return courses.topic_path(course, topic)
    except ReferenceFault:
        return None


def _closure(course: Course, topics: Iterable[str]) -> list[str]:
    """Return the digests of topics and of all that they import from beside them."""
    waiting, seen = list(topics), {}
    while waiting:
        topic = waiting.pop()
        path = _path(course, topic)
        if topic in seen or path is None:
            continue
        source = path.read_bytes()
        seen[topic] = hashlib.sha256(source).hexdigest()
        waiting += _neighbours(source)
    return [f"{topic} {digest}" for topic, digest in sorted(seen.items())]


def _neighbours(source: bytes) -> Iterator[str]:
    # To parse a file takes long, and few import from beside them, however that is spaced.
    if b"from." not in source.translate(None, b" \t\f\r\n\\"):
        return
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):  # a broken topic is a fault that grading reports
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield from [node.module.split(".")[0]] if node.module else [a.name for a in node.names]


def _charged_together(rubric: Rubric) -> Mapping[str, tuple[str, ...]]:
    """Return for each question those whose verdicts depend on each other.

    A slip that is charged once in a submission ties together the questions that know it.
    """
    groups: dict[str, set[str]] = {question.id: {question.id} for question in rubric.questions}
    by_name: dict[str, list[str]] = {}
    for question in rubric.questions:
        for name in _once(question):
            by_name.setdefault(name, []).append(question.id)
    for tied in by_name.values():
        merged = set().union(*(groups[id] for id in tied))
        for id in merged:
            groups[id] = merged
    order = [question.id for question in rubric.questions]
    return {id: tuple(each for each in order if each in groups[id]) for id in order}


def _once(question: Question) -> set[str]:
    return {
        mistake.once
        for check in _checks(question.checks)
        for mistake in check.mistakes
        if mistake.once is not None
    }


def digest(value: Any) -> str:
    """Return a digest of plain content."""
    return hashlib.sha256(_encoder.encode(value).encode()).hexdigest()[:16]


class Sums:
    """A digest of many plain contents, which need not be there at once."""

    def __init__(self) -> None:
        self._sums = hashlib.sha256()

    def add(self, value: Any) -> None:
        """Take a content in."""
        self._sums.update(_encoder.encode(value).encode() + b"\n")

    def digest(self) -> str:
        """Return the digest of what was taken in."""
        return self._sums.hexdigest()[:16]


_encoder = json.JSONEncoder(sort_keys=True, ensure_ascii=True, default=str)
