"""What a result depends on: its key changes with that, and with nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import course as courses
from grader import rubric as rubrics
from grader.batch import keys
from tests.batch import small


def plan(path: Path) -> keys.Plan:
    course = courses.find(str(path))
    return keys.plan(course, rubrics.load(course.rubric))


def changed(folder: Path, text: str = small.RUBRIC, sums: str = small.SUMS) -> set[str]:
    """Return the questions whose key is another than that of the exam as it stands."""
    before = plan(small.rubric(folder)).questions
    after = plan(small.rubric(folder, text, sums)).questions
    return {id for id in after if before.get(id) != after[id]}


def test_the_same_exam_has_the_same_keys(tmp_path):
    """Also where its file is laid out in another way."""
    assert changed(tmp_path) == set()
    assert changed(
        tmp_path, "# a comment\n" + small.RUBRIC.replace("points: 2", "points: 2.0")
    ) in (
        set(),
        {"q1"},
    )


def test_a_corrected_reference_changes_the_questions_that_name_it(tmp_path):
    """q1 asks for sums.two, q2 does not."""
    assert changed(tmp_path, sums=small.SUMS.replace("return 2", "return 1 + 1")) == {"q1"}


@pytest.mark.parametrize(
    "imports", ["from . import units", "from .units import ONE", "from\t\\\n .units import ONE"]
)
def test_what_a_reference_imports_is_part_of_it(tmp_path, imports):
    """A topic beside it that it imports, however that is spaced."""
    sums = small.SUMS.replace('"""Sums."""', f'"""Sums."""\n\n{imports}')
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "units.py").write_text("ONE = 1\n", encoding="utf-8")
    before = plan(small.rubric(tmp_path, sums=sums)).questions
    (tmp_path / "reference" / "units.py").write_text("ONE = 2\n", encoding="utf-8")
    after = plan(small.rubric(tmp_path, sums=sums)).questions
    assert {id for id in after if before[id] != after[id]} == {"q1"}


def test_another_reference_changes_nothing(tmp_path):
    """A topic that no question names."""
    before = plan(small.rubric(tmp_path))
    (tmp_path / "reference" / "other.py").write_text("X = 1\n", encoding="utf-8")
    assert plan(small.rubric(tmp_path)) == before


@pytest.mark.parametrize(
    ("old", "new", "questions"),
    [
        ("credit: 0.5", "credit: 0.25", {"q1"}),
        ("expect: true", "expect: false", {"q2"}),
        ("value: 3,", "value: 4,", {"q1"}),
        # Every reader tells one answer from the next by all labels and prompts.
        ("Is the sky blue?", "Is the sky red?", {"q1", "q2"}),
        ("title: The sky", "title: Colours", {"q1", "q2"}),
        ("title: A small exam", "title: Another exam", set()),
    ],
)
def test_a_changed_criterion_changes_its_question(tmp_path, old, new, questions):
    """A tolerance or a credit is one question's; how answers are found is everybody's."""
    assert changed(tmp_path, small.RUBRIC.replace(old, new)) == questions


def test_questions_that_charge_a_slip_once_between_them_change_together(tmp_path):
    """Whether the second costs something depends on the first."""
    once = small.RUBRIC.replace("off-by-one,", "off-by-one, once: slip,").replace(
        "      - choice: {expect: true, points: 1}\n",
        "      - choice: {expect: true, points: 1}\n"
        "        mistakes:\n"
        "          - {id: red, value: false, credit: 0.5, once: slip, say: No.}\n",
    )
    before = plan(small.rubric(tmp_path, once)).questions
    sums = small.SUMS.replace("return 2", "return 1 + 1")
    after = plan(small.rubric(tmp_path, once, sums)).questions
    assert {id for id in after if before[id] != after[id]} == {"q1", "q2"}
