"""Answers that a fair professor has judged, in cases/*.yaml, against NumPy and against the room.

Each case holds the text, its verdict, the mistake's id and a hand-written NumPy reading. The
first half of this module proves the data with NumPy alone: a reading equals the reference if and
only if the case calls it correct. The second half holds the room to the same verdicts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

Array = np.ndarray[Any, Any]

FOLDER = Path(__file__).parent / "cases"
STYLES = {"latex", "latex-scan", "unicode", "ascii", "numpy", "torch", "index", "mixed"}
SEEDS = (3, 14, 159)
# Both sides are a few float64 operations on numbers near 1; a slip shows in the first digits.
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Problem:
    """One question with its right answer, as a formula and as NumPy."""

    id: str
    question: Mapping[str, Any]
    reference: str
    numpy: str
    setup: str = ""
    names: Sequence[str] = ()
    mistakes: Sequence[Mapping[str, Any]] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """One answer and what a fair professor says of it.

    `mistake` is an id, several (slips made together) or None; `also` holds further ids that would
    be fair to say. `layout` is "transposed" where the text states that layout itself.
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

    @property
    def mistakes(self) -> set[str]:
        """Return the ids that have to be named."""
        if self.mistake is None:
            return set()
        return {self.mistake} if isinstance(self.mistake, str) else set(self.mistake)


def collect() -> Iterator[Any]:
    """Yield every case with a test id that tells the problem and the number in it."""
    for path in sorted(FOLDER.glob("*.yaml")):
        for entry in yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)["problems"]:
            cases = entry.pop("cases")
            problem = Problem(**entry)
            for number, case in enumerate(cases, 1):
                yield pytest.param(
                    Case(problem, **case), id=f"{path.stem}-{problem.id}-{number:02}"
                )


ALL = list(collect())
READABLE = [case for case in ALL if case.values[0].verdict != "unreadable"]


# The data against NumPy. Nothing below this line and above the next imports the grader.


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
    # A smooth function that is none of the named activations, and its derivative.
    "f": lambda z: np.sin(z) + 0.3 * z**2,
    "df": lambda z: np.cos(z) + 0.6 * z,
}


def draw(shape: tuple[int, ...], values: str, rng: np.random.Generator) -> Any:
    """Draw one symbol's value; one-hot labels come as columns."""
    if values == "one-hot":
        return np.eye(shape[0])[:, rng.integers(shape[0], size=shape[1])]
    if values == "binary":
        return (rng.random(shape) < 0.5).astype(float)
    if values == "positive":
        return rng.uniform(0.5, 2.0, shape)
    return rng.normal(size=shape)


def sample(problem: Problem, seed: int) -> dict[str, Any]:
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
    verdicts = [right(case, sample(case.problem, seed)) for seed in SEEDS]
    assert all(verdicts) if case.verdict == "correct" else not all(verdicts)


def test_the_collection_is_large_and_half_wrong_and_spread_over_the_styles() -> None:
    """No style and neither verdict may be a handful of cases."""
    cases = [param.values[0] for param in ALL]
    wrong = [case for case in cases if case.verdict == "wrong"]
    assert len(cases) >= 450
    assert len(wrong) >= 0.45 * len(cases)
    for style in STYLES:
        assert sum(case.style == style for case in cases) >= 20


@pytest.mark.parametrize("case", ALL)
def test_a_case_is_well_formed(case: Case) -> None:
    """A verdict goes with its mistake and its reading, and says why."""
    assert case.style in STYLES
    assert case.verdict in {"correct", "wrong", "unreadable"}
    assert case.verdict == "wrong" or not case.mistakes
    assert case.verdict != "unreadable" or case.numpy is None
    assert case.why
