"""Samples look random, depend on a text alone, and keep apart what is to be told apart."""

import numpy as np
import pytest

from grader import formula
from grader.formula import samples


def test_the_same_text_gives_the_same_numbers_anywhere():
    """SplitMix64 from the seed 0 begins with these numbers (Vigna's reference program)."""
    bits = np.floor(samples.Draws("").shares((3,)) * 2.0**53)
    known = (0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F)
    assert bits.tolist() == [number >> 11 for number in known]


def test_numbers_fill_their_range_evenly():
    """Each tenth of it gets its share, and neighbours know nothing of each other."""
    shares = samples.Draws("q7").shares((20_000,))
    counts = np.histogram(shares, 10, (0.0, 1.0))[0]
    assert np.abs(counts - 2000).max() < 200
    assert abs(float(np.corrcoef(shares[:-1], shares[1:])[0, 1])) < 0.03


@pytest.mark.parametrize("seed", ["a", "b", "c", "d", "e", "f"])
@pytest.mark.parametrize(
    "shapes",
    [[["m", "n"]], [["m", "n"], ["n", "p"]], [["m", 3], ["n", 2], ["p", "k"]], [["N", "d"]]],
)
def test_no_size_is_another_or_what_it_was(seed: str, shapes: list[list[int | str]]):
    """Sizes differ within a set, and each of them from set to set: 1/n is no constant."""
    known = formula.notation({f"A_{i}": shape for i, shape in enumerate(shapes)})
    sets = [batch.sizes for batch in samples.draw(known, seed)]
    fixed = [size for shape in shapes for size in shape if isinstance(size, int)]
    for sizes in sets:
        every = [*sizes.values(), *fixed]
        assert len(set(every)) == len(every)
    assert all(sets[0][name] != sets[1][name] for name in sets[0])


def test_labels_are_labels():
    """Both classes occur in each sample, and a column of one-hot labels holds a single one."""
    symbols = {
        "y": {"shape": [1, "m"], "values": "binary"},
        "T": {"shape": ["c", "m"], "values": "one-hot"},
    }
    for batch in samples.draw(formula.notation(symbols, None, {"samples": "m"}), "labels"):
        y, t = batch.leaves["y"], batch.leaves["T"]
        assert set(np.unique(y)) == {0.0, 1.0}
        assert (y.min(axis=2) == 0).all()
        assert (y.max(axis=2) == 1).all()
        assert (t.sum(axis=1) == 1).all()
        assert set(np.unique(t)) == {0.0, 1.0}
