"""Quadratic forms, against SymPy, exact fractions and autograd."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reference import quadratic

# The first call of a library is slow, and no fact about the values
unhurried = settings(deadline=None, max_examples=50)

EXAM = "(1 - x1)^2 + 100 (x2 - x1^2)"
RIGHT = {"A": [[-99, 0], [0, 0]], "B": [-2, 100], "c": 1}

# what was changed in the right answer, and what f minus the form then leaves
RESIDUALS = [
    ({"A": [[-198, 0], [0, 0]]}, {"x1^2": 99}),
    ({"A": [[101, 0], [0, 0]]}, {"x1^2": -200}),
    ({"A": [[1, 0], [0, 0]]}, {"x1^2": -100}),
    ({"A": [[-100, 0], [0, 0]]}, {"x1^2": 1}),
    ({"A": [[-99, 50], [50, 0]]}, {"x1 x2": -100}),
    ({"A": [[-99, 0], [0, 100]]}, {"x2^2": -100}),
    ({"B": [2, 100]}, {"x1": -4}),
    ({"B": [-2, -100]}, {"x2": 200}),
    ({"B": [-1, 50]}, {"x1": -1, "x2": 50}),
    ({"c": 0}, {"1": 1}),
    ({"c": -1}, {"1": 2}),
    ({"A": [[-99, 7], [-7, 0]]}, {}),
    ({}, {}),
]

# f as it was misread, and the entry that then comes out
MISREAD = [
    ("(1 - x1)^2 + 100 (x2 + x1^2)", "A", (0, 0), 101),
    ("(1 - x1)^2 + 100 x2", "A", (0, 0), 1),
    ("1 - 2 x1 + 100 (x2 - x1^2)", "A", (0, 0), -100),
    ("(1 - x1)^2 + 100 (x1 x2 - x1^2)", "A", (0, 1), 50),
    ("(1 - x1)^2 + 100 (x2^2 - x1^2)", "A", (1, 1), 100),
    ("(1 + x1)^2 + 100 (x2 - x1^2)", "B", 0, 2),
    ("(1 - x1)^2 - 100 (x2 + x1^2)", "B", 1, -100),
]


def exam(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2)


def from_sympy(expression, variables):
    """Half the Hessian, the gradient at 0 and the value at 0."""
    zero = dict.fromkeys(variables, 0)
    matrix = sympy.hessian(expression, variables) / 2
    vector = [sympy.diff(expression, v).subs(zero) for v in variables]
    return np.array(matrix, float), np.array(vector, float), float(expression.subs(zero))


def assert_form(got, matrix, vector, constant, tolerance=0.0):
    assert got["A"] == pytest.approx(np.asarray(matrix, float), abs=tolerance, rel=0)
    assert got["B"] == pytest.approx(np.asarray(vector, float), abs=tolerance, rel=0)
    assert got["c"] == pytest.approx(constant, abs=tolerance, rel=0)


@pytest.mark.parametrize(
    "f",
    [
        EXAM,
        "(1-x1)**2 + 100*(x2 - x1**2)",
        "1 - 2x1 - 99x1^2 + 100x2",
        {"x1^2": -99, "x2": 100, "x1": -2, "1": 1},
        {"(1 - x1)^2": 1, "x2 - x1^2": "100"},
        exam,
    ],
    ids=["printed", "python", "expanded", "monomials", "factors", "function"],
)
def test_the_exam_in_every_form(f):
    """However f is given, A = [[-99, 0], [0, 0]], B = (-2, 100), c = 1."""
    got = quadratic.form(f=f, variables=["x1", "x2"])
    assert_form(got, RIGHT["A"], RIGHT["B"], RIGHT["c"], 1e-12 if callable(f) else 0)


def test_sympy_agrees_on_the_exam():
    """Half the Hessian is A, the gradient at 0 is B, the value at 0 is c."""
    x1, x2 = sympy.symbols("x1 x2")
    assert_form(quadratic.form(f=EXAM), *from_sympy(exam((x1, x2)), (x1, x2)))


def test_autograd_agrees_on_the_exam():
    """PyTorch's Hessian is 2A."""
    hessian = torch.autograd.functional.hessian(exam, torch.zeros(2, dtype=torch.float64))
    assert quadratic.hessian(f=EXAM) == pytest.approx(hessian.numpy())


def test_the_three_parts_can_be_asked_for_one_by_one():
    """A rubric may name the matrix, the vector and the constant apart."""
    assert quadratic.A(f=EXAM).tolist() == RIGHT["A"]
    assert quadratic.B(f=EXAM).tolist() == RIGHT["B"]
    assert quadratic.c(f=EXAM) == RIGHT["c"]


coefficients = st.integers(-9, 9)


@given(st.lists(coefficients, min_size=10, max_size=10), st.booleans())
@unhurried
def test_sympy_agrees_on_every_quadratic(numbers, factored):
    """A printed polynomial in three variables, expanded or as it stands, is read exactly."""
    x, y, z = sympy.symbols("x y z")
    a, b, c, d, e, f, g, h, i, j = numbers
    expression = (a * x + b * y + c) ** 2 - (d * z + e * x) * (f * y + g) + h * z + i * x / 2 + j
    text = str(expression if factored else sympy.expand(expression))
    got = quadratic.form(f=text, variables=["x", "y", "z"])
    assert_form(got, *from_sympy(sympy.expand(expression), (x, y, z)))


@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
@unhurried
def test_a_function_is_fitted_exactly(n, seed):
    """A function that happens to be quadratic gives its coefficients away."""
    draw = np.random.default_rng(seed)
    half, vector, constant = draw.normal(size=(n, n)), draw.normal(size=n), draw.normal()
    matrix = (half + half.T) / 2
    got = quadratic.form(
        f=lambda x: x @ half @ x + x @ vector + constant, variables=[f"x{i}" for i in range(n)]
    )
    assert_form(got, matrix, vector, constant, 1e-13)


def test_the_errors_claimed_are_kept():
    """The docstrings' errors hold: the fit to 2e-15 of the largest value it was made from."""
    draw = np.random.default_rng(8)
    for _ in range(50):
        half, vector = draw.normal(size=(8, 8)), draw.normal(size=8)
        matrix = half + half.T
        got = quadratic.form(
            f=lambda x, m=matrix, v=vector: x @ m @ x + x @ v, variables="abcdefgh"
        )
        size = max(abs(matrix.diagonal()) + abs(vector))
        assert_form(got, matrix, vector, 0, 2e-15 * size)
        x = draw.normal(size=8)
        exact = sum(
            Fraction(x[i]) * Fraction(matrix[i, j]) * Fraction(x[j])
            for i in range(8)
            for j in range(8)
        ) + sum(Fraction(a) * Fraction(b) for a, b in zip(x, vector, strict=True))
        size = abs(x) @ abs(matrix) @ abs(x) + abs(x) @ abs(vector)
        assert abs(quadratic.value(A=matrix, B=vector, c=0, x=x) - float(exact)) < 2e-15 * size


@pytest.mark.parametrize(
    ("f", "complaint"),
    [
        ("(1 - x1)^2 + 100 (x2 - x1^2)^2", r"100 x1\^4, of degree 4|x1\^2 x2, of degree 3"),
        ("x1^3", "degree 3"),
        ("x1^2 x2", "x1\\^2 x2, of degree 3"),
    ],
)
def test_a_polynomial_of_higher_degree_is_refused(f, complaint):
    """Rosenbrock's function, with its outer square, has no such matrix; the term is named."""
    with pytest.raises(ValueError, match=complaint):
        quadratic.form(f=f)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2,
        lambda x: x[0] ** 3,
        lambda x: np.sin(x[0]),
        lambda x: abs(x[0]),
        lambda x: (x[0] ** 3 - x[0]) * 1e-3,
        lambda x: x[0] ** 3 * 1e-15,
        lambda x: x[0] ** 2 + (x[0] ** 3 - x[0]) * 1e-7,
        lambda x: 1 / x[0] if x[0] else np.inf,
        lambda x: np.nan,
        lambda x: np.nan if x[0] > 2 else x[1],
        lambda x: np.inf if x[0] > 2 else x[1],
    ],
    ids=[
        "rosenbrock",
        "cube",
        "sine",
        "modulus",
        "hidden cube",
        "tiny cube",
        "nearly quadratic",
        "pole",
        "nan",
        "nan far off",
        "inf far off",
    ],
)
def test_a_function_that_is_not_quadratic_is_refused(f):
    """What three nodes a line cannot see, the other points do; the residual is named."""
    with pytest.raises(ValueError, match=r"not quadratic: at \(.*differs .* by"):
        quadratic.form(f=f, variables=["x1", "x2"])


def test_higher_powers_that_cancel_are_no_obstacle():
    """x⁴ - (x²)² + x² is quadratic."""
    assert quadratic.A(f="x^4 - (x^2)^2 + x^2").tolist() == [[1]]


def test_a_cross_term_is_shared():
    """A term x1 x2 is split between both sides of the diagonal."""
    assert quadratic.A(f="4 x1 x2").tolist() == [[0, 2], [2, 0]]


def test_variables_stand_in_natural_order():
    """x2 comes before x10, unless the order is given."""
    assert quadratic.B(f="x10 + 2 x2").tolist() == [2, 1]
    assert quadratic.B(f="x10 + 2 x2", variables=["x10", "x2", "x3"]).tolist() == [1, 2, 0]


def test_decimals_are_exact():
    """0.1 + 0.2 is 0.3 in a polynomial, as a teacher means it."""
    assert quadratic.c(f={"1": 0.1, "x": 1, "2 + x": 0.1}) == 0.3
    assert quadratic.c(f="0.1 + 0.2 + 0 x") == 0.3


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "the end"),
        ("x +", "the end at 3"),
        ("(x", "'\\(' at 0 is never closed"),
        ("x)", "'\\)' at 1"),
        ("1 000 x", "'000' at 2"),
        ("x^1.5", "exponent"),
        ("x^-1", "exponent"),
        ("x^99", "exponent"),
        ("2^x", "exponent"),
        ("x^2^2", "power of a power"),
        ("1 / x", "divided by a number"),
        ("1 / (2 - 2)", "divided by a number"),
        ("sin(y)", "unknown variable 'sin'"),
        ("x1x2", "unknown variable 'x1x2'"),
        ("x²", "'²' at 1"),
        ("__import__('os')", "'_' at 0"),
        ("(" * 100 + "x" + ")" * 100, "nested"),
        ("x+" * 5000 + "x", "characters"),
        ("(1+x+y+z)^16 (1+x+y+z)^16", "terms"),
    ],
)
def test_what_is_no_polynomial_is_refused(text, complaint):
    """A typing error in a rubric raises, with its place, and is never a form."""
    with pytest.raises(ValueError, match=complaint):
        quadratic.form(f=text, variables=["x", "y", "z"])


def test_a_function_needs_the_number_of_its_variables():
    """A function does not say how many variables it has."""
    with pytest.raises(ValueError, match="variables"):
        quadratic.form(f=exam)


@pytest.mark.parametrize(("change", "left"), RESIDUALS)
def test_the_residual_tells_what_was_done(change, left):
    """Each classic slip leaves its own monomial over."""
    wrong = RIGHT | change
    assert quadratic.residual(**wrong, f=EXAM) == left
    x1, x2 = sympy.symbols("x1 x2")
    x = sympy.Matrix([x1, x2])
    form = x.T * sympy.Matrix(wrong["A"]) * x
    over = sympy.expand(exam((x1, x2)) - form[0] - x.dot(wrong["B"]) - wrong["c"])
    assert_form(quadratic.form(f=left, variables=["x1", "x2"]), *from_sympy(over, (x1, x2)))


def test_a_form_of_the_wrong_size_has_no_residual():
    """A 3 x 3 matrix is no form in two variables."""
    with pytest.raises(ValueError, match="shapes"):
        quadratic.residual(A=np.eye(3), B=[1, 2, 3], c=0, f=EXAM)


@pytest.mark.parametrize(("change", "left"), RESIDUALS)
def test_only_a_form_without_residual_is_the_same_function(change, left):
    """Equal as functions means that nothing is left over, symmetric or not."""
    got = RIGHT | change
    assert quadratic.same_function(got=got, want=RIGHT) == (not left)
    points = np.random.default_rng(3).normal(size=(5, 2))
    values = [quadratic.value(**got, x=point) for point in points]
    assert np.allclose(values, [exam(point) for point in points]) == (not left)


def test_a_form_of_another_size_is_another_function():
    """Sizes that differ are told apart, and not broadcast."""
    assert not quadratic.same_function(got={"A": [[1]], "B": [0], "c": 0}, want=RIGHT)
    assert not quadratic.same_function(got=RIGHT | {"c": np.nan}, want=RIGHT)


@pytest.mark.parametrize(("f", "part", "where", "value"), MISREAD)
def test_a_misread_polynomial_gives_the_students_value(f, part, where, value):
    """A rubric names a slip by writing the polynomial that the student worked with."""
    assert quadratic.form(f=f, variables=["x1", "x2"])[part][where] == value


def test_the_conventions_that_are_slips():
    """The Hessian is 2A, a factor 2 before xᵀB halves B, a skew part breaks the symmetry."""
    assert quadratic.hessian(f=EXAM).tolist() == [[-198, 0], [0, 0]]
    assert quadratic.half_B(f=EXAM).tolist() == [-1, 50]
    skewed = quadratic.skewed_A(f=EXAM, k=7)
    assert skewed.tolist() == [[-99, 7], [-7, 0]]
    assert quadratic.same_function(got=RIGHT | {"A": skewed}, want=RIGHT)
