"""A closed expression has its IEEE value, or is unreadable; it is never slow."""

import contextlib
import math
from collections.abc import Callable
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import Unreadable
from grader.formula import value

Sum: TypeAlias = "float | tuple[str, Sum, Sum]"


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("-ln(0.1)", -math.log(0.1)),
        (r"\frac{1}{2}", 0.5),
        (r"\frac12", 0.5),
        ("½", 0.5),
        ("ln 10", math.log(10)),
        ("2^{10}", 1024),
        ("2**-1", 0.5),
        ("10⁻³", 1e-3),
        ("1e-3", 1e-3),
        ("(3*3*3+1)*64", 1792),
        ("3×3×64×64 + 64", 36928),
        (r"-\log_{10} 0.6", -math.log10(0.6)),
        ("log_2 8", 3),
        ("log2(8)", 3),
        ("√2", math.sqrt(2)),
        (r"\sqrt[3]{8}", 2),
        (r"\left|-3\right|", 3),
        ("5!", 120),
        ("50%", 0.5),
        ("7 mod 3", 1),
        ("0,5", 0.5),
        ("138,357,544", 138357544),
        ("max(1,2)", 2),
        ("2(3+4)", 14),
        ("2^3^2", 512),
        ("-2^2", -4),
        ("1/2/2", 0.25),
        ("2π", 2 * math.pi),
        ("sin^2(1) + cos^2(1)", 1),
        ("-(1·ln 0.1 + 0·ln 0.4)", -math.log(0.1)),
        (r"\sum_{k=1}^{10} k^2", 385),
        (r"\prod_{k=1}^{5} k", 120),
        ("1 if 2 > 1 else 0", 1),
        ("= 5", 5),
        ("$ 2 + 2 $", 4),
        ("math.sqrt(2) * np.log(10)", math.sqrt(2) * math.log(10)),
        ("∞", math.inf),
        ("ln 0", -math.inf),
        ("9**9**9", math.inf),
        ("10^{10^8}", math.inf),
    ],
)
def test_the_value_of_an_expression(text: str, want: float):
    """The notations of a sheet mean what they mean on paper."""
    assert value(text) == pytest.approx(want, rel=1e-14)


@pytest.mark.parametrize("text", ["0·ln 0", "inf - inf", "0/0", "ln(-1)"])
def test_what_has_no_value_is_not_a_number(text: str):
    """Arithmetic is that of floating point; nobody guesses a limit."""
    assert math.isnan(value(text))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", None),
        ("hello", 0),
        ("1 +", 3),
        ("3 4", 2),
        ("(1 + 2", 0),
        ("1 + 2)", 5),
        ("2 ++", 4),
        ("ln", 2),
        (r"\frac{1}", 8),
        ("2 x", 2),
        ("__import__('os')", None),
        ("[1, 2]", None),
    ],
)
def test_what_is_no_expression_is_unreadable_at_its_place(text: str, place: int | None):
    """The caret stands where reading stopped."""
    with pytest.raises(Unreadable) as trouble:
        value(text)
    assert trouble.value.text == text
    if place is not None:
        assert trouble.value.position == place


def test_names_may_be_given():
    """Numbers that a question gives are known by their names."""
    assert value("2^n - x_1", {"n": 3, "x1": 0.5}) == 7.5


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000,
        "1" + "+1" * 500_000,
        "-" * 3_000 + "1",
        "1" + "!" * 3_000,
        "2^" * 3_000 + "2",
        "|" * 3_000,
        "{" * 5_000 + "}" * 5_000,
        r"\frac" * 3_000,
        "√" * 3_000 + "2",
        "9" * 100_000,
        "\u202e1",
        "\ud800",
        r"\sum_{k=1}^{10^{9}} k",
        "if " * 1_000,
        "1 if " * 500 + "1",
    ],
)
def test_hostile_text_is_a_value_or_unreadable(text: str):
    """Nothing that can be typed raises anything else."""
    with contextlib.suppress(Unreadable):
        assert isinstance(value(text), float)


def sums() -> st.SearchStrategy[Sum]:
    leaf = st.integers(1, 99).map(float) | st.sampled_from([0.5, 0.25, 12.5])
    return st.recursive(
        leaf, lambda inner: st.tuples(st.sampled_from("+-*/"), inner, inner), max_leaves=12
    )


def computed(tree: Sum) -> float:
    if isinstance(tree, float):
        return tree
    sign, left, right = tree
    a, b = computed(left), computed(right)
    if sign == "/":
        return a / b if b else (math.nan if a == 0 else math.copysign(math.inf, a))
    return {"+": a + b, "-": a - b, "*": a * b}[sign]


SIGNS: dict[str, dict[str, Callable[[str, str], str]]] = {
    "latex": {
        "+": r"\left({} + {}\right)".format,
        "-": r"\left({} - {}\right)".format,
        "*": r"{} \cdot {}".format,
        "/": r"\frac{{{}}}{{{}}}".format,
    },
    "unicode": {
        "+": "({} + {})".format,
        "-": "({} − {})".format,
        "*": "({} × {})".format,
        "/": "({} ÷ {})".format,
    },
    "code": {
        "+": "({}+{})".format,
        "-": "({}-{})".format,
        "*": "({}*{})".format,
        "/": "({}/{})".format,
    },
}


def written(tree: Sum, hand: str) -> str:
    if isinstance(tree, float):
        return f"{tree:g}"
    sign, left, right = tree
    return SIGNS[hand][sign](written(left, hand), written(right, hand))


@pytest.mark.parametrize("hand", sorted(SIGNS))
@given(tree=sums())
@settings(max_examples=60, deadline=None)
def test_arithmetic_is_arithmetic_in_every_notation(hand: str, tree: Sum):
    """What Python computes from the tree is what the room reads from the page."""
    want = computed(tree)
    if math.isfinite(want):
        assert value(written(tree, hand)) == pytest.approx(want, rel=1e-9, abs=1e-9)
