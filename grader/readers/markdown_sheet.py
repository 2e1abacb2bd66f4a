"""Reads answers in Markdown or plain text: filled templates, free-form sheets, scanned papers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from grader import lazy
from grader.model import Answer, Part, Place, Question, Rubric
from grader.readers import Sheet
from grader.readers.paper import (
    blocks,
    cues,
    fields,
    layout,
    printed,
    sections,
    swallowed,
    units,
)
from grader.readers.paper.blocks import Kind, Line
from grader.readers.paper.numbering import numbering
from grader.values import clean, shorten

EXACT = False

# A paper that prints the marks of so many questions, or so many questions, is a scanned one.
_SCANNED_FROM = 2
_EXCERPT = 60
_NO_TEXT = (Kind.HEADING, Kind.RULE, Kind.BLANK)
# In words, a number that stands alone changes nothing; a number it may be itself.
_PROSE = frozenset({"text", "choice"})
_NUMBERS = frozenset({"number"})
# So many words that belong to no question may have been meant as answers.
_SENTENCE = 4
# What a student says of the sheet as a whole is shorter, and has no labels.
_PARAGRAPH = 50
_LABELS = 2
_ENUMERATED = lazy.pattern(r"[*_]{0,2}\(?(?:[a-h]|[ivx]{1,3}|\d{1,2})[.):]", re.IGNORECASE)


def read(name: str, text: str, rubric: Rubric) -> Sheet:
    """Return the answers in a Markdown text.

    An answer that stands in several places is joined, in the order of the file, with a warning.
    """
    sheet = blocks.sheet(text)
    questions = {each.id: each for each in rubric.questions}
    reading = _Reading(name, sheet.lines, questions, "](" in text or "<img" in text)
    cut = sections.cut(sheet.lines, numbering(rubric), reading.match, PurePosixPath(name).stem)
    parts, warnings = reading.parts(cut)
    if not cut.headed:
        parts |= swallowed.found(parts, rubric)
    if not text.strip("\ufeff \t\r\n"):
        return Sheet(warnings=[f"{name}: the file is empty"])
    trouble = _cut_off(name, sheet.cut_at) or _unread(name, cut, parts)
    warnings = [
        *(
            [f"longer than a sheet of answers; read up to line {sheet.cut_at}"]
            if sheet.cut_at
            else []
        ),
        *sheet.warnings,
        *_preamble(cut.preamble, rubric, parts),
        *cut.warnings,
        *warnings,
    ]
    return Sheet(parts, [f"{name}: {warning}" for warning in warnings], trouble)


def _cut_off(name: str, line: int | None) -> Answer | None:
    if line is None:
        return None
    why = f"{name} is longer than a sheet of answers; it was read up to line {line}"
    return Answer(None, "", Place(name, line), why)


def _unread(name: str, cut: sections.Cut, parts: Mapping[str, Part]) -> Answer | None:
    """Return the trouble with text that belongs to no question, but may answer one."""
    line, why = cut.strange or 1, "text on this line belongs to no question of the rubric"
    if not parts:
        why = f"{name}: no question was recognised"
        return Answer(None, "", Place(name, 1), why) if _words(cut.preamble) >= _SENTENCE else None
    if cut.strange is None:
        left_out = [each for each in cut.preamble if each.kind not in _NO_TEXT]
        labels = sum(_ENUMERATED.match(each.body) is not None for each in left_out)
        if _words(left_out) < _PARAGRAPH and labels < _LABELS:
            return None
        line, why = left_out[0].number, "the text before the first question was left out"
    return Answer(None, "", Place(name, line), f"{name}:{line}: {why}; it may be the answer")


def _words(lines: Sequence[Line]) -> int:
    """Return how many words a text before the first question has, without headings."""
    return sum(len(line.body.split()) for line in lines if line.kind is not Kind.HEADING)


def _preamble(lines: Sequence[Line], rubric: Rubric, parts: Mapping[str, Part]) -> list[str]:
    """Return what to say of the text before the first question."""
    text = " ".join(
        line.body.strip() for line in lines if line.kind not in (Kind.HEADING, Kind.RULE)
    )
    text = text.strip()
    if not text:
        return []
    if not parts:
        ids = ", ".join(question.id for question in rubric.questions[:2])
        return [f"no question was recognised; begin each answer with its id ({ids}, ...)"]
    return [f"text before the first question was left out: '{shorten(clean(text), _EXCERPT)}'"]


_PICTURE = lazy.pattern(r"!\[[^\]\n]{0,200}\]\((?P<name>[^)\s]{1,200})|<img\b[^>\n]{0,200}")


def _pictures(id_: str, passages: Sequence[Sequence[Line]]) -> Iterator[str]:
    """Yield a note for each picture that an answer refers to."""
    for line in (line for lines in passages for line in lines):
        if line.kind is not Kind.CODE and ("](" in line.text or "<img" in line.text):
            for picture in _PICTURE.finditer(line.text[:2000]):
                name = shorten(clean(picture["name"] or ""), _EXCERPT)
                yield f"line {line.number}: {id_} refers to a picture{name and f' ({name})'}"


def _within(part: Part, remark: str) -> Part:
    """Return a part that knows what was said in front of it and its neighbours."""
    if part.body is None:
        return part
    return part._replace(body=part.body._replace(context=f"{remark}\n\n{part.body.text}"))


@dataclass(frozen=True, slots=True)
class _Bare:
    """A passage without quoted prompt and title; whether the prompt is that of the template."""

    id: str
    lines: Sequence[Line]
    units: Sequence[units.Unit]
    is_template: bool
    printed: tuple[int, int] | None  # where printed text ends, were the sheet no scanned paper


@dataclass(frozen=True, slots=True)
class _Reading:
    """The reading of one file."""

    name: str
    lines: Sequence[Line]
    questions: Mapping[str, Question]
    has_pictures: bool
    vocabulary: dict[str, cues.Cues] = field(default_factory=dict)

    def known(self, id_: str) -> cues.Cues:
        """Return what the text of a question can be known by."""
        if id_ not in self.vocabulary:
            self.vocabulary[id_] = cues.cues(self.questions[id_])
        return self.vocabulary[id_]

    def match(self, lines: Sequence[Line], ids: Sequence[str]) -> dict[int, str]:
        """Return where the printed text of questions begins, as index of a line -> id."""
        return printed.find(lines, {id_: self.known(id_) for id_ in ids})

    def parts(self, cut: sections.Cut) -> tuple[dict[str, Part], list[str]]:
        """Return the part for each id that is answered, and what was unclear."""
        bare = [self._without_prompt(passage) for passage in cut.passages]
        scanned = self._is_scanned(bare)
        passages: dict[str, list[list[Line]]] = {}
        for passage in bare:
            lines = self._own_words(passage, scanned=scanned)
            if any(line.body.strip() for line in lines):
                passages.setdefault(passage.id, []).append(lines)
        warnings = [] if scanned else self._adopt(cut.orphans, passages)
        warnings += [
            f"line {found[1][0].number}: {id_} is answered in more than one place; all were joined"
            for id_, found in passages.items()
            if len(found) > 1
        ]
        if self.has_pictures:
            warnings += [note for id_, found in passages.items() for note in _pictures(id_, found)]
        parts = {id_: self._numbered(id_, found) for id_, found in passages.items()}
        for id_, said in self._remarks(cut).items():
            if id_ in parts:
                parts[id_] = _within(parts[id_], said)
        for id_, (why, line) in cut.unclear.items():
            trouble = Answer(None, "", Place(self.name, line), why)
            parts.setdefault(id_, Part(trouble))
        return {id_: part for id_, part in parts.items() if part.body or part.fields}, warnings

    def _remarks(self, cut: sections.Cut) -> dict[str, str]:
        """Return what is said in front of the parts of a question, for each of them."""
        adopted = [id(orphan.lines) for orphan in cut.orphans]
        spoken = {id(each.above): each.above for each in cut.passages if each.above}
        said: dict[str, str] = {}
        for key, above in spoken.items():
            if key not in adopted and any(line.body.strip() for line in above):
                ids = [each.id for each in cut.passages if each.above is above]
                remark = printed.remark(above, [self.known(id_) for id_ in ids])
                said |= dict.fromkeys(ids, remark) if remark else {}
        return said

    def _adopt(
        self, orphans: Sequence[sections.Passage], passages: dict[str, list[list[Line]]]
    ) -> list[str]:
        """Take text that stands before the label of a later part for the first part."""
        warnings = []
        for orphan in orphans:
            lines = self._own_words(self._without_prompt(orphan), scanned=False)
            if orphan.id not in passages and any(line.body.strip() for line in lines):
                passages[orphan.id] = [lines]
                message = f"line {lines[0].number}: text without a label was read as {orphan.id}"
                warnings.append(message)
        return warnings

    def _without_prompt(self, passage: sections.Passage) -> _Bare:
        known = self.known(passage.id)
        lines, is_template = printed.without_prompt(passage.lines, known)
        lines = printed.without_title(lines, known)
        is_own = is_template or self._is_labelled(passage.id, lines)
        found = [] if is_own else units.units(lines)
        end = printed.Reader(known, False).printed_end(found)
        return _Bare(passage.id, lines, found, is_template, end)

    def _is_labelled(self, id_: str, lines: Sequence[Line]) -> bool:
        """Return whether a passage begins with the label of a field, as no printed text does."""
        first = next((line.body for line in lines if line.kind is not Kind.BLANK), "")
        label, colon, rest = first[:_EXCERPT].partition(":")
        if not colon or not rest.strip():
            return False
        return label == "answer" or fields.labels(self.questions[id_]).field(label) is not None

    def _is_scanned(self, passages: Sequence[_Bare]) -> bool:
        """Return whether the questions are printed between the answers."""
        if sum(each.printed is not None for each in passages) >= _SCANNED_FROM:
            return True
        bracketed = (line for line in self.lines if "[" in line.body or "(" in line.body)
        marked = (line for line in bracketed if line.kind is Kind.TEXT and not line.quoted)
        return sum(bool(units.marks(line.body)) for line in marked) >= _SCANNED_FROM

    def _own_words(self, passage: _Bare, *, scanned: bool) -> list[Line]:
        """Return the lines of a passage without the question's text."""
        if passage.is_template:
            return layout.trimmed(passage.lines)
        known = self.known(passage.id)
        reader = printed.Reader(known, scanned)
        end = reader.printed_end(passage.units) if scanned else passage.printed
        lines = reader.answer(passage.lines, passage.units, end)
        if scanned:
            others = (self.known(id_) for id_ in self.questions if id_ != passage.id)
            phrases = {phrase for other in others for phrase in other.phrases}
            lines = printed.before_next(lines, sorted(phrases - {*known.phrases}, key=sorted))
        return layout.untangled(lines)

    def _numbered(self, id_: str, passages: Sequence[list[Line]]) -> Part:
        """Return a question's part, once it is known whether a number alone is that of a page."""
        question = self.questions[id_]
        kinds = {check.kind for check in question.checks}
        lone = layout.lone_number(passages[0]) if len(passages) == 1 and kinds - _PROSE else None
        if lone is None:
            return self._part(id_, passages)
        lines = passages[0]
        if len(question.fields) == 1 and kinds & _NUMBERS:
            before = "".join(line.body for line in lines[:lone]).rstrip(" .$*_")
            if not before[-1:].isdecimal():
                return self._part(id_, passages)
            why = "a number stands alone below the answer; it may be that of the page"
            return Part(Answer(None, "", Place(self.name, lines[lone].number), why))
        unnamed = not any(char.isalpha() for line in lines for char in line.body)
        listed = unnamed and len(question.fields) > 1  # one value after the other
        rest = layout.without(lines, lone)
        counts = rest[0].body[-1:].isdecimal()  # what stands on top may be the answer itself
        return self._part(id_, passages if listed or not (lone or counts) else [rest])

    def _part(self, id_: str, passages: Sequence[Sequence[Line]]) -> Part:
        """Return what a question was answered with, from all places where it was."""
        text: list[str] = []
        numbers: list[int] = []
        for lines in passages:
            if text:
                text.append("")
                numbers.append(numbers[-1])
            for line in lines:
                rows = line.text.split("\n")  # a row of a table may hold several fields
                text += rows
                numbers += [line.number] * len(rows)
        passage = fields.Passage("\n".join(text), self.name, numbers)
        return fields.split(passage, self.questions[id_])
