"""Plain arithmetic has the value that the formula room gives it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import formula
from grader.errors import Unreadable
from grader.kinds import _arithmetic


def long_way(text: str) -> float | None:
    try:
        return formula.value(text)
    except Unreadable:
        return None


SUMS = st.recursive(
    st.integers(0, 999).map(str) | st.decimals(0, 99, places=2).map(str),
    lambda part: (
        st.tuples(part, st.sampled_from("+-*/"), part).map("".join)
        | part.map("({})".format)
        | part.map("(-{})".format)
    ),
    max_leaves=8,
)


@given(SUMS)
def test_both_ways_come_to_the_same(text: str):
    """(3*3*16 + 1) * 32 is 4640, whoever computes it."""
    value = _arithmetic.value(text)
    if value is not None:
        assert math.isclose(value, long_way(text) or 0.0, rel_tol=1e-12, abs_tol=1e-12)


@given(st.text(alphabet="0123456789.+-*/() ", max_size=30))
def test_what_has_no_value_the_long_way_has_none_the_short_way(text: str):
    """A slip of the pen is no sum."""
    value = _arithmetic.value(text)
    assert value is None or math.isclose(value, long_way(text) or 0.0, rel_tol=1e-12)


@pytest.mark.parametrize(
    "text", ["", "()", "2 (3)", "3 4", "1/0", "2*-3", "3)*2", "(3", "1+", "ln 2"]
)
def test_the_rest_is_left_to_the_long_way(text: str):
    """Products without a sign, and what is no sum at all, need a closer look."""
    assert _arithmetic.value(text) is None
