"""What Gradescope reads: results for each submission, in the words of its specification."""

from __future__ import annotations

import json
from pathlib import Path

from grader.exports import gradescope, load
from tests.exports import samples
from tests.exports.classes import SPECIMENS, book, mark

KNOWN = json.loads((SPECIMENS / "gradescope_results.json").read_text(encoding="utf-8"))
TEST_KEYS = {
    "score", "max_score", "status", "name", "name_format", "number", "output", "output_format",
    "tags", "visibility", "extra_data",
}  # fmt: skip


def results(tmp_path: Path, *marks, **options) -> dict[str, dict[str, object]]:
    told = gradescope.write(book(tmp_path, *marks, **options), tmp_path)
    return {name: json.loads((tmp_path / name).read_text(encoding="utf-8")) for name in told.files}


def test_each_submission_has_its_results(tmp_path):
    """Called as the platform calls them, and as the student where it came from elsewhere."""
    found = results(
        tmp_path,
        mark("s1", 3.0, submissions=("submission_300001",)),
        mark("s2", 3.0, submissions=("some folder",)),
        mark("s3", None, status="missing", report=""),
    )
    assert list(found) == [
        "gradescope/submission_300001/results.json",
        "gradescope/s2/results.json",
    ]


def test_results_have_only_the_words_of_the_specification(tmp_path):
    """A misspelt key would be ignored without a word."""
    (found,) = results(tmp_path, mark("s1", 3.0)).values()
    known = set(KNOWN) | {"leaderboard", "execution_time"}
    assert set(found) <= known
    for test in found["tests"]:
        assert set(test) <= TEST_KEYS
        assert test["status"] in ("passed", "failed")
        assert isinstance(test["score"], float)


def test_nothing_is_hidden(tmp_path):
    """One hidden test would hide the student's total."""
    (found,) = results(tmp_path, mark("s1", 3.0)).values()
    assert found["visibility"] == "visible"
    assert {test["visibility"] for test in found["tests"]} == {"visible"}


def test_the_tests_sum_to_the_score(tmp_path):
    """The platform shows both."""
    (found,) = results(tmp_path, mark("s1", 3.0)).values()
    assert sum(test["score"] for test in found["tests"]) == found["score"]


def test_what_is_proposed_says_so(tmp_path):
    """In the folder's name and to the student."""
    found = results(tmp_path, mark("s1", 3.0, review=2.0), proposed=True)
    (name, document), *_ = found.items()
    assert name.startswith("gradescope-proposed/")
    assert "no person has looked at" in document["output"]


def test_a_report_becomes_results_on_the_platform(tmp_path):
    """The command that the autograder runs, on the report of a hostile submission."""
    report = load("json").report(samples.hostile(), "student")
    (tmp_path / "report.json").write_text(report, encoding="utf-8")
    gradescope.main([str(tmp_path / "report.json"), str(tmp_path / "results.json")])
    found = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert found["tests"]
    assert "\x1b" not in json.dumps(found, ensure_ascii=False)
