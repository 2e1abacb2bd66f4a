"""Quadratic polynomials: f(x) = xᵀ A x + xᵀ B + c, from the polynomial or from the function."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypedDict

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

Array: TypeAlias = "npt.NDArray[np.float64]"

Polynomial: TypeAlias = dict[tuple[int, ...], Fraction]
"""Exponents of the variables, in order, to a coefficient that is not zero."""

Function: TypeAlias = Callable[[Array], float]
"""A function of a point (n,)."""

Source: TypeAlias = "str | Mapping[str, float | str] | Function"
"""`(1 - x1)^2 + 100 x2`, or `{"x1^2": 1, "x1": -2, "1": 1}`, or a function of a point (n,)."""


class Form(TypedDict):
    """The three parts of a quadratic: A symmetric (n, n), B (n,), c scalar."""

    A: Array
    B: Array
    c: float


def form(*, f: Source, variables: Sequence[str] | None = None) -> Form:
    """Return A, B and c of a quadratic f, with A symmetric; ValueError if f is not quadratic.

    A polynomial is written with + - * / ^ and parentheses, products also side by side, or given
    as coefficients of monomials. `variables` gives their order (default: by name, x2 before x10);
    a function needs it for their number. A function is fitted at the points 0, ±e_i, e_i + e_j,
    which determine a quadratic, and the fit is then verified at other points.

    Shapes:   n variables -> A (n, n), B (n,), c scalar
    Units:    those of f
    Error:    polynomial: correctly rounded; function: relative to the largest |f| at the nodes,
              under 2e-15 (measured, n <= 8)
    Source:   Boyd and Vandenberghe 2004, section 3.1.4, without its factor 1/2
    Checked:  SymPy (Hessian, gradient and value at 0), torch.autograd.functional.hessian
    """
    if isinstance(f, str | Mapping):
        return _from_polynomial(f, variables)
    if not variables:
        raise ValueError("a function needs `variables`, for their number")
    return _from_function(f, len(variables))


def A(*, f: Source, variables: Sequence[str] | None = None) -> Array:
    """Return the symmetric matrix of the second-degree terms of f.

    Shapes:   n variables -> (n, n)
    Units:    those of f
    Error:    as `form`
    Source:   Boyd and Vandenberghe 2004, section 3.1.4, without its factor 1/2
    Checked:  half of SymPy's Hessian
    """
    return form(f=f, variables=variables)["A"]


def B(*, f: Source, variables: Sequence[str] | None = None) -> Array:
    """Return the vector of the first-degree terms of f.

    Shapes:   n variables -> (n,)
    Units:    those of f
    Error:    as `form`
    Source:   Boyd and Vandenberghe 2004, section 3.1.4
    Checked:  SymPy's gradient at 0
    """
    return form(f=f, variables=variables)["B"]


def c(*, f: Source, variables: Sequence[str] | None = None) -> float:
    """Return the constant term of f.

    Shapes:   n variables -> scalar
    Units:    those of f
    Error:    as `form`
    Source:   Boyd and Vandenberghe 2004, section 3.1.4
    Checked:  the value at 0
    """
    return form(f=f, variables=variables)["c"]


def value(*, A: npt.ArrayLike, B: npt.ArrayLike, c: float, x: npt.ArrayLike) -> float:
    """Return xᵀ A x + xᵀ B + c.

    Shapes:   A (n, n), B and x (n,), (n, 1) or (1, n), c scalar -> scalar
    Units:    those of f
    Error:    relative to the sum of the terms' sizes, under 2e-15 (measured, n <= 8)
    Source:   Boyd and Vandenberghe 2004, section 3.1.4, without its factor 1/2
    Checked:  exact fractions
    """
    point, matrix = np.ravel(np.asarray(x, dtype=np.float64)), np.asarray(A, dtype=np.float64)
    return float(point @ matrix @ point + point @ np.ravel(np.asarray(B, dtype=np.float64)) + c)


def same_function(
    *, got: Mapping[str, npt.ArrayLike], want: Mapping[str, npt.ArrayLike], rtol: float = 1e-9
) -> bool:
    """Return whether two triples A, B, c make the same function, symmetric or not.

    Shapes:   each A (n, n), B (n,) or (n, 1) or (1, n), c scalar -> truth
    Units:    those of f
    Error:    entries may differ by rtol times the largest entry of `want`
    Source:   a number is its own transpose, so xᵀ A x depends on A + Aᵀ alone
    Checked:  values at random points
    """
    ours, theirs = _coefficients(got), _coefficients(want)
    if ours.shape != theirs.shape:
        return False
    return bool(np.abs(ours - theirs).max() <= rtol * np.abs(theirs).max())


def residual(
    *,
    A: npt.ArrayLike,
    B: npt.ArrayLike,
    c: float,
    f: str | Mapping[str, float | str],
    variables: Sequence[str] | None = None,
) -> dict[str, float]:
    """Return f(x) - (xᵀ A x + xᵀ B + c), monomial by monomial, without the zeros.

    What is left over tells what was done: 99 x1^2 is a Hessian taken for A, 1 a lost constant.

    Shapes:   A (n, n), B (n,), c scalar -> {"x1^2": ..., "x1 x2": ..., "1": ...}
    Units:    those of f
    Error:    correctly rounded, from entries that are taken at their decimal value
    Source:   the definition
    Checked:  SymPy's expansion
    """
    names, left = _polynomial(f, variables)
    matrix, vector = np.asarray(A, dtype=np.float64), np.ravel(np.asarray(B, dtype=np.float64))
    if matrix.shape != (len(names), len(names)) or vector.shape != (len(names),):
        raise ValueError(f"A and B have shapes {matrix.shape}, {vector.shape}: f has {names}")
    left = _sum(left, {(0,) * len(names): -_fraction(c)})
    for i in range(len(names)):
        left = _sum(left, {_unit(names, i): -_fraction(vector[i])})
        for j in range(len(names)):
            both = tuple(a + b for a, b in zip(_unit(names, i), _unit(names, j), strict=True))
            left = _sum(left, {both: -_fraction(matrix[i, j])})
    return {_monomial(names, powers): float(left[powers]) for powers in sorted(left, reverse=True)}


# What follows are slips.


def hessian(*, f: Source, variables: Sequence[str] | None = None) -> Array:
    """Return 2A, the Hessian of f: the convention ½ xᵀ P x taken for xᵀ A x.

    Shapes:   n variables -> (n, n)
    Units:    those of f
    Error:    as `form`
    Source:   Boyd and Vandenberghe 2004, section 3.1.4 (their P)
    Checked:  SymPy's Hessian
    """
    return 2 * A(f=f, variables=variables)


def half_B(*, f: Source, variables: Sequence[str] | None = None) -> Array:
    """Return B/2: the convention xᵀ A x + 2 xᵀ B + c.

    Shapes:   n variables -> (n,)
    Units:    those of f
    Error:    as `form`
    Source:   a slip, or the convention of conics; not the one that was asked for
    Checked:  SymPy's gradient at 0
    """
    return B(f=f, variables=variables) / 2


def skewed_A(*, f: Source, k: float, variables: Sequence[str] | None = None) -> Array:
    """Return A plus k above the diagonal and minus k below: the same f, no longer symmetric.

    Shapes:   n variables, k scalar -> (n, n)
    Units:    those of f
    Error:    as `form`
    Source:   a slip: the symmetry was asked for
    Checked:  `same_function`
    """
    symmetric = A(f=f, variables=variables)
    skew = np.triu(np.ones_like(symmetric), 1)
    return np.asarray(symmetric + k * (skew - skew.T))


# From the polynomial: exact, in fractions.


def _from_polynomial(f: str | Mapping[str, float | str], variables: Sequence[str] | None) -> Form:
    names, polynomial = _polynomial(f, variables)
    for powers, coefficient in polynomial.items():
        if sum(powers) > 2:
            term = f"{coefficient} {_monomial(names, powers)}"
            raise ValueError(f"f is not quadratic: it holds {term}, of degree {sum(powers)}")
    n = len(names)
    matrix, vector, constant = np.zeros((n, n)), np.zeros(n), 0.0
    for powers, coefficient in polynomial.items():
        where = [i for i, power in enumerate(powers) for _ in range(power)]
        if not where:
            constant = float(coefficient)
        elif len(where) == 1:
            vector[where[0]] = float(coefficient)
        else:
            share = coefficient if where[0] == where[1] else coefficient / 2
            matrix[where[0], where[1]] = matrix[where[1], where[0]] = float(share)
    return {"A": matrix, "B": vector, "c": constant}


def _polynomial(
    f: str | Mapping[str, float | str], variables: Sequence[str] | None
) -> tuple[list[str], Polynomial]:
    texts = [f] if isinstance(f, str) else list(f)
    names = list(variables) if variables is not None else _names_in(texts)
    if isinstance(f, str):
        return names, _read(f, names)
    total: Polynomial = {}
    for text, coefficient in f.items():
        constant = {(0,) * len(names): _fraction(coefficient)}
        total = _sum(total, _product(constant, _read(str(text), names)))
    return names, total


def _names_in(texts: Sequence[str]) -> list[str]:
    names = {token.text for text in texts for token in _tokens(str(text)) if _is_name(token)}
    return sorted(names, key=lambda name: [int(p) if p.isdigit() else p for p in _pieces(name)])


def _pieces(name: str) -> list[str]:
    # Text and digits alternate, so that x2 comes before x10 and like is compared with like
    return re.split(r"([0-9]+)", name)


def _fraction(number: float | str) -> Fraction:
    # 0.1 in a rubric means one tenth, not the nearest binary fraction
    return Fraction(str(number))


class _Token(NamedTuple):
    text: str
    position: int


_TOKEN = re.compile(
    r"\s*((?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,2}(?![0-9A-Za-z_]))?"
    r"|[A-Za-z][A-Za-z0-9_]*|\*\*|$|.)"
)
# The bounds keep a mistyped exponent from filling the memory.
_MAX_LENGTH = 2000
_MAX_NESTING = 50
_MAX_POWER = 16
_MAX_TERMS = 20_000


def _read(text: str, names: Sequence[str]) -> Polynomial:
    tokens = _tokens(text)
    polynomial, rest = _read_sum(tokens, 0, names)
    if tokens[rest].text:
        raise _unexpected(tokens[rest])
    return polynomial


def _tokens(text: str) -> list[_Token]:
    if len(text) > _MAX_LENGTH:
        raise ValueError(f"a polynomial of more than {_MAX_LENGTH} characters is not read")
    found: list[_Token] = []
    nesting = 0
    for match in _TOKEN.finditer(text):
        token = _Token("^" if match[1] == "**" else match[1], match.start(1))
        nesting += (token.text == "(") - (token.text == ")")
        if nesting > _MAX_NESTING:
            raise ValueError(f"parentheses nested more than {_MAX_NESTING} deep are not read")
        found.append(token)
    return found


def _is_name(token: _Token) -> bool:
    return token.text[:1].isalpha() and token.text.isascii()


def _unexpected(token: _Token) -> ValueError:
    found = repr(token.text) if token.text else "the end"
    return ValueError(f"expected a number, a variable or '(', found {found} at {token.position}")


def _read_sum(tokens: list[_Token], at: int, names: Sequence[str]) -> tuple[Polynomial, int]:
    total, at = _read_product(tokens, at, names)
    while tokens[at].text in ("+", "-"):
        sign = Fraction(1 if tokens[at].text == "+" else -1)
        term, at = _read_product(tokens, at + 1, names)
        total = _sum(total, {powers: sign * number for powers, number in term.items()})
    return total, at


def _read_product(tokens: list[_Token], at: int, names: Sequence[str]) -> tuple[Polynomial, int]:
    total, at = _read_signed(tokens, at, names)
    while True:
        operator = tokens[at].text
        if operator == "*":
            factor, at = _read_signed(tokens, at + 1, names)
            total = _product(total, factor)
        elif operator == "/":
            divisor, at = _read_signed(tokens, at + 1, names)
            total = _product(total, _inverse(divisor, len(names)))
        elif operator == "(" or _is_name(tokens[at]):
            factor, at = _read_power(tokens, at, names)
            total = _product(total, factor)
        else:
            return total, at


def _read_signed(tokens: list[_Token], at: int, names: Sequence[str]) -> tuple[Polynomial, int]:
    sign = Fraction(1)
    while tokens[at].text in ("+", "-"):
        sign, at = (-sign if tokens[at].text == "-" else sign), at + 1
    factor, at = _read_power(tokens, at, names)
    return {powers: sign * number for powers, number in factor.items()}, at


def _read_power(tokens: list[_Token], at: int, names: Sequence[str]) -> tuple[Polynomial, int]:
    base, at = _read_atom(tokens, at, names)
    if tokens[at].text != "^":
        return base, at
    exponent = tokens[at + 1].text
    if not re.fullmatch("[0-9]{1,2}", exponent) or int(exponent) > _MAX_POWER:
        raise ValueError(f"an exponent is a whole number from 0 to {_MAX_POWER}, not {exponent!r}")
    if tokens[at + 2].text == "^":
        raise ValueError("a power of a power needs parentheses")
    total: Polynomial = {(0,) * len(names): Fraction(1)}
    for _ in range(int(exponent)):
        total = _product(total, base)
    return total, at + 2


def _read_atom(tokens: list[_Token], at: int, names: Sequence[str]) -> tuple[Polynomial, int]:
    token = tokens[at]
    if token.text == "(":
        inner, at = _read_sum(tokens, at + 1, names)
        if tokens[at].text != ")":
            raise ValueError(f"the '(' at {token.position} is never closed")
        return inner, at + 1
    if "0" <= token.text[:1] <= "9" or (token.text[:1] == "." and len(token.text) > 1):
        number = Fraction(token.text)
        return ({(0,) * len(names): number} if number else {}), at + 1
    if token.text in names:
        return {_unit(names, list(names).index(token.text)): Fraction(1)}, at + 1
    if _is_name(token):
        raise ValueError(f"unknown variable {token.text!r} (known: {', '.join(names)})")
    raise _unexpected(token)


def _sum(left: Polynomial, right: Polynomial) -> Polynomial:
    total = dict(left)
    for powers, number in right.items():
        total[powers] = total.get(powers, Fraction(0)) + number
    return {powers: number for powers, number in total.items() if number}


def _product(left: Polynomial, right: Polynomial) -> Polynomial:
    if len(left) * len(right) > _MAX_TERMS:
        raise ValueError(f"a product of more than {_MAX_TERMS} terms is not expanded")
    total: Polynomial = {}
    for a, x in left.items():
        for b, y in right.items():
            powers = tuple(i + j for i, j in zip(a, b, strict=True))
            total[powers] = total.get(powers, Fraction(0)) + x * y
    return {powers: number for powers, number in total.items() if number}


def _inverse(divisor: Polynomial, n: int) -> Polynomial:
    if set(divisor) != {(0,) * n}:
        raise ValueError("a polynomial is divided by a number other than 0 only")
    return {powers: 1 / number for powers, number in divisor.items()}


def _unit(names: Sequence[str], index: int) -> tuple[int, ...]:
    return tuple(int(i == index) for i in range(len(names)))


def _monomial(names: Sequence[str], powers: tuple[int, ...]) -> str:
    written = (
        name if power == 1 else f"{name}^{power}"
        for name, power in zip(names, powers, strict=True)
        if power
    )
    return " ".join(written) or "1"


# From the function: fitted at as many points as there are coefficients, then verified elsewhere.


def _from_function(f: Function, n: int) -> Form:
    points = np.random.default_rng(n).uniform(-3, 3, size=(16, n))
    with np.errstate(invalid="ignore", over="ignore"):
        fit = _fit(f, n)
        values = np.array([float(f(point)) for point in points])
        error = np.abs(values - [value(**fit, x=point) for point in points])
    # Asked apart, because no comparison with a NaN is true
    if not np.isfinite(error).all() or error.max() > 1e-9 * np.abs(values).max():
        worst = int(np.argmax(np.where(np.isfinite(error), error, np.inf)))
        where = ", ".join(f"{coordinate:.3g}" for coordinate in points[worst])
        raise ValueError(
            f"f is not quadratic: at ({where}) it differs from its quadratic fit by "
            f"{error[worst]:.3g}"
        )
    return fit


def _fit(f: Function, n: int) -> Form:
    e = np.eye(n)
    constant = float(f(np.zeros(n)))
    plus = np.array([float(f(e[i])) for i in range(n)])
    minus = np.array([float(f(-e[i])) for i in range(n)])
    matrix = np.diag((plus + minus) / 2 - constant)
    for i in range(n):
        for j in range(i):
            mixed = float(f(e[i] + e[j])) - plus[i] - plus[j] + constant
            matrix[i, j] = matrix[j, i] = mixed / 2
    return {"A": matrix, "B": (plus - minus) / 2, "c": constant}


def _coefficients(triple: Mapping[str, npt.ArrayLike]) -> Array:
    matrix = np.atleast_2d(np.asarray(triple["A"], dtype=np.float64))
    vector = np.ravel(np.asarray(triple["B"], dtype=np.float64))
    constant = np.ravel(np.asarray(triple["c"], dtype=np.float64))
    return np.concatenate([np.ravel(matrix + matrix.T) / 2, vector, constant])
