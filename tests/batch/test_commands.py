"""From a Canvas export and bulk download to a Canvas import file: one command each."""

from __future__ import annotations

import csv
import json
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.batch import small

ROOT = Path(__file__).resolve().parents[2]
COUNT = 24


def grader(*words: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command as a teacher does, in a pipe."""
    command = [sys.executable, "-m", "grader", *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Return a folder with a rubric, a Canvas gradebook and the zip file of its submissions."""
    small.rubric(tmp_path)
    head = "Student,ID,SIS User ID,SIS Login ID,Section,A small exam (77),Current Score"
    lines = [head, "    Points Possible,,,,,3.00,(read only)"]
    with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as zip:
        for n in range(COUNT):
            lines.append(f'"Ann{n}, Alpha",{9000 + n},S{n},a{n}@x.edu,One,,0.00')
            if n == 5:
                continue
            late = "LATE_" if n == 6 else ""
            stem = f"ann{n}alpha_{late}{9000 + n}_{100 + n}"
            zip.writestr(*_handed(stem, n))
    lines.append('"Student, Test",9999,,abc,One,,')
    (tmp_path / "gradebook.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def _handed(stem: str, number: int) -> tuple[str, str]:
    """Return a sheet as YAML, as Markdown or as text, by turns."""
    q1, q2 = ("2", "3", "5")[number % 3], ("true", "false")[number % 2]
    if number % 3 == 0:
        return f"{stem}_answers.yaml", small.sheet(q1, q2)
    text = f"# Exam\n\n## q1\n\n{q1}\n\n## q2\n\n{q2}\n"
    return f"{stem}_{'my_answers.txt' if number % 3 == 1 else f'work-{number}.md'}", text


def test_from_canvas_to_canvas(course):
    """One command grades, one writes the import: who handed in has a mark, no one else a row."""
    out = course / "out"
    words = [course / "gradebook.csv", course / "submissions.zip", "-r", course / "small.yaml"]
    done = grader("batch", *words, "-o", out)
    assert done.stderr == ""
    assert f"{COUNT} students" in done.stdout
    assert "9005 (Ann5, Alpha): nothing was handed in" in done.stdout
    assert "9006 (Ann6, Alpha): was handed in late" in done.stdout
    assert "test student" in done.stdout.lower()
    grader("export", out, "--to", "canvas")
    with (out / "exports" / "canvas.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][-1] == "A small exam (77)"
    assert len(rows) == 2 + COUNT - 1
    assert rows[2][:2] == ["Ann0, Alpha", "9000"]
    assert rows[2][-1] == "3"


@pytest.mark.parametrize("name", ["file/below", "file", "locked", "n" * 300])
def test_an_output_folder_that_cannot_be_used_is_refused(course, name):
    """One sentence tells which folder it is, before anything is graded."""
    (course / "file").touch()
    (course / "locked" / ".lock").mkdir(parents=True)  # for a folder that one may not write
    handed = [course / "gradebook.csv", course / "submissions.zip"]
    done = grader("batch", *handed, "-r", course / "small.yaml", "-o", course / name, code=2)
    assert done.stderr.startswith(f"grader: {course / name}: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("platform", ["csv", "gradescope-autograder"])
def test_an_export_to_a_folder_that_cannot_be_made_is_refused(course, platform):
    """The marks stand; only the place for the platform's file is off."""
    out, target = course / "out", course / "file" / "below"
    target.parent.touch()
    handed = [course / "gradebook.csv", course / "submissions.zip"]
    grader("batch", *handed, "-r", course / "small.yaml", "-o", out)
    done = grader("export", out, "--to", platform, "-o", target, code=2)
    assert done.stderr.startswith(f"grader: {target}: ")
    assert done.stderr.count("\n") == 1


def test_exports_wait_for_the_review(course):
    """Undecided parts hold the marks back, with the way on; --allow-proposed says so itself."""
    (course / "submissions.zip").unlink()
    handed = course / "submissions" / "9001"
    handed.mkdir(parents=True)
    (handed / "answers.yaml").write_text(small.sheet("fish", "true"), encoding="utf-8")
    out = course / "out"
    words = [course / "gradebook.csv", handed.parent, "-r", course / "small.yaml", "-o", out]
    grader("batch", *words)
    refused = grader("export", out, "--to", "csv", code=2)
    assert "9001" in refused.stderr
    assert "--allow-proposed" in refused.stderr
    told = grader("export", out, "--to", "csv", "--allow-proposed").stdout
    assert "proposals of the machine" in told
    assert (out / "exports" / "marks-proposed.csv").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["batch", "no.csv", ".", "-r", "ie8990-midterm", "-o", "x"], "no.csv"),
        (["batch", "README.md", ".", "-r", "no-such-rubric", "-o", "x"], "no such rubric"),
        (["export", ".", "--to", "csv"], "holds no graded class"),
        (["export", ".", "--to", "gradescope-autograder"], "batch"),
    ],
)
def test_what_cannot_start_says_why(words, says):
    """One plain sentence, and exit code 2."""
    assert says in grader(*words, code=2).stderr


def test_the_autograder_brings_all_it_needs(course):
    """Its scripts at the root and executable; the package in it grades by the rubric in it."""
    handed = course / "submissions" / "9001"
    handed.mkdir(parents=True)
    (handed / "answers.yaml").write_text(small.sheet("3", "true"), encoding="utf-8")
    out = course / "out"
    words = [course / "gradebook.csv", handed.parent, "-r", course / "small.yaml", "-o", out]
    grader("batch", *words)
    grader("export", out, "--to", "gradescope-autograder")
    there = course / "there"
    with zipfile.ZipFile(out / "exports" / "gradescope-autograder.zip") as zip:
        for name in ("setup.sh", "run_autograder"):
            info = zip.getinfo(name)
            assert zip.read(name).startswith(b"#!")
            assert (info.external_attr >> 16) & stat.S_IXUSR
        zip.extractall(there)
    report = course / "report.json"
    words = ["grade", str(handed), "-r", "small", "--for", "student", "--format", "json"]
    there_only = {**os.environ, "PYTHONPATH": str(there), "PYTHONSAFEPATH": "1"}
    run = [sys.executable, "-m", "grader", *words, "--output", str(report)]
    subprocess.run(run, cwd=course, env=there_only, check=True)
    results = course / "results.json"
    run = [sys.executable, "-m", "grader.exports.gradescope", str(report), str(results)]
    subprocess.run(run, cwd=course, env=there_only, check=True)
    assert json.loads(results.read_text(encoding="utf-8"))["score"] == 2.0
