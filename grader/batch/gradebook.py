"""The marks of a class as files: one for people, one from which exports are made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from grader.batch import journal
from grader.errors import UsageError
from grader.exports import _tables as tables
from grader.exports._gradebook import Gradebook, Mark, Part
from grader.model import Rubric

MARKS = "marks.jsonl"
ROSTER = "roster.csv"
SCHEMA = 1


def table(marks: Iterable[Mark], rubric: Rubric) -> Iterator[str]:
    """Yield the lines of the gradebook as a spreadsheet shows it."""
    ids = [question.id for question in rubric.questions]
    header = ("id", "name", "score", "percentage", *ids, "review_points", "status", "notes")
    return tables.lines([header, *(_row(mark, ids, rubric.points) for mark in marks)])


def _row(mark: Mark, ids: Sequence[str], points: float) -> list[str | float]:
    has = mark.score is not None
    percentage = round(100 * (mark.score or 0.0) / points, 2) if points else 0.0
    return [
        mark.id,
        mark.name,
        _cell(mark.score),
        percentage if has else "",
        *(_cell(mark.scores.get(id)) for id in ids),
        mark.review if has else "",
        mark.status,
        "; ".join(mark.notes),
    ]


def _cell(score: float | None) -> str | float:
    return "" if score is None else score


def save(folder: Path, marks: Iterable[bytes], rubric: Rubric, roster: str, form: str) -> None:
    """Write the marks, each a line of JSON, as exports read them, and the roster as it came."""
    parts = [[each.id, each.title, each.points] for each in rubric.questions]
    head = {
        "schema": SCHEMA,
        "rubric": rubric.id,
        "title": rubric.title,
        "points": round(rubric.points, 4),
        "parts": parts,
        "form": form,
    }
    journal.replace_file(folder / ROSTER, roster.encode("utf-8", "surrogatepass"))
    journal.stream_file(folder / MARKS, chain([journal.dumps(head) + b"\n"], marks))


def line(mark: Mark) -> bytes:
    """Return a mark as it is kept."""
    # Much faster than dataclasses.asdict, which copies all that lies inside.
    return journal.dumps({name: getattr(mark, name) for name in Mark.__slots__}) + b"\n"


def marks(lines: Iterable[bytes]) -> Iterator[Mark]:
    """Yield marks as they were kept."""
    return (Mark(**json.loads(line)) for line in lines)


def load(folder: Path, assignment: str | None = None) -> Gradebook:
    """Return the marks that a batch left in a folder."""
    path = folder / MARKS
    try:
        lines = path.read_bytes().splitlines()
        roster = (folder / ROSTER).read_bytes().decode("utf-8", "surrogatepass")
        head, *rest = (json.loads(line) for line in lines)
    except FileNotFoundError as fault:
        raise UsageError(
            f"{folder}: holds no graded class; expected the folder that `grader batch -o` wrote"
        ) from fault
    except (OSError, ValueError) as fault:
        raise UsageError(f"{path}: cannot be read ({fault}); run the batch again") from fault
    if head.get("schema") != SCHEMA:
        raise UsageError(f"{path}: was written by another version; run the batch again")
    return Gradebook(
        rubric=head["rubric"],
        title=head["title"],
        points=head["points"],
        parts=tuple(Part(*part) for part in head["parts"]),
        marks=tuple(Mark(**mark) for mark in rest),
        roster=roster,
        form=head["form"],
        reports=folder / "reports" / "student",
        assignment=assignment,
    )
