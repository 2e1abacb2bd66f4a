"""A class goes in, a gradebook comes out; and again, at no cost."""

from __future__ import annotations

import csv
import io
import json
import os
import resource
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from grader import rubric, sheet
from grader.batch import journal, runner
from grader.batch.progress import Silent
from grader.errors import UsageError
from grader.exports import html
from grader.exports._reading import Reading
from tests.batch import small
from tests.batch.here import Here

ROOT = Path(__file__).resolve().parents[2]
# Of another length: Python may take a file of the same length and second for the one it compiled.
CORRECTED = small.SUMS.replace("return 2", "return 2 + 3")


@pytest.fixture
def graded(tmp_path: Path) -> Path:
    """Return a folder with a graded class of twelve."""
    small.rubric(tmp_path)
    roster, handed = small.class_of(tmp_path, 12)
    assert small.grade(tmp_path, roster, handed).complete
    return tmp_path


def again(folder: Path, **options: object) -> runner.Outcome:
    return small.grade(folder, folder / "roster.csv", folder / "submissions", **options)


def gradebook(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "out" / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def results(folder: Path) -> list[dict[str, object]]:
    log = journal.Journal(folder / "out" / "journal.jsonl")
    return [dict(line.entry) for line in log.lines() if line.entry["t"] == "result"]


def outputs(folder: Path) -> dict[str, bytes]:
    """Return everything that a batch writes for people and platforms, by name."""
    out = folder / "out"
    logs = {"journal.jsonl", "decisions.jsonl", "batch.json", ".lock"}
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name not in logs
    }


def test_every_student_of_the_roster_is_in_the_gradebook(graded):
    """Twelve students, twelve lines; marks as the rubric gives them, numbers as numbers."""
    book = gradebook(graded)
    assert list(book) == [f"s{number:05d}" for number in range(12)]
    first = book["s00000"]
    assert (first["score"], first["percentage"], first["q1"], first["q2"]) == ("3", "100", "2", "1")
    assert first["status"] == "graded"
    assert book["s00001"]["q1"] == "1"  # the named mistake leaves half


def test_what_cannot_be_read_awaits_review(graded):
    """An answer that the machine cannot read is proposed as zero and goes to a person."""
    row = gradebook(graded)["s00003"]
    assert row["status"] == "review"
    assert float(row["review_points"]) > 0


def test_reports_are_there_for_students_and_staff_apart(graded):
    """Each has a page, a Markdown file and JSON; no right answer is in a student's."""
    for audience in ("student", "staff"):
        for suffix in (".html", ".md", ".json"):
            assert (graded / "out" / "reports" / audience / f"s00001{suffix}").stat().st_size
    told = {
        audience: json.loads(
            (graded / "out" / "reports" / audience / "s00001.json").read_text(encoding="utf-8")
        )
        for audience in ("student", "staff")
    }
    assert told["staff"]["submission"] == "s00001"
    assert told["staff"]["questions"][0]["expected"] == "2"
    assert not told["student"]["questions"][0]["expected"]


def test_an_unchanged_class_is_not_graded_again(graded):
    """The second run writes no result and no report, and all files keep their bytes."""
    before = outputs(graded)
    log = (graded / "out" / "journal.jsonl").read_bytes()
    assert again(graded).complete
    assert (graded / "out" / "journal.jsonl").read_bytes() == log
    assert outputs(graded) == before


def test_a_changed_submission_is_graded_again_alone(graded):
    """One student hands in anew: one result more, and only that student's reports change."""
    before = outputs(graded)
    count = len(results(graded))
    sheet = graded / "submissions" / "s00002" / "answers.yaml"
    sheet.write_text(small.sheet("2", "true"), encoding="utf-8")
    again(graded)
    assert len(results(graded)) == count + 1
    changed = {name for name, data in outputs(graded).items() if before[name] != data}
    assert {name for name in changed if name.startswith("reports")} == {
        f"reports/{audience}/s00002{suffix}"
        for audience in ("student", "staff")
        for suffix in (".html", ".md", ".json")
    }
    assert gradebook(graded)["s00002"]["score"] == "3"


def test_a_corrected_reference_regrades_only_its_questions(graded):
    """After the reference of q1 is corrected, q2 keeps what it had, and the sum is right."""
    (graded / "reference" / "sums.py").write_text(CORRECTED, encoding="utf-8")
    again(graded)
    book = gradebook(graded)
    assert book["s00002"]["q1"] == "2"
    assert book["s00000"]["q1"] == "0"
    assert book["s00000"]["q2"] == "1"


def test_a_batch_that_was_regraded_in_part_is_as_one_graded_at_once(graded, tmp_path):
    """Kept results merged with fresh ones make the same files as grading everything anew."""
    (graded / "reference" / "sums.py").write_text(CORRECTED, encoding="utf-8")
    again(graded)
    merged = outputs(graded)
    again(graded, force=True)
    assert outputs(graded) == merged


def test_jobs_do_not_change_a_byte(graded):
    """Two workers finish in another order, and write the same."""
    before = outputs(graded)
    shutil.rmtree(graded / "out")
    again(graded, jobs=2)
    assert outputs(graded) == before


def test_another_rubric_on_the_same_folder_is_refused(graded):
    """A gradebook is not overwritten by another exam's, unless that is said."""
    other = small.RUBRIC.replace("id: small", "id: other")
    (graded / "small.yaml").write_text(other, encoding="utf-8")
    with pytest.raises(UsageError, match=r"holds a batch of the rubric 'small'.*--force"):
        again(graded)
    assert again(graded, force=True).complete


def test_a_folder_with_other_files_is_refused(tmp_path):
    """Where something else lies nothing is written."""
    small.rubric(tmp_path)
    roster, handed = small.class_of(tmp_path, 1)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match=r"thesis\.tex"):
        small.grade(tmp_path, roster, handed)


def test_an_output_folder_among_the_submissions_is_refused(tmp_path):
    """The next run would take it for a student's."""
    small.rubric(tmp_path)
    roster, handed = small.class_of(tmp_path, 1)
    with pytest.raises(UsageError, match="among the submissions"):
        small.grade(tmp_path, roster, handed, out=handed / "out")


def test_two_batches_on_one_folder_are_refused(graded):
    """The second is told that another is running; the first goes on."""
    with (
        journal.locked(graded / "out"),
        pytest.raises(UsageError, match="another batch is running"),
    ):
        again(graded)


def test_missing_and_extra_are_listed_and_nobody_is_dropped(tmp_path):
    """A student without a submission has an empty mark, a stranger's submission is graded."""
    small.rubric(tmp_path)
    roster, handed = small.class_of(tmp_path, 3)
    shutil.rmtree(handed / "s00001")
    shutil.copytree(handed / "s00002", handed / "zed")
    outcome = small.grade(tmp_path, roster, handed)
    book = gradebook(tmp_path)
    assert (book["s00001"]["score"], book["s00001"]["status"]) == ("", "missing")
    assert book["zed"]["status"] == "extra"
    assert book["zed"]["score"] == book["s00002"]["score"]
    told = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert {(case["kind"], case["who"]) for case in told["cases"]} == {
        ("missing", "s00001"),
        ("extra", "zed"),
    }
    assert "zed" in outcome.text


def test_reports_of_those_who_left_are_removed(graded):
    """A student who is no longer in the class leaves no report behind."""
    shutil.rmtree(graded / "submissions" / "s00004")
    again(graded)
    assert not (graded / "out" / "reports" / "student" / "s00004.html").exists()
    assert (graded / "out" / "reports" / "student" / "s00005.html").exists()


def test_a_deleted_report_is_written_again(graded):
    """Whatever became of a report, the next run has it back."""
    path = graded / "out" / "reports" / "staff" / "s00003.html"
    before = path.read_bytes()
    path.write_bytes(b"")
    again(graded)
    assert path.read_bytes() == before


def test_a_reference_that_fails_makes_the_batch_incomplete(tmp_path):
    """A fault of ours is nobody's zero: the part has no mark, and is tried again next time."""
    small.rubric(tmp_path, sums=small.SUMS.replace("return 2", "return 1 / 0"))
    roster, handed = small.class_of(tmp_path, 2)
    outcome = small.grade(tmp_path, roster, handed)
    assert not outcome.complete
    row = gradebook(tmp_path)["s00000"]
    assert (row["status"], row["q1"]) == ("incomplete", "")
    small.rubric(tmp_path)
    assert small.grade(tmp_path, roster, handed).complete
    assert gradebook(tmp_path)["s00000"]["score"] == "3"


def test_a_run_that_stops_before_its_files_are_written_leaves_nothing_stale(graded):
    """All is graded anew and the batch stops: the next run has nothing to grade, but to write."""

    class Stopping(Silent):
        def begin(self, what: str, total: int) -> None:
            if what == "writing reports":
                raise KeyboardInterrupt

    (graded / "reference" / "sums.py").write_text(CORRECTED, encoding="utf-8")
    words = (graded / "roster.csv", graded / "submissions", str(graded / "small.yaml"))
    assert runner.run(runner.Request(*words, graded / "out", 1), Stopping()).stopped
    assert gradebook(graded)["s00000"]["q1"] == "2"
    again(graded)
    assert gradebook(graded)["s00000"]["q1"] == "0"


def test_a_summary_that_was_deleted_is_written_again(graded):
    """Nothing has changed but that a file of the class is gone."""
    before = outputs(graded)
    for name in ("summary.txt", "gradebook.csv", "marks.jsonl"):
        (graded / "out" / name).unlink()
        again(graded)
        assert outputs(graded) == before


def test_one_students_report_that_cannot_be_written_stops_nobody_elses(graded, monkeypatch):
    """A fault in a format: the mark stands, the student is listed, the others have their pages."""
    shutil.rmtree(graded / "out")
    sound = html.render

    def faulty(readings: Sequence[Reading]) -> list[str]:
        assert readings[0].submission != "s00001", "a fault of ours"
        return sound(readings)

    monkeypatch.setattr(html, "render", faulty)
    words = (graded / "roster.csv", graded / "submissions", str(graded / "small.yaml"))
    outcome = runner.run(runner.Request(*words, graded / "out"), Silent(), Here)
    assert not outcome.complete
    assert (
        "s00001 (Student 1): the reports could not be written: AssertionError: a fault of ours"
        in (outcome.text)
    )
    assert gradebook(graded)["s00001"]["score"] == "1"
    assert (graded / "out" / "reports" / "staff" / "s00002.html").exists()
    monkeypatch.undo()
    assert again(graded).complete
    assert (graded / "out" / "reports" / "staff" / "s00001.html").exists()


def test_ctrl_c_keeps_what_was_graded(tmp_path):
    """The batch stops where it is; the same command goes on and loses nothing."""
    small.rubric(tmp_path)
    roster, handed = small.class_of(tmp_path, 20)

    class Impatient(Silent):
        """A person who presses Ctrl-C after three results."""

        seen = 0

        def step(self, *, failed: bool = False, review: bool = False) -> None:
            self.seen += 1
            if self.seen == 3:
                raise KeyboardInterrupt

    request = runner.Request(roster, handed, str(tmp_path / "small.yaml"), tmp_path / "out", 1)
    assert runner.run(request, Impatient()).stopped
    assert len(results(tmp_path)) >= 3
    done = len(results(tmp_path))
    assert runner.run(request, Silent()).complete
    assert len(results(tmp_path)) == 20
    assert done < 20


def test_same_content_is_graded_once(tmp_path):
    """Two students hand in the same files: one result serves both, under their own names."""
    small.rubric(tmp_path)
    roster, handed = small.class_of(tmp_path, 2)
    shutil.rmtree(handed / "s00001")
    shutil.copytree(handed / "s00000", handed / "s00001")
    small.grade(tmp_path, roster, handed)
    assert len(results(tmp_path)) == 1
    told = (tmp_path / "out" / "reports" / "staff" / "s00001.json").read_text(encoding="utf-8")
    assert json.loads(told)["submission"] == "s00001"


def cramped(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command that can write no file beyond 20,000 bytes."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    # Python keeps a compiled module that it could write only in part.
    about = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, cwd=ROOT, env=about, preexec_fn=limit, capture_output=True, text=True, check=False
    )


def test_a_full_disk_stops_the_batch_in_a_sentence(tmp_path):
    """The limit on a file's size stands for the disk's: what was graded is kept and not redone."""
    small.rubric(tmp_path)
    roster, handed = small.class_of(tmp_path, 60)
    words = [str(roster), str(handed), "-r", str(tmp_path / "small.yaml"), "--jobs", "1"]
    command = [sys.executable, "-m", "grader", "batch", *words, "-o", str(tmp_path / "out")]

    done = cramped(command)
    assert done.returncode == 1
    assert "no space is left" in done.stderr
    assert done.stderr.count("\n") == 1
    kept = len(results(tmp_path))
    assert 0 < kept < 60
    assert small.grade(tmp_path, roster, handed).complete
    assert len(results(tmp_path)) == 60


def test_what_is_unpacked_takes_no_space(tmp_path):
    """Zip files that hold more than the disk has room for are graded all the same."""
    small.rubric(tmp_path)
    roster, handed = small.class_of(tmp_path, 9)
    for each in handed.iterdir():
        text = small.sheet("2", "true") + f"# {'x' * 30_000}\n"
        with zipfile.ZipFile(each / "work.zip", "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("answers.yaml", text)
        (each / "answers.yaml").unlink()
    words = [str(roster), str(handed), "-r", str(tmp_path / "small.yaml"), "--jobs", "2"]
    command = [sys.executable, "-m", "grader", "batch", *words, "-o", str(tmp_path / "out")]

    assert cramped(command).returncode == 0
    assert {row["score"] for row in gradebook(tmp_path).values()} == {"3"}


@pytest.mark.parametrize(
    ("about", "says"),
    [('{"schema": 99}', "is of another version of grader"), ("torn", "cannot be read")],
)
def test_a_folder_of_another_version_is_refused(graded, about, says):
    """What its files mean is not known, so nothing in it is touched."""
    before = outputs(graded)
    (graded / "out" / "batch.json").write_text(about, encoding="utf-8")
    with pytest.raises(UsageError, match=says):
        again(graded)
    assert outputs(graded) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to the administrator")
def test_a_closed_folder_is_told_and_the_others_are_graded(tmp_path):
    """No right to read it: a person is asked, and no path of ours is told to the student."""
    small.rubric(tmp_path)
    roster, handed = small.class_of(tmp_path, 3)
    (handed / "s00001").chmod(0)
    small.grade(tmp_path, roster, handed)
    (handed / "s00001").chmod(0o755)
    book = gradebook(tmp_path)
    assert [row["status"] for row in book.values()] == ["graded", "review", "graded"]
    page = tmp_path / "out" / "reports" / "student" / "s00001.md"
    assert str(tmp_path) not in page.read_text(encoding="utf-8")


def test_a_class_of_hostile_names_is_graded(tmp_path):
    """Slashes, dots, emoji, 300 letters, formulas, cases: each has its line and its reports."""
    small.rubric(tmp_path)
    ids = ["../../x", "a/b", "😀", "n" * 300, "=1+1", "CON", "S1", "s1", "x\u202ey"]
    handed = tmp_path / "submissions"
    lines = ["id,name,email"]
    for number, id in enumerate(ids):
        folder = handed / f"u{number}"
        folder.mkdir(parents=True)
        text = f"student: u{number}\n{small.sheet('2', 'true')}"
        (folder / "answers.yaml").write_text(text, encoding="utf-8")
        lines.append(f"{id},=Name {number},u{number}@x.edu")
    roster = tmp_path / "roster.csv"
    roster.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert small.grade(tmp_path, roster, handed).complete
    book = gradebook(tmp_path)
    assert len(book) == len(ids)
    assert all(row["score"] == "3" and row["name"].startswith("'=") for row in book.values())
    assert "'=1+1" in book
    for audience in ("student", "staff"):
        pages = list((tmp_path / "out" / "reports" / audience).glob("*.html"))
        assert len({page.name.casefold() for page in pages}) == len(ids)
    outside = [path.name for path in tmp_path.iterdir()]
    assert sorted(outside) == ["out", "reference", "roster.csv", "small.yaml", "submissions"]


@pytest.mark.parametrize(
    "files",
    [
        {"photo of page 1.pdf": b"%PDF-1.7"},
        {"photo.jpg": b"\xff\xd8\xff", "answers.md": b"# Exam\n\nsee the photo\n"},
        {"answers.md": b"I could not log in to the template, so I write it here: two, and yes.\n"},
        {"work.zip": b"PK\x03\x04 broken"},
        {"answers.yaml": b"answers: {z9: 2}\n"},
        {"notes.py": b"print(2)\n"},
        {},
    ],
    ids=lambda files: " ".join(files) or "empty",
)
def test_a_submission_in_which_no_answer_is_found_is_no_zero_yet(tmp_path, files):
    """A scan, a picture, a text without labels: a person looks before a mark goes out."""
    small.rubric(tmp_path)
    roster, handed = small.class_of(tmp_path, 2)
    (handed / "s00001" / "answers.yaml").unlink()
    for name, data in files.items():
        (handed / "s00001" / name).write_bytes(data)
    outcome = small.grade(tmp_path, roster, handed)
    row = gradebook(tmp_path)["s00001"]
    assert (row["status"], row["score"], row["review_points"]) == ("review", "0", "3")
    with (tmp_path / "out" / "review.csv").open(encoding="utf-8", newline="") as file:
        reasons = [row["reason"] for row in csv.DictReader(file) if row["student"] == "s00001"]
    assert len(reasons) == 2
    assert all(reasons)
    assert "s00001 (Student 1): 3 marks (q1, q2)" in outcome.text


def test_what_was_found_instead_of_answers_is_named(tmp_path):
    """The list says what was handed in, and the report how a student mends it."""
    small.rubric(tmp_path)
    roster, handed = small.class_of(tmp_path, 1)
    (handed / "s00000" / "answers.yaml").unlink()
    (handed / "s00000" / "photo.pdf").write_bytes(b"%PDF-1.7")
    (handed / "s00000" / "more.zip").write_bytes(b"PK\x03\x04 broken")
    small.grade(tmp_path, roster, handed)
    listed = (tmp_path / "out" / "review.csv").read_text(encoding="utf-8")
    assert "no answer was found in more.zip, photo.pdf" in listed
    page = tmp_path / "out" / "reports" / "student" / "s00000.md"
    assert "export it as Markdown or plain text first" in page.read_text(encoding="utf-8")


def packed(*members: tuple[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for name, content in members:
            file.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("hw.zip", b"PK\x03\x04 broken"),
        ("hw.zip", packed(("more.txt", b"nothing"), ("inner.zip", packed(("q2.md", b"True"))))),
        ("hw.zip", packed(("q2.pdf", b"%PDF-1.7"))),
        ("scan.pdf", b"%PDF-1.7"),
        ("q2.jpg", b"\xff\xd8\xff"),
    ],
)
def test_what_may_be_in_a_file_that_cannot_be_read_is_not_missing(tmp_path, name, data):
    """The sheet answers q1; a person looks whether the file beside it answers q2."""
    small.rubric(tmp_path)
    roster, handed = small.class_of(tmp_path, 1)
    sheet = handed / "s00000" / "answers.yaml"
    sheet.write_text("answers: {q1: 7}\n", encoding="utf-8")
    (handed / "s00000" / name).write_bytes(data)
    small.grade(tmp_path, roster, handed)
    with (tmp_path / "out" / "review.csv").open(encoding="utf-8", newline="") as file:
        asked = [row["question"] for row in csv.DictReader(file)]
    assert asked == ["q2"]


def test_a_blank_sheet_is_a_zero(tmp_path):
    """The template as it was given out, or a sheet without any answer, is plain."""
    path = small.rubric(tmp_path)
    roster, handed = small.class_of(tmp_path, 2)
    blank = sheet.template(rubric.load(path))
    (handed / "s00000" / "answers.yaml").write_text(small.sheet("", ""), encoding="utf-8")
    (handed / "s00001" / "answers.yaml").unlink()
    (handed / "s00001" / "answers.md").write_text(blank, encoding="utf-8")
    small.grade(tmp_path, roster, handed)
    assert {row["status"] for row in gradebook(tmp_path).values()} == {"graded"}
    assert {row["score"] for row in gradebook(tmp_path).values()} == {"0"}
