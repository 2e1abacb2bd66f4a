"""Decision regions that unfold: a sign pattern on [0, 2^n]² from n folds and two thresholds.

On [0, 1]² the four cells of side 0.5 read `- +` over `+ -`. Each doubling of the range mirrors
what was there, along x1 and along x2. Signs are +1 and -1; on the borders of cells either will do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

Array: TypeAlias = "npt.NDArray[np.float64]"
Network: TypeAlias = Callable[..., Array]


def f11(*, x1: npt.ArrayLike) -> Array:
    """Return the sign of x1 - 0.5: the first hidden unit.

    Shapes:   x1 (...) -> (...)
    Units:    sign, +1 or -1
    Error:    exact
    Source:   Goodfellow, Bengio and Courville 2016, section 6.1 (XOR by a hidden layer)
    Checked:  the figure on [0, 1]², by way of g
    """
    return _threshold(x1, 0.5)


def f12(*, x2: npt.ArrayLike) -> Array:
    """Return the sign of x2 - 0.5: the second hidden unit.

    Shapes:   x2 (...) -> (...)
    Units:    sign, +1 or -1
    Error:    exact
    Source:   Goodfellow, Bengio and Courville 2016, section 6.1 (XOR by a hidden layer)
    Checked:  the figure on [0, 1]², by way of g
    """
    return _threshold(x2, 0.5)


def g(*, h11: npt.ArrayLike, h12: npt.ArrayLike) -> Array:
    """Return h11 h12: +1 where both signs agree.

    Shapes:   h11, h12 (...) -> (...)
    Units:    sign, +1 or -1
    Error:    exact
    Source:   Goodfellow, Bengio and Courville 2016, section 6.1 (its XOR, negated)
    Checked:  the truth table of XNOR
    """
    return np.asarray(h11, dtype=np.float64) * np.asarray(h12, dtype=np.float64)


def fold(*, x: npt.ArrayLike, at: float) -> Array:
    """Return 2·at - x where x >= at, else x: the line folded over at one point.

    Shapes:   x (...), at scalar -> (...)
    Units:    those of x
    Error:    exact for the multiples of 2^-20 up to 2^20
    Source:   Goodfellow, Bengio and Courville 2016, section 6.4.1 (figure 6.5)
    Checked:  at - |x - at|, min(x, 2·at - x), a pair of ReLUs
    """
    points = np.asarray(x, dtype=np.float64)
    return np.where(points >= at, 2 * at - points, points)


def z1(*, x1: npt.ArrayLike) -> Array:
    """Return x1 folded at 1: what the added layer hands to f11 on [0, 2].

    Shapes:   x1 (...) -> (...)
    Units:    those of x1
    Error:    exact for the multiples of 2^-20 up to 2^20
    Source:   Goodfellow, Bengio and Courville 2016, section 6.4.1
    Checked:  the figure on [0, 2]², by way of f11, f12 and g
    """
    return fold(x=x1, at=1)


def z2(*, x2: npt.ArrayLike) -> Array:
    """Return x2 folded at 1: what the added layer hands to f12 on [0, 2].

    Shapes:   x2 (...) -> (...)
    Units:    those of x2
    Error:    exact for the multiples of 2^-20 up to 2^20
    Source:   Goodfellow, Bengio and Courville 2016, section 6.4.1
    Checked:  the figure on [0, 2]², by way of f11, f12 and g
    """
    return fold(x=x2, at=1)


def network(*, x1: npt.ArrayLike, x2: npt.ArrayLike, n: int) -> Array:
    """Return the sign at (x1, x2) in [0, 2^n]²: n layers of folds, the largest first, then f and g.

    Layer j folds both inputs at 2^(n-j), so that after n layers they lie in [0, 1].

    Shapes:   x1, x2 (...), n scalar -> (...)
    Units:    sign, +1 or -1
    Error:    exact at the centres of cells
    Source:   Montúfar, Pascanu, Cho and Bengio 2014 (folding); Goodfellow et al. 2016, 6.4.1
    Checked:  the figures; mirroring the picture of n - 1; -sign cos πx1 · -sign cos πx2
    """
    for layer in range(1, _whole(n) + 1):
        at = 2.0 ** (n - layer)
        x1, x2 = fold(x=x1, at=at), fold(x=x2, at=at)
    return _read_off(x1, x2)


def units(*, n: int) -> int:
    """Return 2n + 3, the units of `network`: two a fold layer, two thresholds, one output.

    Shapes:   n scalar -> scalar
    Units:    units
    Error:    exact integer
    Source:   the construction of `network`
    Checked:  counting the calls of a network that is built unit by unit
    """
    return 2 * _whole(n) + 3


def one_layer(*, x1: npt.ArrayLike, x2: npt.ArrayLike, n: int) -> Array:
    """Return the sign at (x1, x2) in [0, 2^n]² from two hidden units that have period 2.

    h_i = f(1 - |x_i - 2⌊x_i/2⌋ - 1|), which is the same for every n.

    Shapes:   x1, x2 (...), n scalar -> (...)
    Units:    sign, +1 or -1
    Error:    exact at the centres of cells
    Source:   the symmetry of the picture: mirrored about each whole number
    Checked:  `network`, `threshold_layer`, -sign cos πx1 · -sign cos πx2
    """
    _whole(n)
    return _read_off(_triangle_wave(x1), _triangle_wave(x2))


def threshold_layer(*, x1: npt.ArrayLike, x2: npt.ArrayLike, n: int) -> Array:
    """Return the sign at (x1, x2) from one layer of plain threshold units, 2^n for each axis.

    h_i = -1 + 2 Σ_k (-1)^k 1[x_i >= k + 0.5] over k = 0 ... 2^n - 1, and then h_1 h_2.

    Shapes:   x1, x2 (...), n scalar -> (...)
    Units:    sign, +1 or -1
    Error:    exact at the centres of cells
    Source:   the price of one layer: Montúfar, Pascanu, Cho and Bengio 2014
    Checked:  `network`, `one_layer`
    """
    return _steps(x1, 2 ** _whole(n)) * _steps(x2, 2**n)


def threshold_units(*, n: int) -> int:
    """Return 2^(n+1), the hidden units of `threshold_layer`.

    Shapes:   n scalar -> scalar
    Units:    units
    Error:    exact integer
    Source:   the construction of `threshold_layer`
    Checked:  the changes of sign along both axes
    """
    return int(2 ** (_whole(n) + 1))


def centres(*, n: int) -> Array:
    """Return the centres 0.25 + 0.5 k of the cells along one axis of [0, 2^n], in order.

    Shapes:   n scalar -> (2^(n+1),)
    Units:    those of x1
    Error:    exact
    Source:   the figure's cells of side 0.5
    Checked:  by hand for n = 0
    """
    return 0.25 + 0.5 * np.arange(2 ** (_whole(n) + 1))


def cells(*, sizes: Sequence[int], beyond: Sequence[int] = ()) -> list[dict[str, Array | int]]:
    """Return x1 and x2 at the cells' centres on [0, 2^n]² for each n of `sizes`, top row first.

    Of the pictures for each n > 2 of `beyond` it is cells that lie apart, at most 64.

    Shapes:   sizes (k,) -> k times x1, x2 (2^(n+1), 2^(n+1)) and n; beyond -> x1, x2 (64,) and n
    Units:    those of the inputs
    Error:    exact
    Source:   the figure's cells of side 0.5
    Checked:  `pattern`
    """
    found: list[dict[str, Array | int]] = []
    for n in sizes:
        along = centres(n=n)
        x1, x2 = np.meshgrid(along, along[::-1])
        found.append({"x1": x1, "x2": x2, "n": n})
    for n in beyond:
        along = centres(n=n)
        # One more than an eighth, so that the columns differ in where they lie in a period
        apart = along[:: len(along) // 8 + 1]
        x1, x2 = np.meshgrid(apart, apart[::-1])
        found.append({"x1": x1.ravel(), "x2": x2.ravel(), "n": n})
    return found


def inside(*, sizes: Sequence[int]) -> list[dict[str, Array | int]]:
    """Return two points of each cell on [0, 2^n]² that lie off its centre, for each n of `sizes`.

    Shapes:   sizes (k,) -> k times x1, x2 (2, 2^(n+1), 2^(n+1)) and n
    Units:    those of the inputs
    Error:    exact to 1e-15
    Source:   the figure's cells of side 0.5
    Checked:  `network` has the sign of the cell there
    """
    off1, off2 = np.reshape([-0.17, 0.13], (2, 1, 1)), np.reshape([0.11, -0.19], (2, 1, 1))
    return [
        {"x1": each["x1"] + off1, "x2": each["x2"] + off2, "n": each["n"]}
        for each in cells(sizes=sizes)
    ]


def pattern(*, n: int, of: str = "network") -> Array:
    """Return the signs of a construction at the cells' centres on [0, 2^n]², the top row first.

    `of` names a function of this file that takes x1, x2 and n, right or wrong.

    Shapes:   n scalar -> (2^(n+1), 2^(n+1)), x2 downwards along rows, x1 along columns
    Units:    sign, +1 or -1
    Error:    exact
    Source:   the assignment's figures for n = 0 and 1
    Checked:  the figures, and the mirrored picture of n - 1
    """
    if of not in _CONSTRUCTIONS:
        raise ValueError(f"no construction {of!r}: there are {', '.join(_CONSTRUCTIONS)}")
    along = centres(n=n)
    x1, x2 = np.meshgrid(along, along[::-1])
    return _CONSTRUCTIONS[of](x1=x1, x2=x2, n=n)


# What follows are slips: constructions that draw another picture. All take what `network` takes.


def xor(*, x1: npt.ArrayLike, x2: npt.ArrayLike, n: int) -> Array:
    """Return the picture with all signs exchanged: XOR where XNOR is meant.

    Shapes:   x1, x2 (...), n scalar -> (...)
    Units:    sign, +1 or -1
    Error:    exact at the centres of cells
    Source:   a slip, not a definition
    Checked:  the written pattern
    """
    return -network(x1=x1, x2=x2, n=n)


def both(*, x1: npt.ArrayLike, x2: npt.ArrayLike, n: int) -> Array:
    """Return the picture with AND for g, which no threshold on h11 + h12 can turn into XNOR.

    Shapes:   x1, x2 (...), n scalar -> (...)
    Units:    sign, +1 or -1
    Error:    exact at the centres of cells
    Source:   a slip; Goodfellow, Bengio and Courville 2016, section 6.1
    Checked:  the written pattern
    """
    return np.minimum(*_hidden(x1, x2, n))


def either(*, x1: npt.ArrayLike, x2: npt.ArrayLike, n: int) -> Array:
    """Return the picture with OR for g.

    Shapes:   x1, x2 (...), n scalar -> (...)
    Units:    sign, +1 or -1
    Error:    exact at the centres of cells
    Source:   a slip; Goodfellow, Bengio and Courville 2016, section 6.1
    Checked:  the written pattern
    """
    return np.maximum(*_hidden(x1, x2, n))


def added(*, x1: npt.ArrayLike, x2: npt.ArrayLike, n: int) -> Array:
    """Return h11 + h12, a sum for the product: 2, 0 or -2.

    Shapes:   x1, x2 (...), n scalar -> (...)
    Units:    a sum of two signs
    Error:    exact at the centres of cells
    Source:   a slip; Goodfellow, Bengio and Courville 2016, section 6.1
    Checked:  the written pattern
    """
    first, second = _hidden(x1, x2, n)
    return first + second


def threshold_at_zero(*, x1: npt.ArrayLike, x2: npt.ArrayLike, n: int) -> Array:
    """Return the picture with thresholds at 0: one sign everywhere.

    Shapes:   x1, x2 (...), n scalar -> (...)
    Units:    sign, +1 or -1
    Error:    exact at the centres of cells
    Source:   a slip, not a definition
    Checked:  the written pattern
    """
    _whole(n)
    return _threshold(x1, 0) * _threshold(x2, 0)


def threshold_at_one(*, x1: npt.ArrayLike, x2: npt.ArrayLike, n: int) -> Array:
    """Return the picture with a single threshold at 1 and no fold: four blocks.

    Shapes:   x1, x2 (...), n scalar -> (...)
    Units:    sign, +1 or -1
    Error:    exact at the centres of cells
    Source:   a slip, not a definition
    Checked:  the written pattern
    """
    _whole(n)
    return _threshold(x1, 1) * _threshold(x2, 1)


def no_fold(*, x1: npt.ArrayLike, x2: npt.ArrayLike, n: int) -> Array:
    """Return the picture of f and g on the unfolded inputs.

    Shapes:   x1, x2 (...), n scalar -> (...)
    Units:    sign, +1 or -1
    Error:    exact at the centres of cells
    Source:   a slip; a layer added behind the thresholds draws this as well
    Checked:  the written pattern
    """
    _whole(n)
    return _read_off(x1, x2)


def fold_at_two(*, x1: npt.ArrayLike, x2: npt.ArrayLike, n: int) -> Array:
    """Return the picture with one fold, at 2; on [0, 2]² it is no fold at all.

    Shapes:   x1, x2 (...), n scalar -> (...)
    Units:    sign, +1 or -1
    Error:    exact at the centres of cells
    Source:   a slip, not a definition
    Checked:  the written pattern
    """
    _whole(n)
    return _read_off(fold(x=x1, at=2), fold(x=x2, at=2))


def checkerboard_by_translation(*, x1: npt.ArrayLike, x2: npt.ArrayLike, n: int) -> Array:
    """Return the picture with x mod 1 for the folds: shifted where it should be mirrored.

    Shapes:   x1, x2 (...), n scalar -> (...)
    Units:    sign, +1 or -1
    Error:    exact at the centres of cells
    Source:   a slip, not a definition
    Checked:  the written pattern
    """
    _whole(n)
    return _read_off(np.mod(x1, 1), np.mod(x2, 1))


def period_two_without_mirror(*, x1: npt.ArrayLike, x2: npt.ArrayLike, n: int) -> Array:
    """Return the picture with x mod 2 for the folds: the right period, never mirrored.

    Shapes:   x1, x2 (...), n scalar -> (...)
    Units:    sign, +1 or -1
    Error:    exact at the centres of cells
    Source:   a slip, not a definition
    Checked:  the written pattern
    """
    _whole(n)
    return _read_off(np.mod(x1, 2), np.mod(x2, 2))


def fold_at_one(*, x1: npt.ArrayLike, x2: npt.ArrayLike, n: int) -> Array:
    """Return the picture that n layers draw when each of them folds at 1.

    Shapes:   x1, x2 (...), n scalar -> (...)
    Units:    sign, +1 or -1
    Error:    exact at the centres of cells
    Source:   a slip, not a definition
    Checked:  the written pattern; right for n <= 1
    """

    def folded(x: npt.ArrayLike) -> Array:
        rest = np.asarray(x, dtype=np.float64)
        for _ in range(_whole(n)):
            rest = fold(x=rest, at=1.0)
        return rest

    return _read_off(folded(x1), folded(x2))


def smallest_fold_first(*, x1: npt.ArrayLike, x2: npt.ArrayLike, n: int) -> Array:
    """Return the picture with the folds at 1, 2, 4, ...: after the first, none finds work.

    Folding at 1 in every layer draws the same.

    Shapes:   x1, x2 (...), n scalar -> (...)
    Units:    sign, +1 or -1
    Error:    exact at the centres of cells
    Source:   a slip, also in print
    Checked:  the written pattern; right for n <= 1
    """
    for layer in range(_whole(n)):
        x1, x2 = fold(x=x1, at=2.0**layer), fold(x=x2, at=2.0**layer)
    return _read_off(x1, x2)


def smallest_distance_first(*, x1: npt.ArrayLike, x2: npt.ArrayLike, n: int) -> Array:
    """Return the picture with |x - 1|, |x - 2|, |x - 4|, ...: the wrong order in that notation.

    Shapes:   x1, x2 (...), n scalar -> (...)
    Units:    sign, +1 or -1
    Error:    exact at the centres of cells
    Source:   a slip, not a definition
    Checked:  the written pattern; right for n <= 1
    """
    for layer in range(_whole(n)):
        x1 = np.abs(np.asarray(x1, dtype=np.float64) - 2.0**layer)
        x2 = np.abs(np.asarray(x2, dtype=np.float64) - 2.0**layer)
    return _read_off(x1, x2)


def shifted_and_negated(*, x1: npt.ArrayLike, x2: npt.ArrayLike, n: int) -> Array:
    """Return the picture of f_n(x) = f_{n-1}(x), and -f_{n-1}(x - 2^(n-1)) in the upper half.

    Shapes:   x1, x2 (...), n scalar -> (...)
    Units:    sign, +1 or -1
    Error:    exact at the centres of cells
    Source:   a slip, not a definition
    Checked:  the written pattern; right for n <= 1, wrong in half of the cells beyond
    """

    def signs(x: npt.ArrayLike) -> Array:
        rest, sign = np.asarray(x, dtype=np.float64), np.ones(np.shape(x))
        for layer in range(_whole(n) - 1, -1, -1):
            upper = rest >= 2.0**layer
            rest, sign = np.where(upper, rest - 2.0**layer, rest), np.where(upper, -sign, sign)
        return sign * _threshold(rest, 0.5)

    return signs(x1) * signs(x2)


def too_few_thresholds(*, x1: npt.ArrayLike, x2: npt.ArrayLike, n: int) -> Array:
    """Return the picture of `threshold_layer` with n units an axis, 2n in all, for 2^n.

    Shapes:   x1, x2 (...), n scalar -> (...)
    Units:    sign, +1 or -1
    Error:    exact at the centres of cells
    Source:   a slip, not a definition
    Checked:  the written pattern
    """
    return _steps(x1, _whole(n)) * _steps(x2, n)


_CONSTRUCTIONS: Final[Mapping[str, Network]] = MappingProxyType(
    {
        construction.__name__: construction
        for construction in (
            network,
            one_layer,
            threshold_layer,
            xor,
            both,
            either,
            added,
            threshold_at_zero,
            threshold_at_one,
            no_fold,
            fold_at_two,
            checkerboard_by_translation,
            period_two_without_mirror,
            fold_at_one,
            smallest_fold_first,
            smallest_distance_first,
            shifted_and_negated,
            too_few_thresholds,
        )
    }
)


def _threshold(x: npt.ArrayLike, at: float) -> Array:
    return np.where(np.asarray(x, dtype=np.float64) >= at, 1.0, -1.0)


def _read_off(x1: npt.ArrayLike, x2: npt.ArrayLike) -> Array:
    return g(h11=f11(x1=x1), h12=f12(x2=x2))


def _hidden(x1: npt.ArrayLike, x2: npt.ArrayLike, n: int) -> tuple[Array, Array]:
    _whole(n)
    return f11(x1=_triangle_wave(x1)), f12(x2=_triangle_wave(x2))


def _triangle_wave(x: npt.ArrayLike) -> Array:
    points = np.asarray(x, dtype=np.float64)
    return np.asarray(1 - np.abs(points - 2 * np.floor(points / 2) - 1))


def _steps(x: npt.ArrayLike, thresholds: int) -> Array:
    points = np.asarray(x, dtype=np.float64)
    passed = np.clip(np.floor(points + 0.5), 0, thresholds)
    # The jumps alternate, so their sum is 1 after an odd number of them and 0 after an even one
    return np.asarray(2 * np.mod(passed, 2) - 1)


# A picture of 2^26 cells takes a gigabyte, and no course draws one.
_MAX_DOUBLINGS = 12


def _whole(n: int) -> int:
    if isinstance(n, bool) or int(n) != n or not 0 <= n <= _MAX_DOUBLINGS:
        raise ValueError(f"n is a whole number from 0 to {_MAX_DOUBLINGS}, not {n}")
    return int(n)


def grows_linearly(*, n: int, got: object) -> dict[str, bool]:
    """Return whether `got`, the claimed number of units for n, is what a linear count may be.

    One above the bound is told by its name, `exponential-units`.
    Between n and 16 n + 32: no network for all n has fewer layers than folds, and a count that
    doubles with n leaves the bound from n = 9 on.

    Shapes:   n scalar -> one criterion, `linear`
    Units:    computation units
    Error:    exact
    Source:   the construction of `network`, and Montúfar, Pascanu, Cho and Bengio 2014
    Checked:  `units` and `threshold_units`
    """
    if isinstance(got, bool) or not isinstance(got, int | float | np.integer | np.floating):
        return {"linear": False}
    linear = bool(n <= got <= 16 * n + 32)
    return {"linear": linear, "exponential-units": bool(got > 16 * n + 32)}
