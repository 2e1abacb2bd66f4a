"""A loss is all that a teacher has to write; torch differentiates it, once."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader import formula
from grader.errors import ReferenceFault
from grader.formula import Answers, gradient

KNOWN = formula.notation(
    {
        "x": ["n", "m"],
        "y": {"shape": [1, "m"], "values": "binary"},
        "W": [1, "n"],
        "b": [1, 1],
    },
    {"z": "W x + b", "a": "sigma(z)"},
    {"samples": "m"},
)
LOSS = r"-\sum_{i=1}^m [y_i \ln a_i + (1 - y_i) \ln(1 - a_i)]"


def squared(symbols: Mapping[str, Any]) -> Any:
    """Return ½‖Wx + b − y‖², of arrays and of tensors."""
    rest = symbols["W"] @ symbols["x"] + symbols["b"] - symbols["y"]
    return (rest * rest).sum() / 2


def arguments() -> dict[str, Any]:
    rng = np.random.default_rng(4)
    return {
        "W": rng.normal(size=(1, 3)),
        "x": rng.normal(size=(3, 5)),
        "b": rng.normal(size=(1, 1)),
        "y": rng.normal(size=(1, 5)),
    }


def test_the_gradient_of_a_function_is_that_of_calculus(tmp_path: Path):
    """½‖Wx + b − y‖² has the gradient (Wx + b − y) xᵀ."""
    given = arguments()
    found = gradient.source(squared, "W", tmp_path)(given)
    want = (given["W"] @ given["x"] + given["b"] - given["y"]) @ given["x"].T
    assert found == pytest.approx(want, rel=1e-12)


@pytest.mark.parametrize(
    ("by", "text"),
    [
        ("W", "(a - y) x^T"),
        ("b", r"\sum_i (a_i - y_i)"),
        ("x", "W^T (a - y)"),
        ("z", "a - y"),
        ("a", "-y/a + (1 - y)/(1 - a)"),
    ],
)
def test_the_gradient_of_a_formula_is_that_of_calculus(by: str, text: str, tmp_path: Path):
    """The logistic loss is differentiated by any letter, defined ones included."""
    loss = gradient.formula_loss(LOSS, KNOWN, by)
    source = gradient.source(loss, by, tmp_path)
    want = formula.want(KNOWN, Answers("loss", sources=(source,)))
    assert formula.judge(text, want).correct
    assert not formula.judge(f"2 ({text})", want).correct


def test_the_gradient_agrees_with_differences(tmp_path: Path):
    """Central differences of the formula give the same numbers."""
    loss = gradient.formula_loss(LOSS, KNOWN, "W")
    rng = np.random.default_rng(1)
    given = {
        "x": rng.normal(size=(2, 4)),
        "y": np.array([[0.0, 1.0, 1.0, 0.0]]),
        "W": rng.normal(size=(1, 2)),
        "b": rng.normal(size=(1, 1)),
        "n": 2,
        "m": 4,
    }
    given |= {"z": np.zeros((1, 4)), "a": np.zeros((1, 4))}
    found = gradient.source(loss, "W", tmp_path)(given)
    for i in range(2):
        step = np.zeros((1, 2))
        step[0, i] = 1e-5
        above, below = (loss({**given, "W": given["W"] + sign * step}) for sign in (1, -1))
        assert found[0, i] == pytest.approx((above - below) / 2e-5, rel=1e-6)


def test_values_are_kept_and_torch_is_not_needed_again(tmp_path: Path):
    """A second run finds the values on disk and never imports torch."""
    code = (
        "import sys\n"
        "sys.path.insert(0, '.')\n"
        "from tests.formula.test_gradient import KNOWN, LOSS\n"
        "from grader import formula\n"
        "from grader.formula import gradient\n"
        "loss = gradient.formula_loss(LOSS, KNOWN, 'W')\n"
        "source = gradient.source(loss, 'W')\n"
        "want = formula.want(KNOWN, formula.Answers('kept', sources=(source,)))\n"
        "assert formula.judge('(a - y) x^T', want).correct\n"
        "print('torch' in sys.modules)\n"
    )
    root = Path(__file__).resolve().parents[2]
    environment = {"GRADER_CACHE": str(tmp_path), "PATH": "/usr/bin:/bin"}
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            cwd=root,
            env=environment,
        ).stdout.strip()
        for _ in range(2)
    ]
    assert said == ["True", "False"]


@pytest.mark.parametrize(
    "damage", [b"", b"\x93NUMPY", b"cos\nsystem\n(S'true'\ntR.", b"\x00" * 200]
)
def test_a_damaged_cache_is_as_good_as_none(damage: bytes, tmp_path: Path):
    """Kept values that cannot be read are worked out again, and never run."""
    given = arguments()
    source = gradient.source(squared, "W", tmp_path)
    want = source(given)
    for path in tmp_path.iterdir():
        path.write_bytes(damage)
    assert source(given) == pytest.approx(want)


def test_kept_values_of_another_shape_or_without_value_are_not_believed(tmp_path: Path):
    """Whatever lies in the cache has to be what was asked for."""
    given = arguments()
    source = gradient.source(squared, "W", tmp_path)
    want = source(given)
    for other in (np.zeros((2, 2)), np.full((1, 3), np.nan), np.zeros((1, 3), dtype=int)):
        for path in tmp_path.iterdir():
            with path.open("wb") as file:
                np.save(file, other)
        assert source(given) == pytest.approx(want)


def test_a_loss_that_changed_is_differentiated_again(tmp_path: Path):
    """Values are kept by content: another loss has others."""
    given = arguments()
    one = gradient.source(squared, "W", tmp_path)(given)
    other = gradient.source(lambda symbols: squared(symbols) * 3, "W", tmp_path)(given)
    assert other == pytest.approx(3 * one)


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path):
    """Without a cache the gradient is the same."""
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    given = arguments()
    assert gradient.source(squared, "W", blocked)(given) == pytest.approx(
        gradient.source(squared, "W", tmp_path)(given)
    )


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (lambda symbols: 1.0, "does not give a tensor"),
        (lambda symbols: symbols["y"].sum(), "depends on 'W'"),
        (lambda symbols: symbols["W"] @ symbols["x"], "does not give a tensor"),
    ],
)
def test_what_cannot_be_differentiated_is_a_fault_of_ours(loss: Any, words: str, tmp_path: Path):
    """The teacher is told what a loss has to be."""
    with pytest.raises(ReferenceFault, match=words):
        gradient.source(loss, "W", tmp_path)(arguments())


def test_an_unknown_variable_is_a_fault_of_ours(tmp_path: Path):
    """It is named with the letters that there are."""
    with pytest.raises(ReferenceFault, match="'V' is not among the symbols W, b, x, y"):
        gradient.source(squared, "V", tmp_path)(arguments())


@pytest.mark.parametrize("text", ["q + 1", "W x +", "x x"])
def test_a_loss_that_is_no_formula_is_a_fault_of_ours(text: str):
    """It is found before any answer is looked at."""
    with pytest.raises(ReferenceFault):
        gradient.formula_loss(text, KNOWN, "W")
