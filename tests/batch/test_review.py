"""A person decides: the list goes out, comes back, and what was decided stays decided."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from grader.batch import review, runner
from grader.errors import UsageError
from tests.batch import small


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a graded class of three, one of whose answers nobody but a person can read."""
    small.rubric(tmp_path)
    roster = small.roster(tmp_path, {"s1": "Ann", "s2": "=Bo", "s3": "Cy"})
    for id, answer in (("s1", "2"), ("s2", "fish"), ("s3", "3")):
        hand_in(tmp_path, id, answer)
    small.grade(tmp_path, roster, tmp_path / "submissions")
    return tmp_path


def hand_in(folder: Path, id: str, answer: str) -> None:
    (folder / "submissions" / id).mkdir(parents=True, exist_ok=True)
    path = folder / "submissions" / id / "answers.yaml"
    path.write_text(small.sheet(answer, "true"), encoding="utf-8")


def again(folder: Path, **options: object) -> runner.Outcome:
    return small.grade(folder, folder / "roster.csv", folder / "submissions", **options)


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "out" / "review.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fill_in(folder: Path, decided: str, comment: str = "", **options: str) -> None:
    """Fill in the first row as a spreadsheet would save it."""
    found = rows(folder)
    found[0] |= {"decided": decided, "comment": comment}
    delimiter = options.get("delimiter", ",")
    with (folder / "out" / "review.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, found[0], delimiter=delimiter, lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(found)


def mark(folder: Path, id: str) -> dict[str, str]:
    with (folder / "out" / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        return next(row for row in csv.DictReader(file) if row["id"] == id)


def cases(folder: Path) -> str:
    told = json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))
    return "\n".join(case["say"] for case in told["cases"])


def test_the_list_holds_what_a_person_needs(folder):
    """Whose, what was asked and answered, what is proposed and why; a formula is made harmless."""
    (row,) = rows(folder)
    assert (row["student"], row["name"], row["question"]) == ("s2", "'=Bo", "q1")
    assert (row["answer"], row["points"], row["proposed"]) == ("fish", "2", "0")
    assert row["expected"] == "2"
    assert row["reason"]
    assert row["decided"] == row["comment"] == ""


@pytest.mark.parametrize(
    ("typed", "delimiter", "score"),
    [
        ("1.5", ",", "1.5"),
        ("1,5", ";", "1.5"),
        (" 2 ", ",", "2"),
        ("ok", ",", "0"),
        ("0", ",", "0"),
    ],
)
def test_a_decision_counts(folder, typed, delimiter, score):
    """Marks with a point or a comma, or 'ok' for what is proposed; the part awaits no more."""
    fill_in(folder, typed, "looked at it", delimiter=delimiter)
    again(folder)
    assert mark(folder, "s2")["q1"] == score
    assert mark(folder, "s2")["status"] == "graded"
    report = (folder / "out" / "reports" / "student" / "s2.md").read_text(encoding="utf-8")
    assert "looked at it" in report


def test_a_decision_survives_everything(folder):
    """Another run, grading anew, even a lost list: it stands in the log."""
    fill_in(folder, "1.5", "fine")
    again(folder)
    (folder / "out" / "review.csv").unlink()
    again(folder, force=True)
    assert mark(folder, "s2")["q1"] == "1.5"
    (row,) = rows(folder)
    assert (row["decided"], row["comment"]) == ("1.5", "fine")


def add(folder: Path, **cells: str) -> None:
    """Add a row as a person would, with the cells that they know."""
    found = rows(folder)
    with (folder / "out" / "review.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, found[0], restval="")
        writer.writeheader()
        writer.writerows([*found, cells])


def test_a_person_decides_what_the_machine_was_sure_of(folder):
    """A row of one's own needs no key; it stays in the list, and can be taken back there."""
    assert mark(folder, "s3")["q1"] == "1"
    add(folder, student="s3", question="q1", decided="2", comment="read it again")
    again(folder)
    assert mark(folder, "s3")["q1"] == "2"
    added = next(row for row in rows(folder) if row["student"] == "s3")
    assert (added["decided"], added["comment"]) == ("2", "read it again")
    found = [row | {"decided": ""} for row in rows(folder)]
    with (folder / "out" / "review.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, found[0])
        writer.writeheader()
        writer.writerows(found)
    again(folder)
    assert mark(folder, "s3")["q1"] == "1"
    assert [row["student"] for row in rows(folder)] == ["s2"]


@pytest.mark.parametrize(
    ("cells", "say"),
    [
        ({"student": "s9", "question": "q1", "decided": "2"}, "nothing of 's9' was graded"),
        ({"student": "s3", "question": "q7", "decided": "2"}, "no such question"),
        ({"student": "s3", "question": "q1", "decided": "9"}, "expected marks from 0 to 2"),
    ],
)
def test_a_row_of_nobody_is_told(folder, cells, say):
    """A misspelt id decides nothing, and is named with its line."""
    add(folder, **cells)
    again(folder)
    assert say in cases(folder)
    assert mark(folder, "s3")["q1"] == "1"


def test_a_decision_is_logged_once(folder):
    """Running again with the same list adds nothing to the log."""
    fill_in(folder, "1.5")
    again(folder)
    log = (folder / "out" / "decisions.jsonl").read_bytes()
    again(folder)
    assert (folder / "out" / "decisions.jsonl").read_bytes() == log


@pytest.mark.parametrize("word", ["", "undo"])
def test_a_decision_is_taken_back(folder, word):
    """By emptying the cell, or by saying so; the log keeps both."""
    fill_in(folder, "1.5", "fine")
    again(folder)
    fill_in(folder, word)
    again(folder)
    assert mark(folder, "s2")["status"] == "review"
    assert len((folder / "out" / "decisions.jsonl").read_bytes().splitlines()) == 2


def test_a_decision_about_another_answer_is_stale(folder):
    """The student hands in anew: the decision is shown, does not count, and comes back with it."""
    fill_in(folder, "1.5")
    again(folder)
    hand_in(folder, "s2", "cat")
    again(folder)
    assert mark(folder, "s2")["status"] == "review"
    assert rows(folder)[0]["note"].startswith("stale: 1.5 was decided")
    assert "1.5 was decided before" in cases(folder)
    hand_in(folder, "s2", "fish")
    again(folder)
    assert mark(folder, "s2")["q1"] == "1.5"


def test_a_decision_about_another_question_is_stale(folder):
    """The criterion changed: a person should look again."""
    fill_in(folder, "1.5")
    again(folder)
    small.rubric(folder, small.RUBRIC.replace("one and one?", "one and one, in words?"))
    again(folder)
    assert rows(folder)[0]["note"].startswith("stale")


@pytest.mark.parametrize("typed", ["7", "-1", "good", "1.5 points", "=1+1", "nan", "1e0"])
def test_what_is_no_mark_is_told_and_kept(folder, typed):
    """Nothing is decided, the sentence says what is expected, and what was typed is not lost."""
    fill_in(folder, typed, "my words")
    again(folder)
    assert mark(folder, "s2")["status"] == "review"
    assert "expected marks from 0 to 2" in cases(folder)
    (row,) = rows(folder)
    assert row["decided"].removeprefix("'") == typed
    assert row["comment"] == "my words"
    assert "expected marks" in row["note"]


def test_a_list_without_its_columns_is_refused(folder):
    """Where, what is missing, and what to do."""
    (folder / "out" / "review.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"the column 'student' is missing"):
        again(folder)


def test_alike_answers_stand_side_by_side():
    """Questions together; in each, an answer beside the one most like it."""

    def item(student: str, question: str, answer: str) -> review.Item:
        return review.Item(student, question, answer, "", student)

    answers = {
        "a": "the gradient vanishes in deep layers",
        "b": "because of overfitting",
        "c": "gradients vanish in the deep layers",
        "d": "it is because of over-fitting",
        "e": "The gradient  vanishes in deep layers",
    }
    found = [item(who, "q1", said) for who, said in answers.items()]
    found.insert(2, item("z", "q2", "x"))
    _, *lines = csv.reader(line.decode() for line in review.table(found, {}, {}))
    order = "".join(line[0] for line in lines)
    assert order in ("bdaecz", "bdcaez", "aecdbz", "caebdz", "dbaecz", "aecbdz")
