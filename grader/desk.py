"""An assignment on the desk: its rubric and right values, and the way from a folder to a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from grader import course as courses
from grader import grading, intake, pasted
from grader import rubric as rubrics
from grader.course import Course
from grader.errors import UsageError
from grader.expected import Expected
from grader.kinds import Run
from grader.memo import Memo
from grader.model import Part, ReferenceAnswer, Report, Rubric, SourceFile, Submission
from grader.schema import did_you_mean

if TYPE_CHECKING:
    from grader.sandbox.run import Sandbox


class Wall:
    """The sandboxes of a desk: opened when the first code comes in, and kept for the next.

    A library takes seconds to load, so there is one sandbox with it, and one without it for
    submissions that do not mention it.
    """

    def __init__(self, level: str, hide: Sequence[str]) -> None:
        self._level = level
        self._hide = hide
        self._open: dict[Sequence[str], Sandbox] = {}

    def open(self, libraries: Sequence[str]) -> Sandbox:
        """Return the sandbox with numpy and `libraries`; NoWall where there can be none here."""
        from grader.sandbox.run import Sandbox

        wanted = ("numpy", *libraries)
        if wanted not in self._open:
            self._open[wanted] = Sandbox(self._level, wanted, hide=self._hide).__enter__()
        return self._open[wanted]

    def close(self) -> None:
        """End the sandboxes."""
        for sandbox in self._open.values():
            sandbox.close()
        self._open.clear()


class Desk(NamedTuple):
    """A rubric with what grading by it needs, loaded once for many submissions."""

    course: Course
    rubric: Rubric
    expected: Expected
    wall: Wall
    memo: Memo

    def grade(self, path: Path, only: Sequence[str] = ()) -> Report:
        """Grade a folder or a single answer file."""
        return self.judge(intake.receive(path, self.rubric), only)

    def grade_text(self, text: str, only: Sequence[str] = ()) -> Report:
        """Grade an answer sheet that came as text."""
        return self.judge(intake.receive(None, self.rubric, stdin_text=text), only)

    def judge(self, submission: Submission, only: Sequence[str] = ()) -> Report:
        """Grade what was received; `only` names the questions to grade, all where it is empty."""
        if submission.code:
            from grader import coded

            submission = coded.with_formulas(self.rubric, submission)
        code = (*submission.code, *pasted.code(self.rubric, submission))
        if not code:
            return grading.grade(self.rubric, submission, self.expected, only=only, memo=self.memo)
        from grader import running

        wall = partial(self.wall.open, _mentioned(self.rubric.preload, code))
        ran = running.run(self.rubric, code, self.expected, wall, only)
        report = grading.grade(
            self.rubric,
            submission,
            self.expected,
            only=only,
            runs=_within(ran.runs, submission),
            sandbox=ran.sandbox,
            memo=self.memo,
        )
        from grader import coded

        used = {run.function for run in ran.runs.values()}
        unused = coded.unused(self.rubric, submission, used)
        return report._replace(warnings=(*report.warnings, *ran.warnings, *unused))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.wall.close()

    def answers(self, only: Sequence[str] = ()) -> list[ReferenceAnswer]:
        """Return the reference answers, of all questions or those named."""
        found = self.expected.answers()
        return [answer for answer in found if not only or answer.question.id in only]

    def questions(self, names: Sequence[str]) -> list[str]:
        """Return the ids that names stand for: `q1` is `q1.a` to `q1.d`."""
        known = [question.id for question in self.rubric.questions]
        selected: list[str] = []
        for name in names:
            found = [each for each in known if each == name or each.startswith(f"{name}.")]
            if not found:
                raise UsageError(
                    f"no question '{name}' in {self.rubric.id}{did_you_mean(name, known)}; "
                    f"it has {', '.join(known)}"
                )
            selected += found
        return selected


def _mentioned(libraries: Sequence[str], code: Sequence[SourceFile]) -> tuple[str, ...]:
    """Return those of the libraries whose names stand in the code."""
    return tuple(
        library
        for library in libraries
        if any(library.partition(".")[0].encode() in file.data for file in code)
    )


def _within(
    runs: Mapping[tuple[str, str], Run], submission: Submission
) -> Mapping[tuple[str, str], Run]:
    """Show the sheet's own answer for code that stood in it."""
    return {key: _in_sheet(run, submission.parts.get(key[0]), *key) for key, run in runs.items()}


def _in_sheet(run: Run, part: Part | None, question: str, field: str) -> Run:
    answer = part.answer(field) if part is not None else None
    if answer is None or run.answer is None:
        return run
    sheet = answer.place.file
    inside = run.answer.place.file in (sheet, pasted.name(sheet, question))
    return run._replace(answer=answer) if inside else run


def set_up(name: str, sandbox: str = "auto") -> Desk:
    """Return the desk of a bundled rubric's name or of a rubric file's path.

    `sandbox` is the level of isolation for student code; no child may read the references.
    """
    course = courses.find(name)
    rubric = rubrics.load(course.rubric)
    return of(course, rubric, Expected(rubric, course), sandbox)


def of(course: Course, rubric: Rubric, expected: Expected, sandbox: str = "auto") -> Desk:
    """Return the desk of a rubric that was read."""
    hide = [str(course.rubric.resolve().parent), *(str(each) for each in course.references)]
    return Desk(course, rubric, expected, Wall(sandbox, hide), Memo())
