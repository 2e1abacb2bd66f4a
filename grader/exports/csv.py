"""A class as a plain table, for a spreadsheet or a program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.exports import _tables as tables
from grader.exports._gradebook import Gradebook, Mark, Written, proposed_name


def write(book: Gradebook, folder: Path) -> Written:
    """Write one line for each student whose mark goes out."""
    name = proposed_name(book, "marks.csv")
    text = "".join(tables.lines(_rows(book)))
    (folder / name).write_text(text, encoding="utf-8", newline="")
    return Written((name,))


def _rows(book: Gradebook) -> Iterator[Sequence[str | float]]:
    ids = [part.id for part in book.parts]
    yield ("id", "name", "email", "score", "max_score", "percentage", *ids, "review_points")
    for mark in book.out:
        yield _row(book, mark, ids)


def _row(book: Gradebook, mark: Mark, ids: Sequence[str]) -> Sequence[str | float]:
    score = mark.score or 0.0
    percentage = round(100 * score / book.points, 2) if book.points else 0.0
    scores = [mark.scores.get(id) for id in ids]
    told = ["" if each is None else each for each in scores]
    return (mark.id, mark.name, mark.email, score, book.points, percentage, *told, mark.review)
