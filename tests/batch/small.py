"""A small exam and classes that sit it, for tests that grade for real."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from grader.batch import runner
from grader.batch.progress import Silent

RUBRIC = """\
id: small
title: A small exam
questions:
  - id: q1
    title: A sum
    prompt: What is one and one?
    checks:
      - number: {expect: sums.two, points: 2}
        mistakes:
          - {id: off-by-one, value: 3, credit: 0.5, say: "That is one too many."}
  - id: q2
    title: The sky
    prompt: Is the sky blue?
    checks:
      - choice: {expect: true, points: 1}
"""

SUMS = '''\
"""Sums."""


def two():
    """Return one and one."""
    return 2
'''

ANSWERS = ("2", "3", "5", "fish", "1+1", "")
VERDICTS = ("true", "no", "perhaps", "")


def rubric(folder: Path, text: str = RUBRIC, sums: str = SUMS) -> Path:
    """Write the exam and its reference, and return the rubric's path."""
    (folder / "reference").mkdir(parents=True, exist_ok=True)
    (folder / "reference" / "sums.py").write_text(sums, encoding="utf-8")
    path = folder / "small.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def sheet(q1: str, q2: str) -> str:
    """Return an answer sheet."""
    return f"answers:\n  q1: {q1}\n  q2: {q2}\n"


def roster(folder: Path, people: Mapping[str, str]) -> Path:
    """Write a plain roster of ids and names."""
    lines = ["id,name,email", *(f'{id},"{name}",{id}@example.edu' for id, name in people.items())]
    path = folder / "roster.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def class_of(folder: Path, count: int) -> tuple[Path, Path]:
    """Write a class of `count` students, whose sheets all differ; return roster and submissions."""
    people = {f"s{number:05d}": f"Student {number}" for number in range(count)}
    handed = folder / "submissions"
    for number, id in enumerate(people):
        (handed / id).mkdir(parents=True)
        text = sheet(ANSWERS[number % len(ANSWERS)], VERDICTS[number % len(VERDICTS)])
        (handed / id / "answers.yaml").write_text(f"student: {id}\n{text}", encoding="utf-8")
    return roster(folder, people), handed


def grade(folder: Path, roster: Path, handed: Path, **options: object) -> runner.Outcome:
    """Grade a class with one worker, into `out`."""
    wanted = {"jobs": 1, "out": folder / "out", "rubric": str(folder / "small.yaml"), **options}
    return runner.run(runner.Request(roster, handed, **wanted), Silent())  # type: ignore[arg-type]  # options
