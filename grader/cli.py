"""The words on the command line; each command is short, and imports what it needs inside."""

from __future__ import annotations

import copy
import gc
import io
import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader import __version__
from grader.errors import GraderError, UsageError

if TYPE_CHECKING:
    from rich.console import Console
    from typer.models import CommandInfo

    from grader.desk import Desk
    from grader.model import Report

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Check and grade machine-learning coursework: mathematics, not strings.",
    epilog="Exit codes: 0 graded, whatever the mark; 1 incomplete, something on the grader's side "
    "failed; 2 could not start.",
)


class Format(StrEnum):
    """How a command prints."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


class Audience(StrEnum):
    """Who reads the report."""

    STUDENT = "student"
    STAFF = "staff"


class Level(StrEnum):
    """How student code is walled in; the last two only where they are asked for."""

    AUTO = "auto"
    FULL = "full"
    KERNEL = "kernel"
    MAC = "mac"
    OUTER = "outer"
    NONE = "none"


RubricArgument = Annotated[
    str, typer.Argument(metavar="RUBRIC", help="A bundled rubric's name, or a YAML file.")
]
RubricOption = Annotated[
    str,
    typer.Option(
        "--rubric", "-r", metavar="RUBRIC", help="A bundled rubric's name, or a YAML file."
    ),
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print.")]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Write to this file instead of the screen."
    ),
]
QuestionOption = Annotated[
    list[str] | None,
    typer.Option("--question", "-q", metavar="ID", help="Only this question; repeatable."),
]


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"grader {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
    traceback: Annotated[
        bool, typer.Option("--traceback", help="Show the full traceback of an error.")
    ] = False,
) -> None:
    """Hold the options of all commands; `main` has read --traceback by itself."""


@app.command()
def grade(
    submission: Annotated[
        str,
        typer.Argument(
            metavar="SUBMISSION",
            help="A folder, a zip file, one answer file, or - for a sheet on standard input.",
        ),
    ],
    rubric: RubricOption,
    audience: Annotated[Audience, typer.Option("--for", help="Who reads the report.")] = (
        Audience.STAFF
    ),
    format: FormatOption = Format.TEXT,
    output: OutputOption = None,
    question: QuestionOption = None,
    sandbox: Annotated[
        Level, typer.Option("--sandbox", help="How student code is walled in.")
    ] = Level.AUTO,
) -> None:
    """Grade one submission and print a scored report."""
    from grader import desk, exports

    with desk.set_up(rubric, sandbox.value) as at:
        only = at.questions(question or ())
        report = _graded(at, submission, only)
    if _for_terminal(output, format):
        from grader.exports import text

        text.print_report(report, audience.value, _console())
    else:
        _write(exports.load(format.value).report(report, audience.value), output)
    if not report.complete:
        raise typer.Exit(1)


def _graded(at: Desk, submission: str, only: Sequence[str]) -> Report:
    if submission == "-":
        return at.grade_text(_standard_input(), only)
    if not submission:
        raise UsageError("'': no such submission")
    path = Path(submission)
    is_zip = path.suffix.casefold() == ".zip" and path.is_file()
    if not is_zip and not (path.is_dir() and any(path.glob("*.[zZ][iI][pP]"))):
        return at.grade(path, only)
    from grader import intake
    from grader.batch import submissions

    name = path.stem if is_zip else path.resolve().name
    return at.judge(intake.submission(name, submissions.unpacked(path), at.rubric), only)


@app.command()
def reference(
    rubric: RubricArgument,
    format: FormatOption = Format.TEXT,
    output: OutputOption = None,
    question: QuestionOption = None,
) -> None:
    """Print the reference answers, with how each is obtained."""
    from grader import desk, exports

    at = desk.set_up(rubric)
    answers = at.answers(at.questions(question or ()))
    if _for_terminal(output, format):
        from grader.exports import text

        text.print_answers(at.rubric, answers, _console())
    else:
        _write(exports.load(format.value).answers(at.rubric, answers), output)
    if any(answer.fault is not None for answer in answers):
        raise typer.Exit(1)


@app.command()
def template(rubric: RubricArgument, output: OutputOption = None) -> None:
    """Print the blank answer sheet that a student fills in."""
    from grader import course as courses
    from grader import rubric as rubrics
    from grader import sheet

    _write(sheet.template(rubrics.load(courses.find(rubric).rubric)), output)


@app.command()
def doctor() -> None:
    """Show and prove what isolation student code has on this machine."""
    from grader.sandbox import doctor as examiner

    examination = examiner.examine()
    _write(examiner.render(examination), None)
    if examination.chosen is None:
        raise typer.Exit(1)


@app.command("rubrics")
def list_rubrics() -> None:
    """List the bundled rubrics."""
    from grader import course as courses
    from grader import rubric as rubrics

    known = {name: rubrics.load(path) for name, path in courses.bundled_rubrics().items()}
    lines = (
        f"{name}  {each.title} ({len(each.questions)} parts, {each.points:g} marks)"
        for name, each in known.items()
    )
    _write("\n".join(lines), None)


class Platform(StrEnum):
    """Where a graded class goes."""

    CANVAS = "canvas"
    MOODLE = "moodle"
    GRADESCOPE = "gradescope"
    CSV = "csv"
    AUTOGRADER = "gradescope-autograder"


@app.command()
def batch(
    roster: Annotated[
        Path,
        typer.Argument(metavar="ROSTER", help="The class: a CSV file of a learning platform."),
    ],
    submissions: Annotated[
        Path,
        typer.Argument(
            metavar="SUBMISSIONS", help="A folder per student, or a platform's bulk download."
        ),
    ],
    rubric: RubricOption,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="OUT", help="The folder of the gradebook and the reports."
        ),
    ],
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs", min=1, metavar="N", help="Worker processes; one per core if not said."
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler", metavar="ADDRESS", help="The address of a Dask cluster's scheduler."
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Grade everything anew; decisions are kept.")
    ] = False,
    sandbox: Annotated[
        Level, typer.Option("--sandbox", help="How student code is walled in.")
    ] = Level.AUTO,
) -> None:
    """Grade a class; run it again to go on after a stop or a change."""
    from grader.batch import progress, runner

    request = runner.Request(
        roster, submissions, rubric, output, jobs, scheduler, force, sandbox.value
    )
    with progress.meter() as meter:
        outcome = runner.run(request, meter)
    _write(outcome.text, None)
    if outcome.stopped:
        raise typer.Exit(130)
    if not outcome.complete:
        raise typer.Exit(1)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="OUT", help="The folder of a graded class.")],
    to: Annotated[Platform, typer.Option("--to", help="Where the marks go.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FOLDER", help="OUT/exports if not said."),
    ] = None,
    assignment: Annotated[
        str | None,
        typer.Option("--assignment", metavar="NAME", help="The platform's name of the assignment."),
    ] = None,
    allow_proposed: Annotated[
        bool, typer.Option("--allow-proposed", help="Also where parts await review.")
    ] = False,
) -> None:
    """Write a class's marks as a learning platform imports them."""
    from grader.batch import outbox

    wanted = outbox.Wanted(folder, to.value, output, assignment, allow_proposed)
    _write(outbox.export(wanted), None)


class LintFormat(StrEnum):
    """How the findings on a rubric are printed."""

    TEXT = "text"
    JSON = "json"


@app.command("lint")
def check_rubrics(
    rubric: Annotated[
        list[str], typer.Argument(metavar="RUBRIC...", help="Bundled names, or YAML files.")
    ],
    format: Annotated[LintFormat, typer.Option("--format", help="How to print.")] = LintFormat.TEXT,
    output: OutputOption = None,
) -> None:
    """Check whether rubrics are fair, before a student meets them."""
    from grader import lint
    from grader.lint import printed

    results = [lint.lint(name) for name in rubric]
    _write(printed.json(results) if format is LintFormat.JSON else printed.text(results), output)
    if any(result.errors for result in results):
        raise typer.Exit(1)


@app.command()
def new(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="A folder that is new, or empty.")
    ],
) -> None:
    """Write a small course to begin with, to change into one's own."""
    from grader import scaffold

    _write(scaffold.write(folder), None)


def _standard_input() -> str:
    from grader import files

    data = sys.stdin.buffer.read(files.MAX_BYTES + 1)
    if len(data) > files.MAX_BYTES:
        raise UsageError(f"standard input: more than {files.MAX_BYTES // 10**6} MB")
    return files.decode(data, "standard input").text


def _for_terminal(output: Path | None, format: Format) -> bool:
    """Return whether a person reads along: a pipe gets plain lines, without rich's start-up."""
    is_shown = sys.stdout.isatty() or "FORCE_COLOR" in os.environ
    return output is None and format is Format.TEXT and is_shown


def _console() -> Console:
    from rich.console import Console

    return Console()


def _write(text: str, output: Path | None) -> None:
    if output is None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            # What the terminal's encoding cannot show is replaced, not a crash.
            sys.stdout.reconfigure(errors="replace")
        try:
            print(text, end="" if text.endswith("\n") else "\n", flush=True)
        except BrokenPipeError:
            raise
        except OSError as fault:
            _forget_the_rest()
            raise UsageError(f"standard output: could not be written ({fault.strerror})") from fault
        return
    try:
        _replace(output, text if text.endswith("\n") else text + "\n")
    except OSError as fault:
        raise UsageError(f"{output}: could not be written ({fault.strerror})") from fault


def _forget_the_rest() -> None:
    """Let what Python still holds for standard output not raise again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    import tempfile

    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    mask = os.umask(0)
    os.umask(mask)
    try:
        os.fchmod(descriptor, 0o666 & ~mask)  # a temporary file is its owner's alone
        with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit code; an error is one plain sentence."""
    # What a run makes on its way in stays: patterns, modules, the rubric. To search it for garbage
    # over and over costs a twentieth of a short run.
    gc.set_threshold(50_000)
    # The matrices here are small, and to start a thread per core costs more than they do.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if sys.stdout is None:  # closed: what is written to files, and the exit code, still count
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - lives with the process
    words = list(sys.argv[1:] if arguments is None else arguments)
    traceback = "--traceback" in words
    try:
        words = [word for word in words if word != "--traceback"]
        _app(words)(words, prog_name="grader")
    except GraderError as error:
        if traceback:
            raise
        sys.exit(_complain(str(error), error.exit_code))
    except BrokenPipeError:  # the reader of the pipe has gone
        _forget_the_rest()
    except Exception as fault:
        if traceback:
            raise
        sentence = f"internal error, {type(fault).__name__}: {fault}; --traceback shows where"
        sys.exit(_complain(sentence, 2))


def _app(words: Sequence[str]) -> typer.Typer:
    """Return the app with no command but the one that is called: to make each takes a while."""
    called = [each for each in app.registered_commands if words[:1] == [_name(each)]]
    if not called:
        return app
    alone = copy.copy(app)
    alone.registered_commands = called
    return alone


def _name(command: CommandInfo) -> str | None:
    return command.name or (command.callback.__name__ if command.callback else None)


def _complain(sentence: str, code: int) -> int:
    from grader.values import clean

    print(f"grader: {clean(sentence)}", file=sys.stderr)
    return code
