"""Graded classes made by hand, for the exports that take a whole class."""

from __future__ import annotations

from pathlib import Path

from grader.exports import load
from grader.exports._gradebook import Gradebook, Mark, Part
from tests.exports import samples

SPECIMENS = Path(__file__).resolve().parents[1] / "batch" / "specimens"

PARTS = (Part("q1", "Sigmoid", 10.0), Part("q2", "Accuracy", 5.0))


def mark(id: str, score: float | None, **options: object) -> Mark:
    """Return a student's mark, shared among two questions."""
    scores = {} if score is None else {"q1": min(score, 10.0), "q2": max(score - 10.0, 0.0)}
    about = {"name": f"Student {id}", "report": id, "scores": scores, **options}
    return Mark(id, score=score, **about)  # type: ignore[arg-type]  # options


def book(folder: Path, *marks: Mark, specimen: str = "", **options: object) -> Gradebook:
    """Return a class with its reports written to `folder`."""
    for each in marks:
        if each.report:
            for format, suffix in (("html", ".html"), ("json", ".json")):
                text = load(format).report(samples.midterm(), "student")
                (folder / f"{each.report}{suffix}").write_text(text, encoding="utf-8")
    about = {
        "roster": (SPECIMENS / specimen).read_bytes().decode("utf-8") if specimen else "",
        "reports": folder,
        **options,
    }
    return Gradebook("planar-mlp", "Planar data MLP", 15.0, PARTS, marks, **about)  # type: ignore[arg-type]  # options
