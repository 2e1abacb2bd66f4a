"""Rubrics are found by name or path, and references by the folder beside them."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader import course as courses
from grader.errors import ReferenceFault, UsageError


@pytest.fixture
def own(tmp_path: Path) -> courses.Course:
    (tmp_path / "rubrics").mkdir()
    (tmp_path / "reference").mkdir()
    (tmp_path / "rubrics" / "quiz.yaml").write_text("id: quiz\n")
    (tmp_path / "reference" / "sums.py").write_text(
        "from . import parts\n\n\ndef total(*, x):\n    return parts.add(x)\n"
    )
    (tmp_path / "reference" / "parts.py").write_text("def add(x):\n    return sum(x)\n")
    (tmp_path / "reference" / "broken.py").write_text("1 / 0\n")
    return courses.find(str(tmp_path / "rubrics" / "quiz.yaml"))


def test_bundled_rubrics_are_found_by_name():
    """A bundled name needs no path, from whichever folder the command is run."""
    for name, path in courses.bundled_rubrics().items():
        assert courses.find(name).rubric == path


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("ie8990-midtern", "did you mean 'ie8990-midterm'"),
        ("no/such.yaml", "no such rubric file"),
        (".", "found a folder"),
    ],
)
def test_a_rubric_that_is_not_there_is_said_so(name: str, says: str):
    """The complaint names what was asked for and the nearest that there is."""
    with pytest.raises(UsageError, match=says):
        courses.find(name)


def test_a_course_of_ones_own_brings_its_references(own: courses.Course):
    """The reference folder beside the rubrics is used, and its topics may import each other."""
    assert courses.load_topic(own, "sums").total(x=[1, 2]) == 3


def test_bundled_topics_serve_other_courses_too(own: courses.Course):
    """A topic that the course does not have is taken from the bundled ones."""
    assert courses.topic_path(own, "losses").parent == courses.bundled() / "reference"


@pytest.mark.parametrize("topic", ["sum", "../secrets", "sums.py", ""])
def test_a_missing_topic_is_a_fault_of_the_course(own: courses.Course, topic: str):
    """A topic that is not there is named, never looked for outside the folder."""
    with pytest.raises(ReferenceFault, match="no reference topic"):
        courses.load_topic(own, topic)


def test_a_topic_that_raises_is_a_fault_of_the_course(own: courses.Course):
    """What a module raises while it is loaded is told with the file's name."""
    with pytest.raises(ReferenceFault, match=r"broken\.py could not be loaded: ZeroDivisionError"):
        courses.load_topic(own, "broken")


def test_a_topic_that_is_mended_twice_within_a_second_is_loaded_anew(own: courses.Course):
    """Python's cache goes by length and second; the answer goes by what stands in the file."""
    program = (
        "import sys; from pathlib import Path; from grader import course;"
        "own = course.Course(Path('quiz.yaml'), (Path(sys.argv[1]),));"
        "print(course.load_topic(own, 'sums').total(x=[1, 2]))"
    )
    (folder, *_) = own.references
    source = folder / "sums.py"
    bytecode = Path(importlib.util.cache_from_source(str(source)))

    def total(answer: int) -> str:
        source.write_text(f"def total(*, x):\n    return {answer}\n", encoding="utf-8")
        os.utime(source, (1e9, 1e9))
        command = [sys.executable, "-c", program, str(folder)]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
        ran = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        os.utime(bytecode, (1e9, 1e9))  # as if it had been written within that second
        return ran.stdout.strip()

    assert [total(3), total(4)] == ["3", "4"]
