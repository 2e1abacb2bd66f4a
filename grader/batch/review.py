"""What a person decides: the list of parts that await review, and the decisions about them."""

from __future__ import annotations

import datetime
import hashlib
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from grader import files
from grader.batch.cases import Case, Kind
from grader.batch.journal import Journal
from grader.batch.spool import Spool
from grader.errors import UsageError
from grader.exports import _tables as tables
from grader.model import Outcome, Question, QuestionReport, Report, Verdict
from grader.values import clean

HEADER = (
    "student", "name", "question", "title", "points", "proposed", "reason", "answer", "evidence",
    "expected", "key", "decided", "comment", "note",
)  # fmt: skip

_ACCEPT = frozenset({"ok", "yes", "accept", "accepted", "=", "'="})
_UNDO = frozenset({"", "undo", "-", "'-"})
_MAX_BYTES = 500_000_000


class Decision(NamedTuple):
    """What a person decided: the marks, or None where the decision was taken back."""

    key: str
    marks: float | None
    comment: str = ""


class Item(NamedTuple):
    """A part that a person should look at, or has looked at.

    `line` holds its cells as they are written, up to those that a person fills in.
    """

    student: str
    question: str
    answer: str
    key: str
    line: str


Ledger = Mapping[tuple[str, str], Decision]
"""The latest decision about each student's question."""

Unclear = Mapping[tuple[str, str], tuple[str, str, str]]
"""What was typed about a student's question and not understood: marks, comment, and why not."""


def key(question: QuestionReport) -> str:
    """Return the key of a question's content and of what was answered: a decision is about both."""
    texts = "\0".join([question.question.digest, *_answers(question.verdicts)])
    return hashlib.sha256(texts.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _answers(verdicts: Iterable[Verdict]) -> list[str]:
    texts = [each.answer.text for each in verdicts if each.answer is not None]
    return [text for text in dict.fromkeys(texts) if text and not text.isspace()]


# --- decisions -------------------------------------------------------------------------------


def ledger(journal: Journal) -> dict[tuple[str, str], Decision]:
    """Return the latest decisions of a log."""
    found: dict[tuple[str, str], Decision] = {}
    for line in journal.lines():
        entry = line.entry
        if entry.get("t") == "decision":
            decision = Decision(entry["key"], entry["marks"], entry["comment"])
            found[entry["student"], entry["question"]] = decision
    return {at: decision for at, decision in found.items() if decision.marks is not None}


def applied(report: Report, decided: Mapping[str, Decision]) -> Report:
    """Return a report with the decisions that are about what it holds."""
    if not decided:
        return report
    questions = tuple(
        _decided(each, decided[each.question.id]) if each.question.id in decided else each
        for each in report.questions
    )
    return report._replace(questions=questions)


def _decided(question: QuestionReport, decision: Decision) -> QuestionReport:
    marks = decision.marks
    if marks is None or decision.key != key(question):
        return question
    said = f"Decided by a person. {decision.comment}".strip()
    verdicts = []
    for verdict, score in zip(question.verdicts, _shared(marks, question), strict=True):
        judgement = verdict.judgement._replace(
            say=said,
            staff=f"the machine proposed {tables.number(verdict.score)}",
            review=0.0,
            reason=None,
        )
        outcome = outcome_of(score, verdict.check.points)
        verdicts.append(verdict._replace(judgement=judgement, score=score, outcome=outcome))
    return question._replace(
        score=marks,
        outcome=outcome_of(marks, question.question.points),
        verdicts=tuple(verdicts),
    )


def outcome_of(marks: float, points: float) -> Outcome:
    """Return the outcome that marks stand for."""
    if marks >= points:
        return Outcome.CORRECT
    return Outcome.PARTIAL if marks > 0 else Outcome.WRONG


def _shared(marks: float, question: QuestionReport) -> list[float]:
    """Share a question's marks among its checks, near to what the machine proposed for each."""
    proposed = [verdict.score for verdict in question.verdicts]
    points = [verdict.check.points for verdict in question.verdicts]
    had, room = sum(proposed), sum(points) - sum(proposed)
    if marks <= had:
        return [round(each * marks / had, 4) if had else 0.0 for each in proposed]
    share = (marks - had) / room if room > 0 else 0.0
    return [
        round(each + share * (most - each), 4) for each, most in zip(proposed, points, strict=True)
    ]


# --- the list, taken in ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Taken:
    """What was found in a list that a person has been at.

    `unclear` holds what was typed where it could not be understood, by student and question: the
    next list shows it again.
    """

    decided: int = 0
    undone: int = 0
    unclear: Unclear = field(default_factory=dict)
    cases: Sequence[Case] = ()


def take_in(
    path: Path,
    log: Journal,
    points: Mapping[str, float],
    current: Callable[[str, str], str | None],
) -> Taken:
    """Log what a person has newly decided in the list at `path`, or taken back.

    A row that a person added has no key: `current` tells that of a student's question as it is
    graded now, None where there is nothing.
    """
    if not path.exists():
        return Taken()
    rows, column = _rows(path)
    known = ledger(log)
    unclear: dict[tuple[str, str], tuple[str, str, str]] = {}
    cases: list[Case] = []
    decided = undone = 0
    for row in rows:
        at = (_bare(row.cell(column["student"])), row.cell(column["question"]))
        typed, comment = row.cell(column["decided"]), _bare(row.cell(column["comment"]))
        before = known.get(at)
        proposed = row.cell(column["proposed"]) if "proposed" in column else ""
        marks = _marks(typed, proposed, points.get(at[1]))
        about = row.cell(column["key"]).strip() or current(*at)
        if about is None and isinstance(marks, float | int):
            marks = f"nothing of '{clean(at[0])[:40]}' was graded"
        if isinstance(marks, str):
            unclear[at] = (typed, comment, marks)
            say = f"{path.name}:{row.line}: {at[1]}: {marks}; nothing was decided"
            cases.append(Case(Kind.NOTE, at[0], say))
            continue
        entry = Decision(about or "", marks, comment if marks is not None else "")
        if entry == before or (marks is None and (before is None or before.key != entry.key)):
            continue
        _log(log, at, entry)
        known[at] = entry
        decided, undone = decided + (marks is not None), undone + (marks is None)
    return Taken(decided, undone, unclear, cases)


def _rows(path: Path) -> tuple[Iterator[tables.Row], dict[str, int]]:
    text = files.decode(files.read(path, _MAX_BYTES), path.name).text
    rows = (row for row in tables.rows(text) if any(cell.strip() for cell in row.raw))
    head = next(rows, None)
    column = {cell.strip().casefold(): at for at, cell in enumerate(head.cells)} if head else {}
    needed = ("student", "question", "key", "decided", "comment")
    missing = [name for name in needed if name not in column]
    if missing:
        raise UsageError(
            f"{path}: the column '{missing[0]}' is missing; put it back, or delete the file "
            "(decisions taken in before are kept)"
        )
    return rows, column


def _bare(text: str) -> str:
    """Return a text without the apostrophe that kept a spreadsheet from taking it for a formula."""
    return text[1:] if text[:1] == "'" and tables.harmless(text[1:]) == text else text


def _marks(typed: str, proposed: str, points: float | None) -> float | str | None:
    """Return the marks that were typed, None for none, or what is wrong with them."""
    word = typed.strip().casefold()
    if word in _UNDO:
        return None
    marks = tables.as_number(proposed if word in _ACCEPT else typed)
    if points is None:
        return "no such question"
    if marks is None or not 0 <= marks <= points:
        return f"expected marks from 0 to {points:g} or 'ok', found '{clean(typed)[:40]}'"
    return marks


def _log(log: Journal, at: tuple[str, str], decision: Decision) -> None:
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    log.append(
        {
            "t": "decision",
            "student": at[0],
            "question": at[1],
            "key": decision.key,
            "marks": decision.marks,
            "comment": decision.comment,
            "at": now,
        }
    )


# --- the list, written -----------------------------------------------------------------------


def items(
    record: Mapping[str, Any],
    keys: Mapping[str, str],
    asked: Iterable[Question],
    about: tuple[str, str],
) -> Iterator[Item]:
    """Yield the questions of a student's record that a person should look at.

    `keys` holds the keys of what was answered, and `about` the student's id and name.
    """
    kept = record["questions"]
    who = _cells(about)
    return (
        _item(each, kept[each.id], keys[each.id], about[0], who)
        for each in asked
        if each.id in kept
    )


def _item(asked: Question, kept: Mapping[str, Any], key: str, student: str, who: str) -> Item:
    verdicts = kept["verdicts"]
    judgements = [each["judgement"] for each in verdicts]
    answer = _joined([each["answer"][0] for each in verdicts if each["answer"]])
    cells = (
        who,
        _cells((asked.id, asked.title, asked.points)),
        tables.number(kept["score"]),
        _cell(tuple([got.get("reason") or "" for got in judgements])),
        tables.cell(answer),
        tables.cell(_joined([got.get("evidence", "") for got in judgements])),
        _cell(tuple([each["expected"] for each in verdicts])),
        key,
    )
    return Item(student, asked.id, answer, key, ",".join(cells))


@lru_cache(maxsize=1_000)  # questions are the same for all
def _cells(values: tuple[str | float, ...]) -> str:
    return ",".join(map(tables.cell, values))


@lru_cache(maxsize=1_000)  # expected values and reasons are the same for all
def _cell(texts: tuple[str, ...]) -> str:
    return tables.cell(_joined(texts))


def _joined(texts: Iterable[str]) -> str:
    """Return texts as one cell: bounded, safe to show, and without a tab that opens a new one."""
    said = [text.strip() for text in dict.fromkeys(texts) if text.strip()]
    whole = "\n".join(said)
    head = clean(whole[:_CELL]).replace("\t", " ")
    return head + "…" if len(whole) > _CELL else head


# A spreadsheet's cell holds 32,767 characters; a person reads far fewer.
_CELL = 4_000


class _Places:
    """Where the lines of one question wait: starts, and the sizes of what is compared and shown."""

    def __init__(self) -> None:
        self.starts = array("Q")
        self.compared = array("H")
        self.shown = array("I")

    def add(self, start: int, compared: int, shown: int) -> None:
        """Take note of a line."""
        self.starts.append(start)
        self.compared.append(compared)
        self.shown.append(shown)


def table(
    found: Iterable[Item],
    decisions: Ledger,
    unclear: Unclear,
) -> Iterator[bytes]:
    """Yield the lines of the list, question by question, the most alike answers side by side."""
    yield f"{_cells(HEADER)}\n".encode()
    groups: dict[str, _Places] = {}
    with Spool() as waiting:
        for item in found:
            text = f"{item.line},{_filled_in(item, decisions, unclear)}\n"
            line = text.encode("utf-8", "backslashreplace")
            answer = _essence(item.answer)[:_COMPARED].rstrip().encode("utf-8", "surrogatepass")
            start = waiting.add(answer + line)
            groups.setdefault(item.question, _Places()).add(start, len(answer), len(line))
        for places in groups.values():
            yield from _ordered_lines(waiting, places)


def _ordered_lines(waiting: Spool, places: _Places) -> Iterator[bytes]:
    by_text: dict[bytes, list[int]] = {}
    for at, (start, size) in enumerate(zip(places.starts, places.compared, strict=True)):
        by_text.setdefault(waiting.read(start, size), []).append(at)
    lines = {text.decode("utf-8", "surrogatepass"): ats for text, ats in by_text.items()}
    del by_text
    for text in _chained(lines):
        for at in lines[text]:
            yield waiting.read(places.starts[at] + places.compared[at], places.shown[at])


def _filled_in(item: Item, decisions: Ledger, unclear: Unclear) -> str:
    """Return the cells that a person fills in, and a note on them."""
    at = (item.student, item.question)
    if at in unclear:
        return _cells(unclear[at])
    decision = decisions.get(at)
    if decision is None or decision.marks is None:
        return ",,"
    if decision.key == item.key:
        return _cells((decision.marks, decision.comment, ""))
    return _cells(("", "", f"stale: {stale(decision)}"))


def stale(decision: Decision) -> str:
    """Return what to say of a decision whose answer or question is no longer what it was."""
    marks = tables.number(decision.marks or 0.0)
    return f"{marks} was decided before the answer or the question changed"


# So many characters of an answer tell whether it is like another.
_COMPARED = 500
# Beyond so many different answers all pairs take too long to compare, and sorting must do.
_MOST_COMPARED = 300


def _chained(different: Iterable[str]) -> list[str]:
    """Return different answers so that alike ones follow each other."""
    texts = sorted(different)
    return _chain(texts) if len(texts) <= _MOST_COMPARED else sorted(texts, key=_bag)


def _essence(answer: str) -> str:
    return " ".join(answer.casefold().split())


def _bag(text: str) -> str:
    return " ".join(sorted(set(text.split())))


def _chain(texts: Sequence[str]) -> list[str]:
    """Return the texts so that each is followed by the most alike of those that are left."""
    shingles = _shingles(texts)
    sizes = [bits.bit_count() for bits in shingles]
    left = list(range(1, len(texts)))
    chain = [0]
    while left:
        last, size = shingles[chain[-1]], sizes[chain[-1]]
        most, best = -1.0, 0
        for at in left:  # a function for each pair would take as long again
            shared = (last & shingles[at]).bit_count()
            alike = shared / (size + sizes[at] - shared)
            if alike > most:
                most, best = alike, at
        left.remove(best)
        chain.append(best)
    return [texts[at] for at in chain]


def _shingles(texts: Sequence[str]) -> list[int]:
    """Return the set of each text's triples of characters, as the bits of a number.

    All pairs of texts are compared, and numbers take a hundredth of the time that sets take.
    """
    places: defaultdict[str, int] = defaultdict(count().__next__)
    found = [
        [places[triple] for triple in {text[at : at + 3] for at in range(max(1, len(text) - 2))}]
        for text in (each[:_COMPARED] for each in texts)
    ]
    return [_bits(each, len(places)) for each in found]


def _bits(places: Iterable[int], size: int) -> int:
    """Return the number whose bits are set at some places."""
    octets = bytearray(size // 8 + 1)
    for place in places:
        octets[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(octets, "little")
