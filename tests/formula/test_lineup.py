"""A line-up finds every slip that has an answer's values, and takes up none that is far off."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from grader.formula.compare import Values, equal, turned
from grader.formula.lineup import Lineup, Slip

SHAPES = [(4, 2, 3), (4, 3, 2), (4, 1, 3)]


def values(seed: int, shape: tuple[int, int, int], factor: float = 1.0) -> Values:
    rng = np.random.default_rng(seed)
    return Values((rng.normal(size=shape) * factor, rng.normal(size=shape) * factor))


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(SHAPES)), max_size=8),
    st.integers(0, 3),
    st.sampled_from(SHAPES),
)
def test_the_slips_alike_are_those_that_are_equal(listed, seed, shape):
    """One look gives what a comparison with each gives, in their order."""
    slips = [Slip((str(i),), values(*each)) for i, each in enumerate(listed)]
    got = values(seed, shape)
    found = list(Lineup(slips).alike(got))
    assert [slip.ids for slip in found] == [s.ids for s in slips if equal(got, s.values)]


@given(st.floats(0.01, 100), st.sampled_from([1, -1]), st.sampled_from(SHAPES))
def test_a_multiple_is_taken_up(size, sign, shape):
    """Whatever the factor; another formula's values are not."""
    slips = [Slip(("mine",), values(1, shape)), Slip(("other",), values(2, shape))]
    got = values(1, shape, sign * size)
    assert [slip.ids for slip in Lineup(slips).akin(got, turned(got))] == [("mine",)]


def test_a_transpose_is_taken_up():
    """The values laid out the other way about may be a slip's."""
    got = values(1, (4, 2, 3))
    lineup = Lineup([Slip(("turned",), turned(got)), Slip(("other",), values(2, (4, 3, 2)))])
    assert [slip.ids for slip in lineup.akin(got, turned(got))] == [("turned",)]


def test_where_there_is_no_value_nothing_is_ruled_out():
    """A sample without a value is left out, as long as half of them remain."""
    want = values(1, (4, 2, 3))
    got = Values(tuple(array.copy() for array in want.arrays))
    got.arrays[0][0] = np.nan
    got.arrays[0][1] = np.inf
    assert [slip.ids for slip in Lineup([Slip(("same",), want)]).alike(got)] == [("same",)]
