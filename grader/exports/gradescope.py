"""A class as Gradescope reads results; and the way from a report to `results.json`, also there.

The autograder zip file runs this module on the platform:

    python -m grader.exports.gradescope report.json results.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.exports._gradebook import PROPOSED, Gradebook, Mark, Written

# The platform shows a result page of about so much; the rest would be cut without a word.
_MOST_CHARACTERS = 20_000


def write(book: Gradebook, folder: Path) -> Written:
    """Write `results.json` for each submission, in a folder that is called after it."""
    top = folder / ("gradescope-proposed" if book.proposed else "gradescope")
    names = []
    for mark in book.out:
        document = results(json.loads(book.read(mark, ".json")))
        if mark.review > 0:
            document["output"] += f"\n\n{PROPOSED}"
        name = _folder(mark)
        (top / name).mkdir(parents=True, exist_ok=True)
        (top / name / "results.json").write_text(_dumps(document), encoding="utf-8")
        names.append(f"{top.name}/{name}/results.json")
    return Written(tuple(dict.fromkeys(names)))


def _folder(mark: Mark) -> str:
    """Return the platform's name of a submission, or the student's where it came from elsewhere."""
    name = mark.submissions[0] if mark.submissions else ""
    number = name.removeprefix("submission_")
    return name if number != name and number.isdecimal() and number.isascii() else mark.report


def results(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return a student's report as the platform shows it: one test for each question.

    Nothing is hidden, because a hidden test hides the student's total.
    """
    said = [f"{report['title']}: {_number(report['score'])} / {_number(report['max_score'])}."]
    if report["review_points"]:
        said.append(f"{_number(report['review_points'])} marks await review by a person.")
    if not report["complete"]:
        said.append("Something failed on the grader's side; this costs no marks.")
    return {
        "score": report["score"],
        "output": "\n".join([*said, *report["warnings"]])[:_MOST_CHARACTERS],
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {
            "grader": report["grader"],
            "rubric": report["rubric"],
            "rubric_digest": report["rubric_digest"],
            "submission_digest": report["submission_digest"],
        },
        "tests": [_test(question) for question in report["questions"]],
    }


def _test(question: Mapping[str, Any]) -> dict[str, Any]:
    right = question["outcome"] == "correct"
    return {
        "number": question["id"],
        "name": question["title"],
        "score": question["score"],
        "max_score": question["max_score"],
        "status": "passed" if right else "failed",
        "output": _output(question)[:_MOST_CHARACTERS],
        "visibility": "visible",
    }


def _output(question: Mapping[str, Any]) -> str:
    said = [f"Outcome: {question['outcome']}"]
    if question["answer"]:
        said.append(f"Your answer: {question['answer']}")
    if question["feedback"]:
        said.append(question["feedback"])
    if question["needs_review"]:
        said.append("A person will look at this.")
    return "\n".join(said)


def _number(value: float) -> str:
    return f"{value:g}"


def _dumps(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def main(arguments: Sequence[str]) -> None:
    """Turn the report in one file into the results in another."""
    source, target = arguments
    report = json.loads(Path(source).read_text(encoding="utf-8"))
    Path(target).write_text(_dumps(results(report)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
