"""Brings the shapes in which people keep answers to one: question to answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.readers.entries import keys
from grader.readers.paper.numbering import Head, Numbering
from grader.yamltree import Entries, Items, Node, Scalar

Entry = tuple[Scalar, Node]

_QUESTION = (
    *("id", "question_id", "qid", "question", "q", "number", "no", "nr", "num", "task"),
    *("problem", "exercise", "key", "name", "label", "title"),
)
_PART = (
    "part",
    "subpart",
    "sub",
    "subquestion",
    "sub_question",
    "letter",
    "section",
    "id",
    "label",
)
_PARTS = ("parts", "subparts", "subquestions", "sub_questions", "answers", "questions", "items")
_ANSWER = (
    *("answer", "ans", "a", "response", "value", "text", "solution", "content", "result"),
    *("answer_text", "student_answer", "my_answer"),
)
_LEVELS = 4  # of wrappers around the answers


def entries(root: Node, known: Numbering) -> Sequence[Entry]:
    """Return the entries of a sheet, without what stands around them.

    A level such as `answers:`, a list of entries, and records ({id: q1, answer: ...}) are undone;
    so is a level of another name where nothing beside it is the id of a question.
    """
    shapes = _Shapes(known)
    return list(shapes.flattened(root, _LEVELS))


class _Shapes:
    """Knows which texts are the ids of questions."""

    def __init__(self, known: Numbering) -> None:
        self.known = known

    def target(self, text: str) -> str | Head | None:
        return keys.target(text, self.known)

    def flattened(self, node: Node, levels: int) -> Iterator[Entry]:
        """Yield the entries in a node, and in what stands around them."""
        if isinstance(node, Items):
            for item in node.items:
                yield from self._item(item, levels)
        elif isinstance(node, Entries):
            if (record := self.record(node)) is not None:
                yield from record
                return
            only_around = not any(self.target(key.text) for key, _ in node.entries)
            for key, value in node.entries:
                wraps = key.text.strip().lower() in keys.AROUND or (
                    only_around and self._holds(value)
                )
                if wraps and levels and not isinstance(value, Scalar):
                    yield from self.flattened(value, levels - 1)
                else:
                    yield key, value

    def _item(self, item: Node, levels: int) -> Iterator[Entry]:
        if isinstance(item, Entries):
            yield from self.flattened(item, levels)
        elif isinstance(item, Items) and len(item.items) == 2:  # a pair
            key, value = item.items
            if isinstance(key, Scalar) and self.target(key.text):
                yield key, value

    def _holds(self, node: Node) -> bool:
        """Return whether a node has the id of a question among its keys, or in a record."""
        if isinstance(node, Entries):
            return any(
                self.target(key.text) is not None
                or (key.text.strip().lower() in keys.AROUND and not isinstance(value, Scalar))
                for key, value in node.entries
            )
        return isinstance(node, Items) and any(
            isinstance(item, Entries) and (self.record(item) is not None or self._holds(item))
            for item in node.items
        )

    # --- records -------------------------------------------------------------------------------

    def record(self, node: Entries) -> Sequence[Entry] | None:
        """Return the entries that a record stands for, None where a mapping is none.

        A record names its question by an entry such as `id`, perhaps its part by another.
        """
        by_name = {key.text.strip().lower(): (key, value) for key, value in node.entries}
        named = self._named(by_name)
        if named is None or len(by_name) < 2:
            return None
        question, used = named
        part = _scalar(by_name, _PART, used)
        if part is not None and (whole := self._with_part(question, part[1])) is not None:
            question, used = whole, {*used, part[0]}
        return [(question, self._answered(node, used))]

    def _named(self, by_name: dict[str, Entry]) -> tuple[Scalar, set[str]] | None:
        for name in _QUESTION:
            found = by_name.get(name)
            if found is None or not isinstance(found[1], Scalar):
                continue
            if self.target(found[1].text) is not None:
                return found[1], {name}
        return None

    def _with_part(self, question: Scalar, part: Scalar) -> Scalar | None:
        written = part.text.strip(" ()[].:")
        whole = question._replace(text=f"{question.text.strip()} ({written})")
        return whole if written and isinstance(self.target(whole.text), str) else None

    def _answered(self, node: Entries, used: set[str]) -> Node:
        """Return what a record answers its question with."""
        rest = [
            (key, value)
            for key, value in node.entries
            if _name(key) not in used and not (isinstance(value, Scalar) and not value.text.strip())
        ]
        inner = [value for key, value in rest if _name(key) in _PARTS]
        if len(inner) == 1 and not isinstance(inner[0], Scalar):
            return _by_part(inner[0])
        answers = [value for key, value in rest if _name(key) in _ANSWER]
        if len(answers) == 1 and all(_name(key) in {*_ANSWER, *_ABOUT} for key, _ in rest):
            return answers[0]
        return node._replace(entries=tuple(rest))


_ABOUT = ("points", "marks", "score", "max", "prompt", "type", "title", "name", "question", "text")


def _by_part(node: Node) -> Node:
    """Return the parts of a question by name, where they are a list of records."""
    if not isinstance(node, Items):
        return node
    found: list[Entry] = []
    for item in node.items:
        if not isinstance(item, Entries):
            return node
        by_name = {_name(key): (key, value) for key, value in item.entries}
        named = _scalar(by_name, (*_PART, *_QUESTION), set())
        if named is None:
            found += item.entries
            continue
        rest = [(key, value) for key, value in item.entries if _name(key) != named[0]]
        answers = [value for key, value in rest if _name(key) in _ANSWER]
        value = answers[0] if len(rest) == len(answers) == 1 else item._replace(entries=tuple(rest))
        found.append((named[1], value))
    return Entries(tuple(found), node.start, node.end)


def parts(node: Node) -> Node:
    """Return the parts of a question by name, where a list of records holds them."""
    return _by_part(node)


def _scalar(
    by_name: dict[str, Entry], names: Sequence[str], used: set[str]
) -> tuple[str, Scalar] | None:
    for name in names:
        found = by_name.get(name)
        if name not in used and found is not None and isinstance(found[1], Scalar):
            return name, found[1]
    return None


def _name(key: Scalar) -> str:
    return key.text.strip().lower()
