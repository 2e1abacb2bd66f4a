"""Tells the question's own text, printed between the answers, from what the student wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader import lazy
from grader.readers.paper.blocks import Kind, Line
from grader.readers.paper.cues import Cues, formula_key, is_cue, words
from grader.readers.paper.units import (
    Form,
    Unit,
    after_gap,
    asks,
    claims,
    denies,
    inquires,
    is_marker,
    marks,
    outcomes,
    sentences,
    units,
    without_marks,
)

# Shares of a sentence's words that also stand in the question. On scanned papers printed
# sentences lie above these, and answers that begin with a sentence of their own mostly below.
_ASKED = 0.5
_ASKED_ON_PAPER = 0.3
_STATED = 0.5
_ALONE = 0.6
_MATCHED = 0.4
_VERBATIM = 0.7
_KNOWN = 0.9
# A word such as "Answer:" says where the answer begins; before it, this much is enough.
_MARKED = 0.25

# Whose a formula is shows when prose follows; after so many it is the student's.
_MOST_PENDING = 8
_MOST_UNITS = 300
_UNIT_CHARS = 1_000
_LEAST_WORDS = 4
_RESULT = lazy.pattern(r"[=≈]\s*\$?\s*(?P<number>[-−]?\d[\d.,]*|[-−]?∞|\\infty)\s*[$.]*\s*\Z")
_RESULT_CHARS = 40
_LAST_MARKS = lazy.pattern(
    r"[ \t][(\[]\d{1,3} ?(?:p(?:oin)?ts?\.?|points?|marks?|punkte?|puntos|分)[)\]]\Z", re.IGNORECASE
)
_MARKS_CHARS = 16
# A shorter cue may well be said in the answer to another question.
_FOREIGN_WORDS = 4


# --- prompts, titles, questions --------------------------------------------------------------


def without_prompt(lines: Sequence[Line], known: Cues) -> tuple[list[Line], bool]:
    """Return a passage without the quoted prompt of the blank sheet, and whether it was there."""
    kept: list[Line] = []
    group: list[Line] = []
    for line in lines:
        if line.quoted and line.body.strip():
            group.append(line)
        elif line.quoted and (group or not kept):
            group.append(line)  # between two paragraphs of a quotation
        else:
            if group:
                kept += _not_prompt(group, known)
                group = []
            kept.append(line)
    kept += _not_prompt(group, known)
    return kept, len(kept) < len(lines)


def _not_prompt(group: list[Line], known: Cues) -> list[Line]:
    """Return the lines of a quotation that are not the prompt."""
    rest = [line for line in group if line.body.strip() not in known.quotation]
    text = " ".join(line.body for line in rest)
    if not text.strip() or (known.is_prompt(text) and not claims(text)):
        return []
    return group if len(rest) == len([line for line in group if line.body.strip()]) else rest


def without_title(lines: Sequence[Line], known: Cues) -> list[Line]:
    """Return a passage without the question's title behind its number in a heading."""
    if not lines or lines[0].kind is not Kind.HEADING:
        return list(lines)
    heading, rest = without_marks(lines[0].body), list(lines[1:])
    if heading == known.title or not words(heading):
        return rest
    if claims(heading) or _is_value(heading):
        return list(lines)
    if known.share(heading) >= _ALONE:
        return rest
    says = any(char in "=0123456789" for char in heading)
    alone = not any(line.body.strip() for line in rest)
    return list(lines) if says or alone else rest


# `w = (0, 3/2)`, `10/3`, `$\sqrt{2}$`: a number behind a name at most, and no word beside it
_VALUE = lazy.pattern(r"(?:[^=≈:]{1,24}[=≈:])*(?=\D*\d)(?:\\[a-z]+|(?![^\W\d_]{2}).)+", re.I)


def _is_value(heading: str) -> bool:
    return len(heading) <= _UNIT_CHARS and _VALUE.fullmatch(heading) is not None


def remark(lines: Sequence[Line], known: Sequence[Cues]) -> str:
    """Return what a student says in front of the parts of a question, without its printed text."""
    said = []
    for unit in units([line for line in lines if not line.quoted])[:_MOST_UNITS]:
        text = unit.text[:_UNIT_CHARS] if unit.form is Form.PROSE else ""
        for start, end in sentences(text):
            sentence = without_marks(text[start:end])
            if (
                any(map(str.isalpha, sentence))
                and not inquires(sentence)
                and not _is_known(sentence, known)
            ):
                said.append(sentence)
    return " ".join(said)


def _is_known(sentence: str, known: Sequence[Cues]) -> bool:
    return any(each.share(sentence) >= _STATED for each in known)


def find(lines: Sequence[Line], known: Mapping[str, Cues]) -> dict[int, str]:
    """Return where the printed text of questions begins: index of a line -> id."""
    starts: dict[int, str] = {}
    common = _common(known)
    for unit in units(lines)[:_MOST_UNITS]:
        text = unit.text[:_UNIT_CHARS]
        if unit.form is not Form.PROSE or claims(text):
            continue
        asked = marks(text) or any(asks(text[start:end]) for start, end in sentences(text))
        if (
            not asked
            and lines[unit.first].kind is not Kind.HEADING
            and len(words(text)) < _LEAST_WORDS
        ):
            continue
        shares = {id_: cues.share(text, common) for id_, cues in known.items()}
        best = max(shares, key=lambda id_: shares[id_], default=None)
        if best is None or best in starts.values():
            continue
        if shares[best] >= (_MATCHED if asked else _ALONE):
            starts[unit.first] = best
    return starts


def _common(known: Mapping[str, Cues]) -> frozenset[str]:
    """Return the words of all questions, which tell none from the others: true, false, reason."""
    every = [cues.words for cues in known.values()]
    return frozenset.intersection(*every) if len(every) > 1 else frozenset()


def before_next(lines: Sequence[Line], others: Sequence[frozenset[str]]) -> list[Line]:
    """Return the lines of an answer up to where the text of another question begins.

    `others` are the cues of the other questions. Only a paragraph of its own is looked at, and
    none that the answer begins with.
    """
    for unit in units(lines)[1:_MOST_UNITS]:
        if unit.form is Form.PROSE and not unit.is_nested:
            found = frozenset(words(unit.text[:_UNIT_CHARS]))
            if any(is_cue(cue, found) for cue in others if len(cue) >= _FOREIGN_WORDS):
                return list(lines[: unit.first])
    return list(lines)


# --- where the answer begins -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reader:
    """Knows one question's text, and whether the sheet is a paper with printed questions."""

    known: Cues
    scanned: bool

    def answer(
        self, lines: Sequence[Line], found: Sequence[Unit], printed: tuple[int, int] | None
    ) -> list[Line]:
        """Return the lines of a passage, with these units, without the printed text before it.

        `printed` is where that ends.
        """
        end = self._marker(found) or printed
        if end and not self._leaves_something(found, end):
            end = None
        end = end or _leading_marks(found)
        rest = _cut(lines[found[end[0]].first :], end[1]) if end else lines
        kept = []
        for line in rest:
            if "(" not in line.body and "[" not in line.body:
                kept.append(line)
            elif not self._is_marked(line.body):
                kept.append(_unmarked(line))
        return kept

    def _leaves_something(self, found: Sequence[Unit], end: tuple[int, int]) -> bool:
        """Return whether there is an answer behind printed text, or it surely is the question.

        An answer in the question's words that stands where the question would is no question.
        """
        index, place = end
        if index + 1 < len(found) or found[index].text[place:].strip():
            return True
        text = "\n".join(unit.text for unit in found[: index + 1])[:_UNIT_CHARS]
        last = self._last_printed(text)
        return last is not None and (inquires(last) or self.known.share(text) >= _VERBATIM)

    def _is_marked(self, text: str) -> bool:
        """Return whether a line is the question's wherever it stands: by marks and words."""
        named = marks(text)
        last = self._last_printed(text) if named else None
        behind = text[named[-1][1] :].strip(" *_.:") if named else ""
        within = text[: named[0][0]].strip(" *_-") and behind if named else ""
        if last is None or (within and not inquires(behind)):
            return False
        asked = inquires(last) and self.known.share(text) >= _ASKED_ON_PAPER
        return asked or (self.known.cites(text) and self.known.share(last) >= _STATED)

    def _last_printed(self, text: str) -> str | None:
        """Return the last sentence of a text, None where one of them is the student's."""
        last = ""
        for start, stop in sentences(text):
            sentence = without_marks(text[start:stop])
            if is_marker(sentence, alone=True) or not words(sentence):
                continue
            if self._is_own(sentence):
                return None
            last = sentence
        return last

    def _is_own(self, sentence: str) -> bool:
        """Return whether a sentence is the student's: it tells a verdict or an outcome."""
        if claims(sentence):
            return True
        told = {word for outcome in outcomes(sentence) for word in words(outcome)}
        return not self.known.words.issuperset(told) and not inquires(sentence)

    def _marker(self, found: Sequence[Unit]) -> tuple[int, int] | None:
        """Return where `Answer:` stands, if what stands before it is the question."""
        for index, unit in enumerate(found):
            if unit.form is not Form.PROSE:
                continue
            first = unit.text.split("\n", 1)[0]
            if is_marker(first, alone=True):
                return index, len(first)
            for start, end in sentences(unit.text):
                sentence = unit.text[start:end]
                if is_marker(sentence):
                    return (index, start) if index or start else None
                is_question = asks(sentence) or self.known.share(sentence) >= _MARKED
                if claims(sentence) or not is_question:
                    return None
        return None

    def printed_end(self, found: Sequence[Unit]) -> tuple[int, int] | None:
        """Return the unit and the place in it where the printed text ends, None without one."""
        last = None
        pending = 0
        for index, unit in enumerate(found):
            if unit.form is Form.PROSE:
                following = found[index + 1] if index + 1 < len(found) else None
                printed = self._printed(unit.text, following, is_first=last is None)
                if not printed or (pending and not self._continues(unit.text)):
                    break
                last, pending = (index, printed), 0
                if printed < len(unit.text.rstrip()):
                    break
            elif self.scanned and not pending and self._is_printed_block(unit):
                last = (index, len(unit.text))
            else:
                pending += 1
            if pending > _MOST_PENDING or unit.form is Form.CODE:
                break
        return last

    def _continues(self, text: str) -> bool:
        """Return whether prose behind formulas is the question's: steps may be orders, too."""
        polite = "please" in text.lower() or bool(marks(text))
        return polite or self.known.share(text) >= _ASKED

    def _is_printed_block(self, unit: Unit) -> bool:
        if unit.form is Form.FORMULA:
            return formula_key(unit.text) in self.known.formulas
        return unit.form is Form.TABLE and self.known.is_table(unit.text)

    def _printed(self, text: str, following: Unit | None, *, is_first: bool) -> int:
        """Return how many characters of a paragraph are printed."""
        named = self._marks(text)
        leads = bool(named) and not text[: named[0][0]].strip(" *_-")
        end = self._asked(text, leads=leads, lenient=is_first and (self.scanned or leads))
        if named and not leads:
            end = max(end, named[-1][1])
        if leads and not end and self._sets_the_scene(text, following):
            end = _first_claim(text)
        if not end and is_first and self.scanned:
            end = self._stated(text, following)
        return after_gap(text, end) if end else 0

    def _marks(self, text: str) -> list[tuple[int, int]]:
        """Return where the marks of a question stand: before all that is the student's."""
        named = marks(text)
        spans = sentences(text) if named else ()
        own = next((start for start, stop in spans if self._is_own(text[start:stop])), len(text))
        return [span for span in named if span[0] <= own]

    def _sets_the_scene(self, text: str, following: Unit | None) -> bool:
        """Return whether a paragraph behind marks is printed, though it asks nothing."""
        announces = text.rstrip(" *_").endswith(":") and following is not None
        return announces or self.known.cites(text)

    def _asked(self, text: str, *, leads: bool, lenient: bool) -> int:
        """Return the end of the last sentence that asks, before any that claims.

        Leniently, sentences before it need not be the question's words: they set the scene.
        """
        end = 0
        for start, stop in sentences(text):
            sentence = text[start:stop]
            if self._is_own(sentence):
                break
            share = self.known.share(sentence)
            # a minus between spaces is no dash behind an order: `Write $d = p - y$.`
            whole = text.count("$", 0, stop) % 2 == 0
            if whole and inquires(sentence) and share >= self._need(begun=leads or end > 0):
                end = stop
                if (result := self._result(sentence)) is not None:
                    return start + result
            elif share < _KNOWN and (end or not lenient):
                break
        return end

    def _result(self, sentence: str) -> int | None:
        """Return where a result begins that is written behind the order to compute it."""
        found = _RESULT.search(sentence[-_RESULT_CHARS:])
        number = words(found["number"]) if found else ()
        if found is None or (number and self.known.words.issuperset(number)):
            return None  # a number of the question itself
        return max(0, len(sentence) - _RESULT_CHARS) + found.start()

    def _need(self, *, begun: bool) -> float:
        if begun:
            return 0.0 if self.scanned else _ASKED_ON_PAPER
        return _ASKED_ON_PAPER if self.scanned else _ASKED

    def _stated(self, text: str, following: Unit | None) -> int:
        """Return the end of a printed paragraph that asks nothing, such as a true-or-false claim.

        Whose it is shows in what comes next: a verdict, or what is nested under it.
        """
        end = 0
        for start, stop in sentences(text):
            sentence = text[start:stop]
            if self._is_own(sentence):
                return end
            short = len(words(sentence)) < _LEAST_WORDS
            if denies(sentence) or (not end and (short or self.known.share(sentence) < _STATED)):
                return 0
            end = stop
        follows = following is not None and (following.is_nested or claims(following.text))
        return end if follows or self.known.cites(text) else 0


def _unmarked(line: Line) -> Line:
    """Return a line without the marks that a student copied behind the answer."""
    if line.kind is not Kind.TEXT or line.body[-1:] not in ")]":
        return line
    found = _LAST_MARKS.search(line.body[-_MARKS_CHARS:])
    if found is None or not (kept := line.body[: -len(found[0])].rstrip()):
        return line
    return line._replace(text=line.text[: -len(found[0])].rstrip(), body=kept)


def _leading_marks(found: Sequence[Unit]) -> tuple[int, int] | None:
    """Return where an answer goes on behind the marks of its question: `(a) [5 pts] FALSE`."""
    named = marks(found[0].text) if found and found[0].form is Form.PROSE else []
    leads = bool(named) and not found[0].text[: named[0][0]].strip()
    return (0, after_gap(found[0].text, named[0][1])) if leads else None


def _first_claim(text: str) -> int:
    for start, stop in sentences(text):
        if claims(text[start:stop]):
            return start
    return len(text)


def _cut(lines: Sequence[Line], offset: int) -> list[Line]:
    """Return the lines from a place on, counted in the characters of their bodies."""
    for index, line in enumerate(lines):
        if offset <= len(line.body):
            rest = line.body[offset:].lstrip(" \t")
            depth = line.depth + (line.item is not None)
            begun = [line._replace(text=rest, body=rest, depth=depth, item=None)] if rest else []
            return [*begun, *lines[index + 1 :]]
        offset -= len(line.body) + 1
    return []
