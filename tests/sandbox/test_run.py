"""A wall is chosen by trying it, says what it is, and owns up to its own failures."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import wcwidth

from grader.sandbox import kernel, lockdown, outcomes, run
from grader.sandbox.faults import Place, Trouble

SOURCE = b"def f(x):\n    return x + 1\n"
linux = pytest.mark.skipif(not kernel.is_known(), reason="only Linux on x86_64 or aarch64")


def test_the_best_wall_closes_all_fourteen(best: run.Sandbox):
    """The level is chosen because every attempt was stopped."""
    assert best.tested is not None
    assert (best.tested.total, best.tested.open) == (14, [])


def test_without_a_wall_the_attempts_get_through(unwalled: run.Sandbox):
    """Or the self-test would prove nothing: what this machine forbids by itself is told apart."""
    result = unwalled.test()
    machine_may_forbid = {"make a namespace", "open a terminal", "share memory"}
    assert result.total == 14
    assert {name for name, refusal in result.attempts.items() if refusal} <= machine_may_forbid


def test_a_level_between_is_found_out(sandboxes: Any):
    """Without a file wall the self-test says which doors stand open."""
    outer = sandboxes("outer")
    assert outer.tested is not None
    assert "read a file" in outer.tested.open
    assert "open a TCP connection" not in outer.tested.open
    assert "no file wall" in outer.describe()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("full", r"^isolation: full \(own root, own processes and network, .*seccomp"),
        ("full without Landlock", r"own network?, seccomp|own processes and network, seccomp"),
        ("kernel", r"^isolation: kernel \(Landlock \d, seccomp.*self-test 14/14; limits: 10 s"),
        ("kernel with Landlock 1", r"kernel \(Landlock 1, seccomp"),
        ("none", r"unprotected"),
    ],
)
def test_the_report_says_which_wall_it_was(sandboxes: Any, name: str, says: str):
    """Level, walls, the outcome of the self-test and the limits stand in one sentence."""
    assert re.search(says, sandboxes(name).describe())


@linux
def test_no_wall_is_an_error_with_a_way_out():
    """Where Landlock is off there is no kernel level, and the sentence says what would help."""
    with pytest.raises(run.NoWall, match=r"kernel: this kernel offers no Landlock.*\"outer\""):
        run.Sandbox("kernel", landlock=0).__enter__()


@linux
def test_a_wall_of_another_system_is_refused():
    """It is named, and nothing is started."""
    with pytest.raises(run.NoWall, match="only macOS"):
        run.Sandbox("mac").__enter__()


def test_an_unknown_level_is_an_error():
    """A misspelt level must not mean none."""
    with pytest.raises(ValueError, match="fulll"):
        run.Sandbox("fulll").__enter__()


def raised(type_name: str, message: str, hint: str = "") -> outcomes.Raised:
    return outcomes.Raised(Trouble(type_name, message, Place("work.ipynb", 2, 3), hint))


# --- faults of ours -------------------------------------------------------------------------


def test_a_wall_that_cannot_be_built_is_our_fault(best: run.Sandbox):
    """A child that cannot lock itself in reads no byte of the student's, and nobody gets a zero."""
    impossible = run.Limits(scratch_bytes=-1, open_files=-5)
    with best.session([("a.py", SOURCE)], limits=impossible) as session:
        outcome = session.call("f", [1])
    assert isinstance(outcome, outcomes.HarnessFault)
    assert "no fault of the code" in outcomes.explain(outcome)


def test_a_server_that_dies_is_our_fault_and_is_replaced():
    """The call in flight is not a zero; the next one finds another server."""
    source = SOURCE + b"def g():\n    while True: pass\n"
    with run.Sandbox() as sandbox, sandbox.session([("a.py", source)]) as session:
        assert session.call("f", [1]) == outcomes.Returned(2)
        assert sandbox._server is not None
        end = threading.Timer(0.3, os.kill, [sandbox._server.pid, signal.SIGKILL])
        end.start()
        outcome = session.call("g")
        end.join()
        assert isinstance(outcome, outcomes.HarnessFault)
        assert session.call("f", [1]) == outcomes.Returned(2)


def test_a_child_that_ends_between_calls_costs_neither():
    """A thread that crashes later is not charged to the function that is asked next."""
    late = b"import os, threading\ndef g():\n    threading.Timer(0.1, os.abort).start()\n"
    with run.Sandbox() as sandbox, sandbox.session([("a.py", SOURCE + late)]) as session:
        assert session.call("g") == outcomes.Returned(None)
        time.sleep(0.3)
        assert session.call("f", [1]) == outcomes.Returned(2)


def test_no_process_is_left_behind():
    """When the sandbox is closed, the server and its children end, whatever they were doing."""
    with run.Sandbox() as sandbox:
        source = SOURCE + b"import threading, time\nthreading.Thread(target=time.sleep, args=[99])"
        session = sandbox.session([("a.py", source + b".start()\n")])
        assert session.call("f", [1]) == outcomes.Returned(2)
        assert sandbox._server is not None
        group = sandbox._server.pid
        assert members(group)
    deadline = time.monotonic() + 5
    while members(group) and time.monotonic() < deadline:
        time.sleep(0.01)
    session.close()
    assert members(group) == []


def members(session_id: int) -> list[int]:
    """Return the processes of a session, children's own sessions aside."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[3]) == session_id and words[0] != "Z":
            found.append(int(entry.parent.name))
    return found


def test_many_sessions_at_once(best: run.Sandbox):
    """One server watches several children, each with its own clock."""
    slow = b"def f(x):\n    while True: pass\n"
    sessions = [best.session([("a.py", SOURCE)]) for _ in range(3)]
    stuck = best.session([("a.py", slow)])
    assert [each.call("f", [n]) for n, each in enumerate(sessions)] == [
        outcomes.Returned(n + 1) for n in range(3)
    ]
    assert stuck.call("f", [1], cpu_seconds=0.2) == outcomes.TimedOut("cpu", 0.2)
    assert sessions[0].call("f", [9]) == outcomes.Returned(10)
    for each in [*sessions, stuck]:
        each.close()


def test_a_file_that_cannot_be_loaded_is_tried_once(best: run.Sandbox):
    """Each further question is answered at once with the same reason."""
    source = SOURCE + b"import os\n" + b"os._exit(3)\n" * 9
    with best.session([("a.py", source)]) as session:
        outcome = session.call("f", [1])
        assert outcome == outcomes.Ended("exit status 3")
        skipped = list(session._skip)
        assert session.call("f", [1]) == outcome
        assert session.loaded == outcome
        assert session._skip == skipped


ENDLESS = {
    "loops": "while True: pass",
    "recursion": "import sys\n    sys.setrecursionlimit(10**9)\n    return f()",
    "sleep": "import time\n    time.sleep(99)",
    "loops with a way out": "return [n for n in range(10**9)][0]",
}


@pytest.mark.parametrize("body", ENDLESS.values(), ids=ENDLESS)
def test_all_calls_together_have_an_end(best: run.Sandbox, body: str):
    """What never ends does so for each function; the last are not run, and that is told."""
    source = f"def f():\n    {body}\ndef g():\n    return 1\n"
    limits = run.Limits(calls_seconds=0.25)
    with best.session([("a.py", source.encode())], limits=limits) as session:
        assert session.call("g") == outcomes.Returned(1)
        while not isinstance(outcome := session.call("f", cpu_seconds=0.1), outcomes.NotRun):
            assert isinstance(outcome, outcomes.TimedOut | outcomes.OutOfMemory), outcome
        assert session.call("g") == outcomes.NotRun()
        assert session.spent_seconds < 20


def test_crashes_use_up_the_same_time(best: run.Sandbox):
    """To load the files anew after each crash takes time as well."""
    source = b"import os, time\ntime.sleep(0.2)\ndef f():\n    os.abort()\n"
    limits = run.Limits(calls_seconds=0.3)
    with best.session([("a.py", source)], limits=limits) as session:
        found = [session.call("f") for _ in range(6)]
    assert all(isinstance(each, outcomes.Crashed) for each in found[:2])
    assert found[-1] == outcomes.NotRun()


def test_the_first_loading_is_free(best: run.Sandbox):
    """A notebook that trains has limits of its own for that."""
    source = SOURCE + b"import time\ntime.sleep(0.3)\n"
    with best.session([("a.py", source)], limits=run.Limits(calls_seconds=0.2)) as session:
        assert session.call("f", [1]) == outcomes.Returned(2)
        assert session.spent_seconds < 0.2


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (
            raised("ImportError", "cannot import name 'x' from 'numpy' (/a/b/site-packages/n.py)"),
            "raised ImportError: cannot import name 'x' from 'numpy' (n.py)"
            " (work.ipynb, code cell 2, line 3)",
        ),
        (raised("EOFError", "EOF", "input"), "it asks for input, and nobody is there to type"),
        (raised("E", "\x1b[2J\u202e"), "raised E: <U+001B>[2J<U+202E>"),
        (raised("NotRun", "crashed (SIGABRT)"), "crashed (SIGABRT) (work.ipynb"),
        (outcomes.NoSuchFunction("f", ("g", "h")), "there is no function f; defined are g, h"),
        (outcomes.NoSuchFunction("f", ()), "there is no function f"),
        (outcomes.TimedOut("cpu", 2.0), "did not finish within 2 s of processor time"),
        (outcomes.TimedOut("wall", 11.0), "did not finish within 11 s"),
        (outcomes.Crashed(11), "crashed (SIGSEGV)"),
        (outcomes.Crashed(99), "crashed (signal 99)"),
        (outcomes.OutOfMemory(), "asked for more memory than is allowed"),
        (outcomes.Unsupported("generator"), "no plain value: generator"),
        (outcomes.ProtocolFault("x"), "did not give back a value that could be read"),
        (outcomes.NotRun(), "was not run: the code before it had used up the time"),
        (outcomes.Ended("exit status 0"), "ended the program early (exit status 0)"),
    ],
)
def test_each_failure_has_a_sentence_for_the_student(failure: outcomes.Failure, says: str):
    """It names the place in the submission, and no path of ours."""
    assert says in outcomes.explain(failure)


# --- libraries ------------------------------------------------------------------------------


@linux
@pytest.mark.parametrize("name", ["full", "full without Landlock", "kernel"])
def test_a_hidden_folder_among_the_libraries_cannot_be_read(name: str, sandboxes: Any):
    """A course that is installed beside the libraries stays out of sight; its neighbours do not."""
    hidden = os.path.dirname(wcwidth.__file__)
    source = (
        "def f(path):\n    return len(open(path).read()) > 0\n\n"
        "def g():\n    import wcwidth\n    return wcwidth.wcwidth('a')\n\n"
        "def h():\n    import sortedcontainers\n    return 1"
    )
    plain = sandboxes(name)
    with plain.session([("a.py", source.encode())]) as session:
        assert session.call("f", [wcwidth.__file__]) == outcomes.Returned(True)
    with (
        run.Sandbox(plain.level, hide=[hidden], landlock=plain._landlock) as sandbox,
        sandbox.session([("a.py", source.encode())]) as session,
    ):
        assert isinstance(session.call("f", [wcwidth.__file__]), outcomes.Raised)
        assert isinstance(session.call("g"), outcomes.Raised)
        assert session.call("h") == outcomes.Returned(1)


def test_a_library_that_is_not_installed_is_no_error():
    """It is missed only by those who import it."""
    with (
        run.Sandbox(preload=("numpy", "no_such_library")) as sandbox,
        sandbox.session([("a.py", SOURCE)]) as session,
    ):
        assert session.call("f", [1]) == outcomes.Returned(2)


def test_a_library_that_starts_threads_is_imported_by_each_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A process with threads cannot be forked safely, so the server must not hold them."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    for each in (tmp_path, tmp_path.parent, folder):
        each.chmod(0o755)
    (folder / "busy.py").write_text(
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(999,), daemon=True).start()\nvalue = 7\n"
    )
    monkeypatch.syspath_prepend(folder)
    source = b"import sys\ndef f():\n    return [sys.modules['busy'].value, 1]"
    with (
        run.Sandbox(preload=("numpy", "busy")) as sandbox,
        sandbox.session([("a.py", source)]) as session,
    ):
        assert session.call("f") == outcomes.Returned([7, 1])
        assert sandbox.tested is not None
        assert sandbox.tested.all_closed


def test_what_a_child_may_read_is_libraries_and_little_else():
    """No home, no temporary folder, no password file; and not the place of the grader itself."""
    readable = lockdown.libraries(lockdown.package_folders(sys.path))
    assert readable
    for place in ("/etc/passwd", "/home/x", "/tmp/x", os.path.expanduser("~/.ssh"), __file__):
        assert not any(place == path or place.startswith(path + "/") for path in readable)


def test_importing_the_near_side_is_light():
    """Neither torch nor sympy nor a notebook library comes with it."""
    assert not {"torch", "sympy", "IPython", "matplotlib", "asyncio"} & imported_with("run")


def imported_with(name: str) -> set[str]:
    """Return all modules of an interpreter that imported only that module of the sandbox."""
    code = f"import sys, grader.sandbox.{name}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


FAR_SIDE = (
    *(
        "child",
        "lockdown",
        "loading",
        "cells",
        "fstrings",
        "older",
        "faults",
        "substitutes",
        "server",
        "wire",
    ),
    *("kernel", "seccomp", "landlock", "namespaces", "seatbelt"),
)


@pytest.mark.parametrize(
    "name", [*FAR_SIDE, "landlock", "namespaces", "seatbelt", "server", "wire"]
)
def test_the_far_side_imports_nothing_that_knows_an_answer(name: str):
    """It consists of the standard library, NumPy and itself."""
    ours = {each for each in imported_with(name) if each.startswith("grader.")}
    assert ours <= {"grader.sandbox", *(f"grader.sandbox.{each}" for each in FAR_SIDE)}


# --- as somebody else -----------------------------------------------------------------------

_AS_NOBODY = """
import os, sys
os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)
sys.path.insert(0, sys.argv[1])
from grader.sandbox import run
with run.Sandbox() as sandbox, sandbox.session([("a.py", b"def f(): return 42")]) as session:
    print(sandbox.level, sandbox.tested.closed, session.call("f").value)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="the tests themselves are run by an ordinary user")
def test_an_ordinary_user_can_build_a_wall(best: run.Sandbox):
    """No privilege is needed, only an interpreter that the user can read."""
    probe = "import os; os.setresuid(65534, 65534, 65534); import numpy, encodings.punycode"
    if subprocess.run([sys.executable, "-c", probe], capture_output=True, check=False).returncode:
        pytest.skip("no other user can read this Python")
    root = str(Path(run.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", _AS_NOBODY, root], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == [best.level, "14", "42"], done.stderr
