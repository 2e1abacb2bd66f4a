"""How long a formula takes, and how many a general checker gets right on the same answers.

Run with `python -m pytest tests/benchmarks/test_formula_speed.py --benchmark-only -s`.
Math-Verify (`pip install "math-verify[antlr4_13_2]"`) is asked in the same run where it is there.
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader import formula
from grader.errors import Unreadable

CASES = Path(__file__).parent.parent / "formula" / "cases"
GOAL_READ_MS = 1.0
GOAL_DIAGNOSE_MS = 10.0
# Every so many answers go to the other checker, which takes some hundred times as long.
SHARE = 4
LATEX = {"latex", "latex-scan", "index", "mixed"}


@dataclass(frozen=True)
class Asked:
    """One answer with its question and the verdict of the collection."""

    text: str
    style: str
    verdict: str
    reference: str
    want: formula.Want


@dataclass(frozen=True)
class Row:
    """What two checkers made of one answer, and how long it took them."""

    verdict: str
    ours: str
    theirs: str
    seconds: float
    their_seconds: float


@pytest.fixture(scope="module")
def answers() -> list[Asked]:
    """Return the judged collection, every room warm."""
    found = list(_collection())
    for each in found:
        _verdict(each)
    return found


def _collection() -> Iterator[Asked]:
    for path in sorted(CASES.glob("*.yaml")):
        for problem in yaml.safe_load(path.read_text("utf-8"))["problems"]:
            question = problem["question"]
            known = formula.notation(
                question["symbols"], question.get("define"), question.get("notation")
            )
            named = tuple(
                formula.Named(slip["id"], slip["formula"]) for slip in problem.get("mistakes", ())
            )
            right = formula.Answers(problem["id"], (problem["reference"],), (), named)
            want = formula.want(known, right, labels=problem.get("names", ()))
            for case in problem["cases"]:
                yield Asked(
                    case["text"], case["style"], case["verdict"], problem["reference"], want
                )


def _verdict(asked: Asked) -> str:
    try:
        return str(formula.judge(asked.text, asked.want).verdict)
    except Unreadable:
        return "unreadable"


def _milliseconds(work: Callable[[Asked], Any], asked: list[Asked]) -> list[float]:
    taken = []
    for each in asked:
        start = time.process_time()
        work(each)
        taken.append((time.process_time() - start) * 1e3)
    return sorted(taken)


def _line(name: str, taken: list[float], goal: float) -> str:
    median, most = statistics.median(taken), taken[int(len(taken) * 0.95)]
    return f"{name:<34} {len(taken):5} {median:8.2f} {most:8.2f}   (goal {goal:g} at the median)"


def test_reading_and_judging_a_right_formula(benchmark: Any, answers: list[Asked]) -> None:
    """One formula on all its samples, once the room is warm."""
    right = [each for each in answers if each.verdict == "correct"]
    taken = _milliseconds(_verdict, right)
    print("\n" + _line("right: read and judged, ms", taken, GOAL_READ_MS))
    benchmark.extra_info["median_ms"] = round(statistics.median(taken), 3)
    sample = right[0]
    benchmark(_verdict, sample)


def test_diagnosing_a_wrong_formula(benchmark: Any, answers: list[Asked]) -> None:
    """The same with every slip looked for."""
    wrong = [each for each in answers if each.verdict == "wrong"]
    taken = _milliseconds(_verdict, wrong)
    print("\n" + _line("wrong: read, judged, explained, ms", taken, GOAL_DIAGNOSE_MS))
    benchmark.extra_info["median_ms"] = round(statistics.median(taken), 3)
    sample = wrong[0]
    benchmark(_verdict, sample)


def test_beside_a_general_checker(benchmark: Any, answers: list[Asked]) -> None:
    """Verdicts and times of Math-Verify on the same answers, style by style."""
    checker = pytest.importorskip("math_verify")

    def other(asked: Asked) -> str:
        dressed = f"${asked.text}$" if asked.style in LATEX else asked.text
        gold = checker.parse(f"${asked.reference}$", parsing_timeout=10)
        answer = checker.parse(dressed, parsing_timeout=10)
        return "correct" if checker.verify(gold, answer, timeout_seconds=10) else "wrong"

    asked = [each for each in answers if each.verdict != "unreadable"][::SHARE]
    rows: dict[str, list[Row]] = defaultdict(list)
    for each in asked:
        start = time.process_time()
        ours = _verdict(each)
        middle = time.process_time()
        theirs = other(each)
        end = time.process_time()
        rows[each.style].append(Row(each.verdict, ours, theirs, middle - start, end - middle))
    print("\nright answers accepted, wrong ones refused, and the time at the median")
    print(f"{'':<12} {'':>4} {'accepted':>13} {'refused':>13} {'ms':>15}")
    print(
        f"{'style':<12} {'n':>4}"
        + f" {'ours':>6} {'M-V':>6}" * 2
        + f" {'ours':>7} {'M-V':>7} ratio"
    )
    everything = [row for found in rows.values() for row in found]
    for style, found in [*sorted(rows.items()), ("all", everything)]:
        print(_row(style, found))
    agreed = sum(row.ours == row.verdict for row in everything)
    benchmark.extra_info["agreed"] = agreed / len(everything)
    benchmark.pedantic(_verdict, args=(asked[0],), rounds=3)


def _row(style: str, found: list[Row]) -> str:
    shares = []
    for verdict in ("correct", "wrong"):
        rows = [row for row in found if row.verdict == verdict]
        for judge in ("ours", "theirs"):
            accepted = sum(getattr(row, judge) == "correct" for row in rows)
            hits = accepted if verdict == "correct" else len(rows) - accepted
            shares.append(f"{hits / len(rows):6.0%}" if rows else f"{'-':>6}")
    fast = statistics.median(row.seconds for row in found) * 1e3
    slow = statistics.median(row.their_seconds for row in found) * 1e3
    return (
        f"{style:<12} {len(found):4} {' '.join(shares)} {fast:7.2f} {slow:7.2f} {slow / fast:6.1f}"
    )
