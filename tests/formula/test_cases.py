"""Answers that a fair professor has judged, in cases/*.yaml, against NumPy and against the room.

Each case holds the text, its verdict, the mistake's id and a hand-written NumPy reading. The
first half of this module proves the data with NumPy alone: a reading equals the reference if and
only if the case calls it correct. The second half holds the room to the same verdicts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from grader import formula
from grader.errors import Unreadable
from grader.formula import functions

Array = np.ndarray[Any, Any]

FOLDER = Path(__file__).parent / "cases"
STYLES = {"latex", "latex-scan", "unicode", "ascii", "numpy", "torch", "index", "mixed"}
# A right reading has to hold on all of the first, a wrong one to fail on any of the second.
FEW, MANY = range(4), range(40)
# Both sides are a few float64 operations on numbers near 1; a slip shows in the first digits.
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """One question with its right answer, as a formula and as NumPy."""

    family: str
    id: str
    question: Mapping[str, Any]
    reference: str
    numpy: str
    setup: str = ""
    names: Sequence[str] = ()
    mistakes: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One answer and what a fair professor says of it.

    `mistake` is an id, several (slips made together) or None; `also` holds further ids that would
    be fair to say. `layout` is "transposed" where the text states that layout itself;
    `activation` is what the text takes for the question's general function.
    `numpy` is None where the text is unreadable or has no value (its shapes do not fit).
    """

    problem: Problem
    text: str
    style: str
    verdict: str
    mistake: str | Sequence[str] | None
    numpy: str | None
    why: str
    also: Sequence[str] = ()
    layout: str = ""
    activation: str = "general"

    @property
    def mistakes(self) -> set[str]:
        """Return the ids that have to be named."""
        if self.mistake is None:
            return set()
        return {self.mistake} if isinstance(self.mistake, str) else set(self.mistake)


def collect() -> Iterator[tuple[Problem, list[Case]]]:
    """Yield every problem with its cases."""
    for path in sorted(FOLDER.glob("*.yaml")):
        for entry in yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)["problems"]:
            cases = entry.pop("cases")
            problem = Problem(path.stem, **entry)
            yield problem, [Case(problem, **case) for case in cases]


COLLECTION = list(collect())
HOSTILE = yaml.safe_load((FOLDER.parent / "hostile.yaml").read_text("utf-8"))
ALL = [
    pytest.param(case, id=f"{problem.family}-{problem.id}-{number:02}")
    for problem, cases in COLLECTION
    for number, case in enumerate(cases, 1)
]
READABLE = [param for param in ALL if param.values[0].verdict != "unreadable"]
WRONG = [param for param in ALL if param.values[0].verdict == "wrong"]
VALUED = [param for param in READABLE if param.values[0].numpy is not None]


def problem(family: str, id_: str) -> Problem:
    """Return the problem of a family by its id."""
    return next(p for p, _ in COLLECTION if (p.family, p.id) == (family, id_))


# The data against NumPy. Nothing from here to the next such line asks the grader.


def softmax(scores: Array) -> Array:
    """Return the softmax of each column."""
    odds = np.exp(scores - scores.max(axis=0))
    return odds / odds.sum(axis=0)


def softmax_rows(scores: Array) -> Array:
    """Return the softmax of each row."""
    return softmax(scores.T).T


def sigma(z: Any) -> Any:
    """Return the logistic function."""
    return 1 / (1 + np.exp(-z))


WORDS = {
    "np": np,
    "math": math,
    "sigma": sigma,
    "softmax": softmax,
    "softmax_rows": softmax_rows,
    "relu": lambda z: np.maximum(z, 0),
}
# What a question's f may be, with its derivative; the first is none of the named activations.
ACTIVATIONS = {
    "general": (lambda z: np.sin(z) + 0.3 * z**2, lambda z: np.cos(z) + 0.6 * z),
    "sigmoid": (sigma, lambda z: sigma(z) * (1 - sigma(z))),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
}


def draw(shape: tuple[int, ...], values: str, rng: np.random.Generator) -> Any:
    """Draw one symbol's value; one-hot labels come as columns."""
    if values == "one-hot":
        return np.eye(shape[0])[:, rng.integers(shape[0], size=shape[1])]
    if values == "binary":
        return (rng.random(shape) < 0.5).astype(float)
    if values == "positive":
        return rng.uniform(0.5, 2.0, shape)
    if values == "probability":
        return rng.uniform(0.05, 0.95, shape)
    if values == "integer":
        return rng.integers(1, 10, shape)
    return rng.normal(size=shape)


def sample(problem: Problem, seed: int, activation: str) -> dict[str, Any]:
    """Draw the question's symbols with pairwise different sizes and run the setup on them."""
    rng = np.random.default_rng(seed)
    symbols = {name: _declared(word) for name, word in problem.question["symbols"].items()}
    many = problem.question.get("notation", {}).get("samples")
    letters = {size for word in symbols.values() for size in word.get("shape", ())} - {1, many}
    sizes = {
        letter: int(k) + 3
        for letter, k in zip(sorted(letters), rng.permutation(len(letters)), strict=True)
    }
    if many:
        # More samples than anything else, as where a matrix of samples has to be inverted.
        sizes[many] = len(letters) + 4
    words: dict[str, Any] = {**WORDS, **sizes}
    for name, word in symbols.items():
        if "shape" in word:
            shape = tuple(sizes.get(size, size) for size in word["shape"])
            turned = word["shape"][0:1] == [many]
            value = draw(shape[::-1] if turned else shape, word.get("values", "real"), rng)
            words[_python_name(name)] = value.T if turned else value
    words.setdefault("f", ACTIVATIONS[activation][0])
    words.setdefault("df", ACTIVATIONS[activation][1])
    exec(problem.setup, words)
    return words


def _declared(word: Any) -> Mapping[str, Any]:
    if isinstance(word, list):
        return {"shape": word}
    return {} if isinstance(word, str) else word


def _python_name(name: str) -> str:
    name = name.replace("\\", "")
    return "lam" if name == "lambda" else name


def same(got: Any, want: Any) -> bool:
    """Return whether two values are equal, a 1x1 array counting as its one number."""
    got, want = (np.asarray(value, dtype=float) for value in (got, want))
    if got.size == want.size == 1:
        got, want = got.reshape(()), want.reshape(())
    if got.shape != want.shape or not (np.isfinite(got).all() and np.isfinite(want).all()):
        return False
    return bool(np.linalg.norm(got - want) <= TOLERANCE * (1 + np.linalg.norm(want)))


def right(case: Case, words: dict[str, Any]) -> bool:
    """Return whether the hand-written reading has the reference's value on these numbers."""
    assert case.numpy is not None
    want = np.asarray(eval(case.problem.numpy, words))
    return same(eval(case.numpy, words), want.T if case.layout == "transposed" else want)


@pytest.mark.parametrize("case", READABLE)
def test_a_case_is_called_correct_exactly_where_its_numpy_reading_is_right(case: Case) -> None:
    """The collection is proved by NumPy before it judges anybody."""
    if case.numpy is None:
        assert case.verdict == "wrong"
        return
    seeds = FEW if case.verdict == "correct" else MANY
    holds = all(right(case, sample(case.problem, seed, case.activation)) for seed in seeds)
    assert holds == (case.verdict == "correct")


def test_the_collection_is_large_and_half_wrong_and_spread_over_the_styles() -> None:
    """No style and neither verdict may be a handful of cases."""
    cases = [param.values[0] for param in ALL]
    wrong = [case for case in cases if case.verdict == "wrong"]
    assert len(cases) >= 450
    assert len(wrong) >= len(cases) / 2
    for style in STYLES:
        assert sum(case.style == style for case in cases) >= 40


def test_every_case_is_well_formed() -> None:
    """A verdict goes with its mistake and its reading, and says why."""
    for _, cases in COLLECTION:
        for case in cases:
            assert case.style in STYLES
            assert case.verdict in {"correct", "wrong", "unreadable"}
            assert case.verdict == "wrong" or not case.mistakes, case
            assert case.verdict != "unreadable" or case.numpy is None, case
            assert case.why, case


# The room against the data.


@dataclass(frozen=True, slots=True)
class Mark:
    """What the room makes of a text."""

    verdict: str
    mistakes: frozenset[str] = frozenset()
    why: str = ""


def marked(asked: Problem, text: str) -> Mark:
    """Return what the room makes of a text as an answer to a problem."""
    try:
        finding = formula.judge(text, wanted(asked))
    except Unreadable as trouble:
        return Mark("unreadable", why=trouble.message)
    ids = frozenset(mistake.id for mistake in finding.mistakes)
    return Mark(str(finding.verdict), ids, finding.why)


def notation_of(asked: Problem) -> formula.Notation:
    """Return the notation that a problem's question declares."""
    question = asked.question
    return formula.notation(question["symbols"], question.get("define"), question.get("notation"))


@cache
def wanted(asked: Problem) -> formula.Want:
    """Return what answers to a problem are compared with."""
    named = tuple(formula.Named(slip["id"], slip["formula"]) for slip in asked.mistakes)
    answers = formula.Answers(asked.id, formulas=(asked.reference,), named=named)
    return formula.want(notation_of(asked), answers, labels=asked.names)


def by_hand(case: Case) -> formula.Want:
    """Return the hand-written reading as what a text is compared with, right or not."""

    def reading(symbols: Mapping[str, Any]) -> Any:
        f, df = (functions.ELEMENTWISE[case.activation + prime] for prime in ("", "'"))
        words: dict[str, Any] = {"f": lambda z: f(np, z), "df": lambda z: df(np, z)}
        words |= {**WORDS, **symbols, "lam": symbols.get("lambda_")}
        exec(case.problem.setup, words)
        assert case.numpy is not None
        return eval(case.numpy, words)

    answers = formula.Answers(case.problem.id, sources=(reading,))
    return formula.want(notation_of(case.problem), answers, labels=case.problem.names)


@pytest.mark.parametrize("case", ALL)
def test_the_room_gives_the_verdict_of_a_fair_professor(case: Case) -> None:
    """A right answer is right in every notation, a slip is wrong, a riddle is unreadable."""
    mark = marked(case.problem, case.text)
    assert (mark.verdict, mark.why if mark.verdict != case.verdict else "") == (case.verdict, "")


@pytest.mark.parametrize("case", WRONG)
def test_the_room_names_the_slip_and_no_other(case: Case) -> None:
    """A classic slip is named, and nothing is named that the answer does not show."""
    mistakes = marked(case.problem, case.text).mistakes
    assert case.mistakes <= mistakes <= case.mistakes | set(case.also)


@pytest.mark.parametrize("case", VALUED)
def test_the_room_reads_what_a_person_reads(case: Case) -> None:
    """The text's value, right or wrong, is that of the NumPy that a person wrote for it."""
    assert formula.judge(case.text, by_hand(case)).correct


# Texts that are hostile, broken or no formula.


def hostile_texts() -> Iterator[Any]:
    """Yield every hostile text with what may be said of it."""
    for number, entry in enumerate(HOSTILE["texts"], 1):
        yield pytest.param(_whole(entry), entry["verdict"], id=f"{number:03}-{entry['why']}")


def _whole(entry: Mapping[str, Any]) -> str:
    if "codepoints" in entry:
        return "".join(map(chr, entry["codepoints"]))
    return "".join(piece * times for piece, times in entry.get("parts", [[entry.get("text"), 1]]))


ATTACKED = Problem(
    "hostile", "dW", HOSTILE["question"], HOSTILE["reference"], "", names=HOSTILE["names"]
)


@pytest.mark.parametrize(("text", "fair"), list(hostile_texts()))
def test_a_hostile_text_is_answered_and_never_an_exception(text: str, fair: list[str]) -> None:
    """Whatever is typed gets one of the verdicts that a person would find fair."""
    assert marked(ATTACKED, text).verdict in fair
