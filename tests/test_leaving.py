"""The program leaves at once, and nothing that was to be written or tidied up is lost by it."""

import subprocess
import sys
from pathlib import Path

import pytest

RUN = "import sys; sys.argv[0] = 'grader'; from grader import __main__ as program; "


def python(program: str, *words: str, **how) -> subprocess.CompletedProcess[str]:
    """Run a few lines of Python around the program."""
    command = [sys.executable, "-c", RUN + program, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, **how)


@pytest.mark.parametrize(
    ("words", "code"),
    [(["rubrics"], 0), (["--help"], 0), (["rubric"], 2), (["grade", "nowhere", "-r", "no"], 2)],
)
def test_what_is_said_and_the_exit_code_are_those_of_an_ordinary_end(words, code):
    """The same letters on both channels, the same number."""
    at_once = python("program.run()", *words)
    ordinary = python("program.main()", *words)
    assert at_once.returncode == ordinary.returncode == code
    assert (at_once.stdout, at_once.stderr) == (ordinary.stdout, ordinary.stderr)


def test_a_long_answer_arrives_whole():
    """More than a pipe holds at once."""
    say = "program.main = lambda: print('x' * 1_000_000); program.run()"
    assert len(python(say).stdout) == 1_000_001


def test_what_waits_for_the_end_is_done(tmp_path: Path):
    """A function registered for the end, and a thread that still works."""
    late = tmp_path / "late"
    program = (
        "import atexit, threading, time; from pathlib import Path; at = Path(sys.argv[1]); "
        "atexit.register(at.with_suffix('.exit').touch); "
        "wait = lambda: (time.sleep(0.2), at.with_suffix('.thread').touch()); "
        "program.main = lambda: {}; program.run()"
    )
    assert python(program.format("None"), str(late)).returncode == 0
    assert late.with_suffix(".exit").exists()
    assert (
        python(program.format("threading.Thread(target=wait).start()"), str(late)).returncode == 0
    )
    assert late.with_suffix(".thread").exists()


def test_a_message_for_an_exit_code_is_printed():
    """As Python has it: a text goes to the error channel, and the code is 1."""
    ended = python("program.main = lambda: sys.exit('no'); program.run()")
    assert (ended.returncode, ended.stderr) == (1, "no\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_an_output_that_cannot_be_written_is_no_success():
    """The disk is full when the last lines go out."""
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "grader", "rubrics"]
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert ended.returncode != 0
    assert b"No space" in ended.stderr


def test_a_closed_output_is_no_fault():
    """Who closes it wants the exit code, or what is written to a file."""
    command = f'"{sys.executable}" -m grader rubrics >&-'
    ended = subprocess.run(command, shell=True, stderr=subprocess.PIPE, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_the_reader_of_a_pipe_may_leave():
    """`| head -1` is no error."""
    command = f'"{sys.executable}" -m grader rubrics | true'
    ended = subprocess.run(command, shell=True, stderr=subprocess.PIPE, check=False)
    assert ended.stderr == b""
