"""The far side: locks itself in, executes what a student handed in, and answers with values.

It is never told an expected value, a tolerance or a verdict, so whatever a student's code finds
here, or sends in its place, is worth nothing by itself.
"""

from __future__ import annotations

import builtins
import fcntl
import os
import random
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any, Final, NoReturn

import numpy.random

from grader.sandbox import loading, lockdown, namespaces, older, substitutes, wire
from grader.sandbox.faults import Place

REQUESTS: Final = 3
REPLIES: Final = 4
"""The two descriptors that a child is born with, beside the standard ones."""

_LISTED: Final = 300
_Random: Final = random.Random


def live(
    walls: lockdown.Walls, limits: lockdown.Limits, descriptors: tuple[int, int, int]
) -> NoReturn:
    """Lock this process in and answer requests until there are no more.

    `descriptors` are where requests come in, and where replies and output go; what else this
    process has inherited is closed.
    """
    held_bytes = lockdown.held_bytes(walls)
    _keep_only(descriptors, walls)
    try:
        lockdown.shut(walls, limits, held_bytes)
    except (OSError, ValueError) as refusal:
        _send("fault", str(refusal))
        os._exit(1)
    _open_standard_streams()
    if walls.level is lockdown.Level.FULL:
        os.environ |= dict.fromkeys(("HOME", "TMPDIR", "MPLCONFIGDIR"), namespaces.SCRATCH)
    _send("ready", None)
    session = _Session(limits)
    inbox = wire.Inbox(1 << 62, program=True)
    while (request := _receive(inbox)) is not None:
        session.answer(request)
    os._exit(0)


def _keep_only(descriptors: tuple[int, int, int], walls: lockdown.Walls) -> None:
    requests, replies, output = descriptors
    nothing = os.open("/dev/null", os.O_RDONLY)
    wanted = {0: nothing, 1: output, 2: output, REQUESTS: requests, REPLIES: replies}
    others = [each for each in lockdown.descriptors(walls) if each != walls.ruleset]
    out_of_the_way = {
        number: fcntl.fcntl(source, fcntl.F_DUPFD, 64) for number, source in wanted.items()
    }
    for number, source in out_of_the_way.items():
        os.dup2(source, number)
    for each in {*others, *out_of_the_way.values()} - wanted.keys():
        with suppress(OSError):  # the list holds its own descriptor, or is a guess
            os.close(each)


def _open_standard_streams() -> None:
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - lives with the process
    sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stdout


def _receive(inbox: wire.Inbox) -> wire.Message | None:
    while data := os.read(REQUESTS, min(inbox.wanted, 1 << 20)):
        message = inbox.feed(data)
        if message is not None:
            return message
    return None


def _send(kind: str, body: Any, budget: int = 1 << 40) -> None:
    left = memoryview(wire.pack(kind, body, budget))
    while left:
        left = left[os.write(REPLIES, left) :]


class _Session:
    def __init__(self, limits: lockdown.Limits) -> None:
        self._limits = limits
        self._program = loading.Program({}, loading.Pace(1, 1))
        self._probe: dict[str, Any] = {}
        self._seeds = _seeds()

    def answer(self, request: wire.Message) -> None:
        answers: dict[str, Callable[[int, Mapping[str, Any]], None]] = {
            "load": self._load,
            "call": self._call,
            "probe": self._ask_probe,
        }
        number, words = request.body
        answers[request.kind](number, words)

    def _load(self, number: int, words: Mapping[str, Any]) -> None:
        self._program = loading.Program(
            {name: data.tobytes() for name, data in words["files"]},
            loading.Pace(
                self._limits.statement_seconds,
                self._limits.load_seconds,
                {(file, at): why for file, at, why in words["skip"]},
                lambda unit: _send("at", (number, unit)),
                words["experiments"],
            ),
        )
        _forget_the_command_line()
        _add_notebook_names()
        older.restore()
        _load_data_in_this_process(self._program)
        _compile_nothing()
        if any(b"cuda" in data or b'"mps"' in data for data in self._program.files.values()):
            _compute_on_the_processor()
        self._seed(0)
        sys.meta_path.insert(0, loading.Supplied(words["support"]))
        try:
            exec(compile(words["probe"], "<probe>", "exec"), self._probe)
        except Exception as error:  # whatever a rubric's own probe may raise
            _send("fault", (number, f"the probe failed: {type(error).__name__}: {error}"[:500]))
            return
        self._program.load()
        _flush()
        _send("loaded", (number, _report(self._program)))

    def _call(self, number: int, words: Mapping[str, Any]) -> None:
        try:
            function = self._program.find(words["name"], words["which"], words["file"])
        except KeyError:
            known = sorted({each.name for each in self._program.definitions})
            _send("missing", (number, known[:_LISTED]))
            return
        self._reply(number, words, lambda: function(*words["args"], **words["named"]))

    def _ask_probe(self, number: int, words: Mapping[str, Any]) -> None:
        function = self._probe.get(words["name"])
        if function is None:
            _send("missing", (number, []))
            return
        of, which = words["of"], words["which"]
        subject = self._program.find(of, which) if of else self._program
        self._reply(number, words, lambda: function(subject, *words["args"], **words["named"]))

    def _reply(self, number: int, words: Mapping[str, Any], action: Callable[[], Any]) -> None:
        try:
            self._seed(words["seed"])
            value = action()
            _flush()
            _send("returned", (number, value), self._limits.result_bytes)
        except wire.Unsendable as refusal:
            _send("unsupported", (number, str(refusal)))
        except BaseException as error:  # whatever a student's code may raise, exits included
            trouble = self._program.describe(error, Place("", 0, 0))
            _flush()
            _send("raised", (number, _plain(trouble)))

    def _seed(self, seed: int) -> None:
        for sow in self._seeds:
            sow(seed)


def warm_up() -> None:
    """Do once, before there are children, what is slow only the first time."""
    for sow in _seeds():
        sow(0)


def _seeds() -> list[Callable[[int], Any]]:
    """Return the functions that seed each library, before a student's code can replace them."""
    found: list[Callable[[int], Any]] = [random.seed, numpy.random.seed, _fix_fresh_generators]
    torch = sys.modules.get("torch")
    if torch is not None:
        found.append(torch.manual_seed)
    return found


# `default_rng()` without a seed would ask the system for one, and give other marks each time.
def _fix_fresh_generators(seed: int) -> None:
    source: Any = numpy.random.bit_generator
    if hasattr(source, "randbits"):
        source.randbits = _Random(seed).getrandbits


def _add_notebook_names() -> None:
    nothing = substitutes.Nothing()
    names = {"display": lambda *shown, **options: None, "get_ipython": lambda: nothing}
    names |= {"exit": sys.exit, "quit": sys.exit}
    for name, value in names.items():
        setattr(builtins, name, value)


# A worker would be a process, and there are none behind the wall.
def _load_data_in_this_process(program: loading.Program) -> None:
    data: Any = sys.modules.get("torch.utils.data")
    if data is None:
        return
    original = data.DataLoader.__init__
    alone = {"num_workers": 0, "persistent_workers": False, "prefetch_factor": None}

    def init(self: Any, *arguments: Any, **named: Any) -> None:
        if named.get("num_workers"):
            program.left_out.append((Place(""), f"DataLoader(num_workers={named['num_workers']})"))
            named |= {name: value for name, value in alone.items() if name in named}
        original(self, *arguments, **named)

    data.DataLoader.__init__ = init


# What compiles a network starts a compiler, and there are no processes behind the wall.
def _compile_nothing() -> None:
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.compile = lambda model=None, **options: model or (lambda function: function)


_MAKES_TENSORS: Final = (
    *("tensor", "as_tensor", "zeros", "ones", "empty", "full", "eye", "arange", "linspace"),
    *("rand", "randn", "randint", "normal", "zeros_like", "ones_like", "randn_like"),
)
_CARDS: Final = ("cuda", "mps")


# A student who trained on a graphics card is not to blame that there is none here.
def _compute_on_the_processor() -> None:
    torch: Any = sys.modules.get("torch")
    if torch is None or torch.cuda.is_available():
        return

    def here(value: Any) -> Any:
        name = value.type if type(value) is torch.device else value
        return "cpu" if type(name) is str and name.startswith(_CARDS) else value

    def on_the_processor(function: Any) -> Any:
        def moved(*arguments: Any, **named: Any) -> Any:
            options = {name: here(value) for name, value in named.items()}
            return function(*map(here, arguments), **options)

        return moved

    for name in _MAKES_TENSORS:
        setattr(torch, name, on_the_processor(getattr(torch, name)))
    for kind in (torch.Tensor, torch.nn.Module):
        kind.to = on_the_processor(kind.to)
        kind.cuda = lambda self, *options, **named: self


# The server's own words are none of a student's business, and no arguments of theirs.
def _forget_the_command_line() -> None:
    sys.argv[:] = [""]
    sys.orig_argv[:] = [sys.executable]


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # replaced or closed by the student
            stream.flush()


def _report(program: loading.Program) -> dict[str, Any]:
    return {
        "definitions": [
            {
                "name": each.name,
                "place": _plain(each.place),
                "parameters": list(each.parameters),
                "complete": each.complete,
                "keywords": list(each.keywords),
                "methods": list(each.methods),
            }
            for each in program.definitions[:_LISTED]
        ],
        "troubles": [_plain(trouble) for trouble in program.troubles[:_LISTED]],
        "left_out": [
            {"place": _plain(place), "line": line} for place, line in program.left_out[:_LISTED]
        ],
    }


def _plain(noun: Any) -> dict[str, Any]:
    return asdict(noun)
