"""A homework class from each platform: its download goes in, its import file comes out."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.batch import outbox, runner
from grader.batch.progress import Silent
from grader.errors import UsageError
from tests.batch import semester
from tests.batch.here import Here

# Two of each format; one student who hands in nothing, one a photo, one late, one again.
COUNT = 14
MISSING, PHOTO, LATE, AGAIN = 5, 8, 4, 6


@pytest.fixture(scope="module", params=sorted(semester.PLATFORMS))
def graded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a graded class."""
    folder = tmp_path_factory.mktemp(request.param)
    people = list(semester.students(COUNT, torch=False))
    roster, handed = semester.PLATFORMS[request.param](people, folder)
    jobs = {"canvas": 2, "gradescope": 1}.get(request.param)
    wanted = runner.Request(roster, handed, semester.RUBRIC, folder / "out", jobs=jobs)
    # Two workers for one platform, one for another, none for the third: they take long to begin.
    outcome = runner.run(wanted, Silent(), Here if jobs is None else None)
    assert outcome.complete, outcome.text
    return folder


def book(folder: Path) -> list[dict[str, str]]:
    with (folder / "out" / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_everybody_is_in_the_gradebook(graded):
    """In the order of the roster; who handed in has a mark, and who did not has none."""
    rows = book(graded)[:COUNT]
    people = list(semester.students(COUNT, torch=False))
    assert all(person.last[1:] in row["name"] for person, row in zip(people, rows, strict=True))
    assert [number for number, row in enumerate(rows) if row["score"] == ""] in (
        [MISSING],
        [],  # Gradescope: handed in together with another
    )
    read = [float(row["score"]) for n, row in enumerate(rows) if n not in (MISSING, PHOTO)]
    assert all(score > 0 for score in read)
    assert rows[PHOTO]["status"] == "review"


def test_every_format_is_read(graded):
    """YAML, Markdown, a scan in UTF-16, a zip file: none leaves a skilled student without marks."""
    told = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((graded / "out" / "reports" / "staff").glob("*.json"))
    ]
    answered = [
        sum(question["outcome"] not in ("missing", "unreadable") for question in each["questions"])
        for each in told
    ]
    assert sorted(answered)[2:] >= [8] * (len(answered) - 2)
    ran = [each for each in told if each["sandbox"] != "none needed"]
    assert len(ran) == 2  # the notebooks


def test_marks_go_out_when_a_person_has_decided(graded):
    """Refused before; the list comes back with 'ok' in every line; then all is there."""
    out = graded / "out"
    platform = json.loads((out / "marks.jsonl").read_text(encoding="utf-8").split("\n")[0])["form"]
    with pytest.raises(UsageError, match="still await review"):
        outbox.export(outbox.Wanted(out, platform))
    rows = _decided(out / "review.csv")
    again = semester.PLATFORMS[platform](list(semester.students(COUNT, torch=False)), graded)
    runner.run(runner.Request(*again, semester.RUBRIC, out, jobs=1), Silent())
    told = outbox.export(outbox.Wanted(out, platform))
    assert "proposals" not in told
    assert rows > COUNT
    _CHECKED[platform](graded)


def _decided(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["decided"] = "ok"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)


def _canvas(folder: Path) -> None:
    """Canvas: only the one column, with two decimals; no test student, nobody without a mark."""
    with (folder / "out" / "exports" / "canvas.csv").open(encoding="utf-8", newline="") as file:
        head, possible, *rows = csv.reader(file)
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Homework 1 (40123)"]
    assert possible == ["    Points Possible", "", "", "", "", "100"]
    assert [int(row[1]) - 900_000 for row in rows] == [n for n in range(COUNT) if n != MISSING]
    assert rows[4][0] == '="=SUM(A1), Olu"'
    marks = {row["id"]: row["score"] for row in book(folder)}
    assert all(float(row[-1]) == round(float(marks[row[1]]), 2) for row in rows)


def _moodle(folder: Path) -> None:
    """Moodle: the worksheet as it came but for grades and comments, and a page for each."""
    exports = folder / "out" / "exports"
    before = next(folder.glob("*.csv")).read_bytes().split(b"\r\n")
    after = (exports / "moodle.csv").read_bytes().split(b"\r\n")
    assert len(after) == len(before)
    assert after[MISSING + 1] == before[MISSING + 1]
    changed = [line for old, line in zip(before, after, strict=True) if old != line]
    assert len(changed) == COUNT - 1
    with zipfile.ZipFile(exports / "moodle-feedback.zip") as feedback:
        names = feedback.namelist()
    assert len(names) == COUNT - 1
    assert "Zoë O'Neil-Çelik_12000_assignsubmission_file_/feedback.html" in names


def _gradescope(folder: Path) -> None:
    """Gradescope: results by the platform's own numbers, a group's once."""
    found = sorted((folder / "out" / "exports" / "gradescope").glob("*/results.json"))
    assert [path.parent.name for path in found] == [
        f"submission_{300_000 + n}" for n in range(COUNT) if n != MISSING
    ]
    results: Mapping[str, object] = json.loads(found[0].read_text(encoding="utf-8"))
    assert str(results["score"]) == str(float(book(folder)[0]["score"]))


_CHECKED = {"canvas": _canvas, "moodle": _moodle, "gradescope": _gradescope}
