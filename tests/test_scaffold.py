"""A teacher begins with a course that lints and grades, from whatever folder they stand in."""

import json
from pathlib import Path

import pytest

from grader import cli, desk, kinds, lint, scaffold
from grader import rubric as rubrics
from grader.errors import UsageError
from grader.model import Outcome


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("teacher") / "my course"
    scaffold.write(folder)
    return folder


def quiz(course: Path) -> str:
    return str(course / "rubrics" / "quiz.yaml")


def run(arguments: list[str], capsys) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    printed = capsys.readouterr()
    return int(end.value.code or 0), printed.out, printed.err


def test_the_course_is_fair(course: Path):
    """Lint has nothing to say of it."""
    assert lint.lint(quiz(course)).found == []


def test_there_is_one_question_of_each_kind(course: Path):
    """Whoever looks for a kind finds an example to copy."""
    rubric = rubrics.load(Path(quiz(course)))
    used = [check.kind for question in rubric.questions for check in question.checks]
    assert sorted(used) == list(kinds.names())


def test_the_editor_finds_the_schema(course: Path):
    """The first line names a file that lies beside the rubric."""
    line = Path(quiz(course)).read_text(encoding="utf-8").splitlines()[0]
    named = line.removeprefix("# yaml-language-server: $schema=")
    assert "properties" in json.loads((course / "rubrics" / named).read_text(encoding="utf-8"))


def test_the_right_submission_has_full_marks(course: Path):
    """Sheet, code and picture together."""
    with desk.set_up(quiz(course)) as at:
        report = at.grade(course / "submissions" / "right")
    assert report.complete, report.faults
    assert (report.score, report.max_score) == (18, 18)


def test_the_wrong_submission_makes_every_named_mistake(course: Path):
    """Each mistake is told by its name, but one of two that cannot be made at once."""
    with desk.set_up(quiz(course)) as at:
        report = at.grade(course / "submissions" / "wrong")
    found = [
        each.id
        for question in report.questions
        for verdict in question.verdicts
        for each in verdict.judgement.mistakes
    ]
    assert found == [
        "mean-forgotten", "intercept-forgotten", "prediction-minus-label", "residual-alone",
        "mean-forgotten", "other-side",
    ]  # fmt: skip
    assert all(question.outcome is not Outcome.CORRECT for question in report.questions)


@pytest.mark.parametrize("command", ["lint", "reference", "template"])
def test_commands_work_from_any_folder(course: Path, command: str, tmp_path, monkeypatch, capsys):
    """References are found by where the rubric lies."""
    monkeypatch.chdir(tmp_path)
    code, out, err = run([command, quiz(course)], capsys)
    assert (code, err) == (0, "")
    assert out


def test_the_class_is_graded_from_any_folder(course: Path, tmp_path, monkeypatch, capsys):
    """The roster of the course has an entry for each of its submissions."""
    monkeypatch.chdir(tmp_path)
    arguments = [str(course / "roster.csv"), str(course / "submissions"), "-r", quiz(course)]
    code, out, _ = run(["batch", *arguments, "-o", "marks", "--jobs", "1"], capsys)
    assert code == 0, out
    assert "2" in out


def test_new_says_what_to_try(tmp_path: Path, monkeypatch, capsys):
    """The commands that it prints work as they stand."""
    monkeypatch.chdir(tmp_path)
    code, out, _ = run(["new", "intro"], capsys)
    assert code == 0
    tried = [line.split()[1:] for line in out.splitlines() if line.startswith("  grader ")]
    assert len(tried) == 2
    for words in tried:
        assert run(words, capsys)[0] == 0


def test_an_empty_folder_will_do(tmp_path: Path):
    """A folder that was made for it is as good as a new one."""
    (tmp_path / "course").mkdir()
    scaffold.write(tmp_path / "course")
    assert (tmp_path / "course" / "rubrics" / "quiz.yaml").is_file()


def test_what_is_there_is_never_written_over(tmp_path: Path, capsys):
    """A folder with anything in it is refused, and left as it was."""
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    code, _, err = run(["new", str(tmp_path)], capsys)
    assert code == 2
    assert "there is something in this folder" in err
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_file_is_no_folder(tmp_path: Path):
    """Nothing is written in place of a file, or through a dangling link."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("file", "link", "file/course"):
        with pytest.raises(UsageError):
            scaffold.write(tmp_path / name)
    assert not (tmp_path / "nowhere").exists()
