"""Reads answers in YAML or JSON: question id to answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from grader import lazy, yamltree
from grader.errors import Unreadable
from grader.model import Answer, Part, Place, Question, Rubric
from grader.readers import Sheet
from grader.readers.entries import keys, records, typed
from grader.readers.paper import fields
from grader.readers.paper.numbering import Head, Numbering, numbering
from grader.schema import did_you_mean
from grader.values import Plain, clean, shorten
from grader.yamltree import Entries, Items, Node, Scalar

if TYPE_CHECKING:
    from grader.readers.entries.chunks import Chunk

EXACT = True

MAX_CHARS = 200_000
_SHOWN_KEY = 40


def read(name: str, text: str, rubric: Rubric) -> Sheet:
    """Return the answers in a YAML or JSON text.

    Where the text as a whole cannot be read, each entry is read by itself: what is broken costs
    the questions that it answers.
    """
    reading = _Reading(name, rubric)
    if len(text) > MAX_CHARS:
        trouble = reading.trouble(f"holds more than {MAX_CHARS:,} characters", 1)
        return Sheet(warnings=[str(trouble.trouble)], trouble=trouble)
    if not text.strip("\ufeff \t\r\n"):
        return Sheet(warnings=[f"{name}: the file is empty"])
    text = typed.escaped(reading.without_controls(text.removeprefix("\ufeff")))
    try:
        document = _parse(name, text)
    except Unreadable as broken:
        return reading.salvage(text, broken)
    return reading.sheet(document)


def _parse(name: str, text: str) -> yamltree.Document:
    if not (name.lower().endswith(".json") or text.lstrip().startswith("{")):
        return yamltree.parse(text, repeats=True)
    try:
        return yamltree.parse_json(text, repeats=True)
    except Unreadable:
        loosened = typed.loosened(text)
        sources = (text,) if loosened == text else (loosened, text)
        for source in sources:
            parse = yamltree.parse if source is text else yamltree.parse_json
            try:
                return parse(source, repeats=True)  # a comma too many is none in YAML
            except Unreadable:
                continue
        raise


class _Taken(NamedTuple):
    """What an id was answered with, and on which line; a broken entry gives way to a sound one."""

    part: Part
    line: int
    value: Plain = None
    is_broken: bool = False


class _Reading:
    """The reading of one file; what it finds is gathered here."""

    def __init__(self, name: str, rubric: Rubric) -> None:
        self.name = name
        self.rubric = rubric
        self.questions = {question.id: question for question in rubric.questions}
        self.taken: dict[str, _Taken] = {}
        self.warnings: list[str] = []
        self.student: list[str] = []

    def warn(self, message: str, line: int | None = None) -> None:
        """Keep a warning."""
        self.warnings.append(f"{self.name}{f':{line}' if line else ''}: {message}")

    def trouble(self, message: str, line: int) -> Answer:
        """Return the answer that could not be read."""
        return Answer(None, "", Place(self.name, line), f"{self.name}:{line}: {message}")

    def keep(self, id_: str, taken: _Taken) -> None:
        """Keep an answer; of two different ones to the same id, only the student knows."""
        before = self.taken.get(id_)
        if before is None or (before.is_broken and not taken.is_broken):
            self.taken[id_] = taken
        elif not taken.is_broken and taken.value != before.value:
            lines = f"lines {before.line} and {taken.line}"
            message = f"{id_} is answered twice, on {lines}: which one counts?"
            self.warn(message, taken.line)
            self.taken[id_] = _Taken(Part(self.trouble(message, taken.line)), before.line)

    def without_controls(self, text: str) -> str:
        """Return the text with every character that YAML forbids made visible.

        An answer with an escape in it must not cost the sheet.
        """
        found = yamltree.forbidden(text)
        if found is None:
            return text
        line = text.count("\n", 0, found.start()) + 1
        self.warn("control characters are shown as \ufffd", line)
        return yamltree.FORBIDDEN.sub("\ufffd", text)

    def sheet(self, document: yamltree.Document) -> Sheet:
        """Return what a document holds."""
        root = document.root
        if root is None:
            return Sheet(warnings=[f"{self.name}: the file is empty"])
        known = numbering(self.rubric)
        entries = () if isinstance(root, Scalar) else records.entries(root, known)
        if not entries:
            return self.salvage(
                document.source, Unreadable("expected entries such as 'q1: answer'")
            )
        _Answers(self, document.source, known).take_all(entries)
        return self.result()

    def result(self, trouble: Answer | None = None) -> Sheet:
        """Return what was found, in the order of the rubric."""
        ids = (question.id for question in self.rubric.questions)
        parts = {id_: self.taken[id_].part for id_ in ids if id_ in self.taken}
        student = self.student[0] if self.student else None
        return Sheet(parts, tuple(self.warnings), trouble, student)

    def salvage(self, text: str, broken: Unreadable) -> Sheet:
        """Return what can be read of a broken file, entry by entry."""
        from grader.readers.entries.chunks import chunks

        position = broken.position or 0
        line, column = yamltree.line_and_column(text, position)
        known = numbering(self.rubric)
        found = list(chunks(_without_markers(text), known))
        note = "the entries were read one by one" if found else "no entry could be told"
        self.warn(f"{broken.message}; {note}", line)
        for chunk in found:
            self._take_chunk(chunk, known)
        inside = any(chunk.line <= line <= chunk.last for chunk in found)
        message = f"{broken.message} (column {column})"
        return self.result(None if inside else self.trouble(message, line))

    def _take_chunk(self, chunk: Chunk, known: Numbering) -> None:
        answers = _Answers(self, chunk.padded, known)
        broken = Unreadable("")
        for attempt in chunk.attempts():
            try:
                root = yamltree.parse(attempt, repeats=True).root
            except Unreadable as trouble:
                broken = broken if broken.message else trouble
                continue
            if isinstance(root, Entries) and all(map(answers.knows, root.entries)):
                answers.take_all(root.entries)
                return
        answers.take_broken(chunk, broken)


_PART_WORD = lazy.pattern(r"\A(?:sub)?(?:part|question|item|teil)(?![^\W\d_])", re.IGNORECASE)
# What version control and a second document leave between the lines.
_MARKERS = lazy.pattern(r"^(?:<{7}|={7}|>{7}).*$|^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)


def _without_markers(text: str) -> str:
    return _MARKERS.sub("", text)


# --- entries ---------------------------------------------------------------------------------


class _Answers(NamedTuple):
    """Takes the entries of one text into a reading."""

    reading: _Reading
    source: str
    known: Numbering

    def take_all(self, entries: Sequence[tuple[Scalar, Node]]) -> None:
        """Take entries whose keys are ids, numbers of questions, or about the sheet."""
        for key, node in entries:
            word = key.text.strip().lower()
            ids = self._target(key)
            if ids is not None:
                self._take(ids, key, node)
            elif word in keys.STUDENT and isinstance(node, Scalar):
                self.reading.student.append(node.text.strip())
            elif word not in keys.ABOUT:
                self._unknown(key)

    def knows(self, entry: tuple[Scalar, Node]) -> bool:
        """Return whether an entry is an answer, or about the sheet."""
        word = entry[0].text.strip().lower()
        return word in keys.ABOUT or self._target(entry[0]) is not None

    def _target(self, key: Scalar) -> str | Head | None:
        return keys.target(key.text, self.known)

    def _unknown(self, key: Scalar) -> None:
        shown = shorten(clean(key.text), _SHOWN_KEY)
        hint = did_you_mean(shown.lower(), [each.id for each in self.reading.rubric.questions])
        self.reading.warn(f"'{shown}' is no question of this rubric{hint}", self._line(key))

    def _line(self, node: Node) -> int:
        return self.source.count("\n", 0, node.start) + 1

    def _take(self, target: str | Head, key: Scalar, node: Node) -> None:
        if isinstance(target, Head):
            node = records.parts(node)
        if isinstance(target, str):
            self._put(target, key, node)
        elif isinstance(node, Entries):
            self._take_nested(target, node)
        elif isinstance(node, Items) and len(node.items) == len(target.ids):
            self.reading.warn(f"{key.text}: the parts were taken in order", self._line(key))
            for id_, item in zip(target.ids, node.items, strict=True):
                self._put(id_, key, item)
        elif isinstance(node, Scalar) and node.text.strip() and not _is_null(node):
            self._take_text(target, key, node)
        elif not _is_blank(yamltree.typed(node)):
            self._put_trouble(target.ids, f"expected the parts of {key.text} by name", key)

    def _take_nested(self, head: Head, node: Entries) -> None:
        for key, value in node.entries:
            part = head.part(_PART_WORD.sub("", key.text.strip(), count=1).strip(" ()[].:_-"))
            if part is not None:
                self._put(head.ids[part], key, value)
            else:
                self.take_all([(key, value)])

    def _take_text(self, head: Head, key: Scalar, node: Scalar) -> None:
        """Take the parts of a question that are written as one text, as on paper."""
        from grader.readers import markdown_sheet

        line = self._line(node) + _is_block(node, self.source) - 1
        paper = f"## {head.prefix}{head.number}\n{node.text}"
        sheet = markdown_sheet.read(self.reading.name, paper, self.reading.rubric)
        for id_, part in sheet.parts.items():
            if id_ in head.ids:
                text = part.body.text if part.body else None
                self.reading.keep(id_, _Taken(_moved(part, line - 1), self._line(key), text))
        if not sheet.parts:
            self._put_trouble(head.ids, f"{key.text} could not be told apart into its parts", key)

    def _put(self, id_: str, key: Scalar, node: Node) -> None:
        question = self.reading.questions[id_]
        value = yamltree.typed(node)
        if _is_blank(value):
            return
        if isinstance(node, Entries) and isinstance(value, dict) and len(value) < len(node.entries):
            again, _ = next(yamltree.repeated(node.entries))
            self._put_trouble([id_], f"'{again.text}' is there twice", again)
            return
        self.reading.keep(id_, _Taken(self._part(question, node, value), self._line(key), value))

    def _put_trouble(self, ids: Sequence[str], message: str, at: Node) -> None:
        trouble = self.reading.trouble(message, self._line(at))
        self.reading.warnings.append(str(trouble.trouble))
        for id_ in ids:
            self.reading.keep(id_, _Taken(Part(trouble), self._line(at), is_broken=True))

    def take_broken(self, chunk: Chunk, broken: Unreadable) -> None:
        """Take an entry that is no YAML: as plain text where it was meant as such."""
        target = chunk.target
        if target is None:
            return
        if isinstance(target, str) and (literal := chunk.literal()) is not None:
            text, line = literal
            question = self.reading.questions[target]
            rows = range(line, line + text.count("\n") + 1)
            self.reading.warn(f"{target} was read as plain text: {broken.message}", chunk.line)
            part = fields.split(fields.Passage(text, self.reading.name, rows), question)
            self.reading.keep(target, _Taken(part, chunk.line, text))
            return
        place = yamltree.line_and_column(chunk.padded, broken.position or 0)[0]
        trouble = self.reading.trouble(broken.message, max(place, chunk.line))
        for id_ in [target] if isinstance(target, str) else target.ids:
            self.reading.keep(id_, _Taken(Part(trouble), chunk.line, is_broken=True))

    # --- one answer --------------------------------------------------------------------------

    def _part(self, question: Question, node: Node, value: Plain) -> Part:
        if isinstance(node, Scalar):
            return fields.split(self._passage(node), question)
        told: dict[str, Answer] = {}
        if isinstance(node, Entries):
            told = self._told(question, node)
        elif 1 < len(names := fields.names(question)) == len(node.items):
            told = {name: self._answer(item) for name, item in zip(names, node.items, strict=True)}
        told = {name: answer for name, answer in told.items() if not _is_blank(answer.value)}
        text = self.source[node.start : node.end].strip()
        whole = Answer(value, text, Place(self.reading.name, self._line(node)))
        if told:
            rows = "\n".join(f"{name}: {answer.text}" for name, answer in told.items())
            whole = Answer(rows, whole.text, whole.place)
        return Part(whole, told)

    def _told(self, question: Question, node: Entries) -> dict[str, Answer]:
        labels = fields.labels(question)
        names = fields.names(question)
        single = names[0] if len(names) == 1 else None
        told: dict[str, Answer] = {}
        strangers: list[tuple[Scalar, Node]] = []
        last: tuple[str, Node] | None = None
        for key, value in node.entries:
            name = labels.field(key.text)
            if name is None and single and _says_answer(key):
                name = single
            if name is not None:
                told[name] = self._answer(value)
                last = name, value
            elif last and isinstance(value, Scalar) and value.start == value.end:
                # {reason: a, b and c}: the comma belongs to the text.
                told[last[0]] = self._answer(last[1], end=key.end)
            else:
                strangers.append((key, value))
        untold = [name for name in names if name not in told]
        if told and len(strangers) == len(untold) == 1 and _says_answer(strangers[0][0]):
            told[untold[0]] = self._answer(strangers.pop()[1])
        for key, _ in strangers if told else ():
            hint = did_you_mean(key.text, names)
            shown = shorten(clean(key.text), _SHOWN_KEY)
            self.reading.warn(f"{question.id} has no field '{shown}'{hint}", self._line(key))
        return told

    def _answer(self, node: Node, end: int | None = None) -> Answer:
        """Return the answer that a node is, or the text from where it begins to `end`."""
        line = self.source.count("\n", 0, node.start) + 1 + _is_block(node, self.source)
        place = Place(self.reading.name, line)
        if end is not None or not isinstance(node, Scalar):
            text = self.source[node.start : end or node.end].strip()
            return Answer(text if end is not None else yamltree.typed(node), text, place)
        text = node.text.strip()
        return Answer(None if yamltree.typed(node) is None else text, text, place)

    def _passage(self, node: Scalar) -> fields.Passage:
        line = self._line(node)
        rows = node.text.count("\n") + 1
        if _is_block(node, self.source):
            return fields.Passage(node.text, self.reading.name, range(line + 1, line + 1 + rows))
        return fields.Passage(node.text, self.reading.name, [line] * rows)


def _says_answer(key: Scalar) -> bool:
    return key.text.strip().lower() in ("answer", "ans", "value", "result", "response")


def _is_block(node: Node, source: str) -> bool:
    """Return whether a text begins on the line below its key: after `|` or `>`."""
    return isinstance(node, Scalar) and node.quoted and source[node.start] in "|>"


def _is_null(node: Scalar) -> bool:
    return yamltree.typed(node) is None


def _is_blank(value: Plain) -> bool:
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, list):
        return all(map(_is_blank, value))
    if isinstance(value, dict):
        return all(map(_is_blank, value.values()))
    return value is None


def _moved(part: Part, lines: int) -> Part:
    """Return a part whose lines were counted in a text within the file."""
    body = _moved_answer(part.body, lines) if part.body else None
    told = {name: _moved_answer(answer, lines) for name, answer in part.fields.items()}
    return Part(body, told)


def _moved_answer(answer: Answer, lines: int) -> Answer:
    place = Place(answer.place.file, max(1, (answer.place.line or 0) + lines))
    return Answer(answer.value, answer.text, place, answer.trouble)
