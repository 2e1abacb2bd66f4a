"""Decision regions, against the figures and against pictures made by mirroring."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference import regions

# The first call of a library is slow, and no fact about the values
unhurried = settings(deadline=None, max_examples=50)

# Read off the handout's figures, the top row first
FIGURES = {
    0: "-+/+-",
    1: "+--+/-++-/-++-/+--+",
    2: "+--++--+/-++--++-/-++--++-/+--++--+/+--++--+/-++--++-/-++--++-/+--++--+",
}

# slip, n, the picture that it draws
SLIPS = [
    ("xor", 0, "+-/-+"),
    ("both", 0, "-+/--"),
    ("either", 0, "++/-+"),
    ("added", 0, "0+/-0"),
    ("threshold_at_zero", 0, "++/++"),
    ("threshold_at_one", 0, "++/++"),
    ("checkerboard_by_translation", 1, "-+-+/+-+-/-+-+/+-+-"),
    ("fold_at_two", 1, "-+++/-+++/-+++/+---"),
    ("no_fold", 1, "-+++/-+++/-+++/+---"),
    ("threshold_at_one", 1, "--++/--++/++--/++--"),
    ("period_two_without_mirror", 1, "-+++/-+++/-+++/+---"),
    ("too_few_thresholds", 1, "-+++/-+++/-+++/+---"),
    (
        "shifted_and_negated",
        2,
        "-++-+--+/+--+-++-/+--+-++-/-++-+--+/+--+-++-/-++-+--+/-++-+--+/+--+-++-",
    ),
]

# slip, the signs along one axis for n = 2
ALONG_ONE_AXIS = [
    ("network", "-++--++-"),
    ("smallest_fold_first", "-++-----"),
    ("smallest_distance_first", "+++++--+"),
    ("shifted_and_negated", "-++-+--+"),
    ("fold_at_two", "-++++++-"),
    ("no_fold", "-+++++++"),
    ("period_two_without_mirror", "-+++-+++"),
    ("checkerboard_by_translation", "-+-+-+-+"),
]

# Slips draw the right picture where there is nothing yet to do wrong
RIGHT_FOR_ONE_FOLD = {"smallest_fold_first", "smallest_distance_first", "shifted_and_negated"}
EVERY_SLIP = sorted({name for name, _, _ in SLIPS} | RIGHT_FOR_ONE_FOLD)


def drawn(picture):
    return "/".join("".join("-0+"[int(np.sign(v)) + 1] for v in row) for row in picture)


@pytest.mark.parametrize(("n", "figure"), FIGURES.items())
@pytest.mark.parametrize("construction", ["network", "one_layer", "threshold_layer"])
def test_the_figures(construction, n, figure):
    """Deep, periodic or with many thresholds, a right network draws the handout's figure."""
    assert drawn(regions.pattern(n=n, of=construction)) == figure


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_a_picture_is_the_smaller_one_mirrored(n):
    """Unfolding to the right and upwards makes the picture of n from that of n - 1."""
    smaller = regions.pattern(n=n - 1)
    wide = np.hstack([smaller, smaller[:, ::-1]])
    assert (regions.pattern(n=n) == np.vstack([wide[::-1], wide])).all()


@given(st.integers(0, 6), st.data())
@unhurried
def test_other_formulas_say_the_same(n, data):
    """Cosine, parities of floors and alternating steps agree with the folds, inside the cells."""
    cells = st.integers(0, 2 ** (n + 1) - 1)
    inside = st.floats(0.01, 0.49)
    x1, x2 = (0.5 * data.draw(cells) + data.draw(inside) for _ in range(2))
    sign = regions.network(x1=x1, x2=x2, n=n)
    assert sign == regions.one_layer(x1=x1, x2=x2, n=n)
    assert sign == regions.threshold_layer(x1=x1, x2=x2, n=n)
    assert sign == np.sign(np.cos(np.pi * x1) * np.cos(np.pi * x2))
    assert sign == (-1) ** (int(x1 + 0.5) + int(x2 + 0.5))
    assert sign == (-1) ** (int(2 * x1) + int(x1) + int(2 * x2) + int(x2))
    steps = [-1 + 2 * sum((-1) ** k * (x >= k + 0.5) for k in range(2**n)) for x in (x1, x2)]
    assert sign == steps[0] * steps[1]


@given(st.integers(0, 6), st.data())
@unhurried
def test_a_chain_of_moduli_says_the_same(n, data):
    """|z - 2^(n-j)| turns both axes round, and their product stays."""
    cells = st.integers(0, 2 ** (n + 1) - 1)
    x1, x2 = (0.25 + 0.5 * data.draw(cells) for _ in range(2))
    z1, z2 = x1, x2
    for layer in range(1, n + 1):
        z1, z2 = abs(z1 - 2 ** (n - layer)), abs(z2 - 2 ** (n - layer))
    product = (1 if z1 >= 0.5 else -1) * (1 if z2 >= 0.5 else -1)
    assert regions.network(x1=x1, x2=x2, n=n) == product


@given(st.floats(0, 2))
@unhurried
def test_a_fold_can_be_written_in_many_ways(x):
    """min(x, 2 - x), 1 - |x - 1| and a pair of ReLUs are the fold at 1."""
    folded = regions.fold(x=x, at=1)
    assert folded == regions.z1(x1=x) == regions.z2(x2=x)
    assert folded == min(x, 2 - x)
    assert folded == pytest.approx(1 - abs(x - 1), abs=1e-15)
    assert folded == pytest.approx(max(x, 0) - 2 * max(x - 1, 0), abs=1e-15)


def test_the_layers_make_the_figures_together():
    """f11, f12 and g make figure 1(b); with z1 and z2 before them, figure 1(c)."""
    x1, x2 = np.meshgrid(regions.centres(n=0), regions.centres(n=0)[::-1])
    small = regions.g(h11=regions.f11(x1=x1), h12=regions.f12(x2=x2))
    assert drawn(small) == FIGURES[0]
    x1, x2 = np.meshgrid(regions.centres(n=1), regions.centres(n=1)[::-1])
    h11, h12 = regions.f11(x1=regions.z1(x1=x1)), regions.f12(x2=regions.z2(x2=x2))
    assert drawn(regions.g(h11=h11, h12=h12)) == FIGURES[1]


def test_g_is_the_truth_table_of_xnor():
    """Equal signs give +1."""
    table = {(a, b): regions.g(h11=a, h12=b) for a in (1, -1) for b in (1, -1)}
    assert table == {(1, 1): 1, (1, -1): -1, (-1, 1): -1, (-1, -1): 1}


def test_the_units_grow_by_two_a_layer():
    """2n + 3: five for one fold, thirteen for five; one layer of thresholds needs 2^(n+1)."""
    assert [regions.units(n=n) for n in (1, 2, 3, 5)] == [5, 7, 9, 13]
    for n in range(6):
        units = 0
        for _ in range(n):
            units += len(("fold x1", "fold x2"))
        units += len(("f11", "f12")) + len(("g",))
        assert regions.units(n=n) == units


def test_a_layer_of_thresholds_pays_for_every_change_of_sign():
    """Each change of sign along an axis needs a unit of its own."""
    for n in range(6):
        changes = (np.diff(regions.pattern(n=n)[0]) != 0).sum()
        assert regions.threshold_units(n=n) == 2 * changes


@pytest.mark.parametrize(("slip", "n", "picture"), SLIPS)
def test_a_slip_draws_its_own_picture(slip, n, picture):
    """Each slip yields the pattern that students hand in for it."""
    assert drawn(regions.pattern(n=n, of=slip)) == picture


@pytest.mark.parametrize(("construction", "signs"), ALONG_ONE_AXIS)
def test_the_signs_along_one_axis(construction, signs):
    """Divided by the first column, a row of the picture shows what happens to one input."""
    bottom = regions.pattern(n=2, of=construction)[-1]
    first = -1 if signs[0] == "-" else 1
    assert drawn([bottom * first]) == signs


@pytest.mark.parametrize("slip", EVERY_SLIP)
def test_a_slip_is_told_apart_from_the_picture(slip):
    """At the size where a slip can be made, it changes at least a quarter of the cells."""
    for n in (2, 3):
        wrong = regions.pattern(n=n, of=slip) != regions.pattern(n=n)
        assert wrong.mean() >= 0.25


@pytest.mark.parametrize("slip", sorted(RIGHT_FOR_ONE_FOLD))
def test_some_slips_show_from_the_second_fold_on(slip):
    """With one fold there is no order to get wrong."""
    for n in (0, 1):
        assert (regions.pattern(n=n, of=slip) == regions.pattern(n=n)).all()


@pytest.mark.parametrize("n", [2, 3, 4])
def test_shifting_and_negating_is_wrong_in_half_of_the_cells(n):
    """The formula that fits figure 1(c) by chance is as good as guessing beyond it."""
    wrong = regions.pattern(n=n, of="shifted_and_negated") != regions.pattern(n=n)
    assert wrong.mean() == 0.5


@pytest.mark.parametrize("n", [2, 3, 4])
def test_folding_at_one_in_every_layer_is_the_smallest_fold_first(n):
    """After a fold at 1 nothing lies beyond 1, so neither repeating it nor going on does work."""
    along = regions.centres(n=n)
    once = regions.fold(x=along, at=1)
    again = once
    for layer in range(1, n):
        assert (regions.fold(x=again, at=2.0**layer) == once).all()
        again = regions.fold(x=again, at=1)
    assert (again == once).all()


def test_points_may_come_in_any_shape():
    """A network takes single numbers, lists and arrays alike, and leaves them as they are."""
    x1, x2 = np.full((2, 3), 0.25), np.full((2, 3), 3.75)
    assert regions.network(x1=x1, x2=x2, n=2).tolist() == [[1] * 3] * 2
    assert regions.network(x1=[0.25, 0.75], x2=[0.25, 0.25], n=2).tolist() == [1, -1]
    assert regions.network(x1=0.25, x2=0.25, n=2) == 1
    assert (x1 == 0.25).all()
    assert (x2 == 3.75).all()


@pytest.mark.parametrize("n", [-1, 0.5, 13, True, float("nan")])
def test_a_range_that_is_no_power_of_two_is_refused(n):
    """n counts the doublings of the range."""
    with pytest.raises(ValueError, match="n"):
        regions.pattern(n=n)


def test_an_unknown_construction_is_refused():
    """A name in a rubric is one of the constructions, and no other attribute of the file."""
    with pytest.raises(ValueError, match="no construction 'np'"):
        regions.pattern(n=1, of="np")


def test_points_inside_a_cell_have_its_sign():
    """Away from the centre, but not on a border, nothing changes."""
    for middle, off in zip(
        regions.cells(sizes=[0, 1, 3]), regions.inside(sizes=[0, 1, 3]), strict=True
    ):
        signs = regions.network(**middle)
        assert (np.abs(off["x1"] - middle["x1"]) < 0.25).all()
        assert (regions.network(**off) == signs).all()


@pytest.mark.parametrize("slip", ["checkerboard_by_translation", "no_fold", "smallest_fold_first"])
def test_cells_of_a_larger_picture_tell_the_slips_apart(slip):
    """They lie so that neither x mod 1 nor x mod 2 gives all of them their signs."""
    (cells,) = regions.cells(sizes=[], beyond=[5])
    right = regions.network(**cells)
    assert np.isin(cells["x1"], regions.centres(n=5)).all()
    assert (getattr(regions, slip)(**cells) != right).mean() > 0.25
