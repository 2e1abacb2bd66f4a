"""Vectors and matrices are read in every notation and judged entry by entry."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from grader.errors import ReferenceFault, Unreadable
from grader.kinds import Case, array
from grader.model import Answer, Check, Judgement, Mistake, Place, Question

# f(x) = 3 x1^2 - 4 x1 x2 + 7 x2^2 + 5 x1 - 6 x2 + 8, as x^T A x + x^T B + c
A = {"value": [[3, -2], [-2, 7]], "symmetric": True}
B = {"value": [5, -6]}
C = {"value": 8}
HESSIAN = Mistake("hessian", "The second derivatives.", 0.5, {"value": [[6, -4], [-4, 14]]})
CROSS = Mistake("cross-once", "Counted once.", 0.75, {"entries": [[1, 2], [2, 1]], "value": -4})


def form(
    a: Mapping[str, Any] = A,
    b: Mapping[str, Any] = B,
    c: Mapping[str, Any] = C,
    mistakes: Sequence[Mistake] = (),
) -> Question:
    checks = (
        Check("array", "A", 4, a, ("matrix A",), tuple(mistakes)),
        Check("array", "B", 2, b),
        Check("array", "c", 1, c),
    )
    return Question("q", "Q", "?", 7, checks)


def read(value: Any, question: Question, place: int = 0) -> array.Got | None:
    answer = Answer(value, value if isinstance(value, str) else "", Place("a.md", 1))
    return array.read(answer, question.checks[place], question)


def call(name: str, arguments: Mapping[str, Any]) -> Any:
    return arguments["x"]


def judged(value: Any, question: Question, place: int = 0) -> Judgement:
    got = read(value, question, place)
    assert got is not None, "blank"
    check = question.checks[place]
    return array.judge(got, array.expect(check, question, call), Case(check, question))


def ids(judgement: Judgement) -> list[str]:
    return [each.id for each in judgement.mistakes]


DERIVATION = r"""
We expand $f(x) = 3x_1^2 - 4x_1x_2 + 7x_2^2 + 5x_1 - 6x_2 + 8$ and collect the terms:

$$f(x) = x^T \begin{bmatrix} 3 & -2 \\ -2 & 7 \end{bmatrix} x
 + x^T \begin{bmatrix} 5 \\ -6 \end{bmatrix} + 8$$

$$A = \begin{bmatrix} 3 & -2 \\ -2 & 7 \end{bmatrix}$$
$$B = \begin{bmatrix} 5 \\ -6 \end{bmatrix}$$
$$c = 8$$
"""
IN_ONE_LINE = (
    r"x^T \begin{pmatrix}3&-2\\-2&7\end{pmatrix} x + x^T \begin{pmatrix}5\\-6\end{pmatrix} + 8"
)

MATRICES = [
    [["3", "-2"], ["-2", "7"]], [[3, -2], [-2, 7]], ["3 -2", "-2 7"], ["[3, -2]", "[-2, 7]"],
    {"A": [["3", "-2"], ["-2", "7"]]}, {"row1": ["3", "-2"], "row2": ["-2", "7"]},
    {"A11": "3", "A12": "-2", "A21": "-2", "A22": "7"},
    "[[3, -2], [-2, 7]]", "[[3,-2],[-2,7]]", "[[3 -2] [-2 7]]", "[[ 3. -2.]\n [-2.  7.]]",
    "((3, -2), (-2, 7))", "[(3, -2), (-2, 7)]", "{{3, -2}, {-2, 7}}",
    "np.array([[3, -2], [-2, 7]])",
    "torch.tensor([[3., -2.], [-2., 7.]], dtype=torch.float32)", "Matrix([[3, -2], [-2, 7]])",
    "[3 -2; -2 7]", "A = [3, -2; -2, 7]", "A = [3 -2; -2 7];", "[3 -2\n -2 7]", "3 -2\n-2 7",
    "3, -2\n-2, 7", "A = (3  -2\n     -2  7)", "⎡3 -2⎤\n⎣-2 7⎦",
    "| 3 | -2 |\n|---|---|\n| -2 | 7 |",
    r"\begin{bmatrix}3 & -2 \\ -2 & 7\end{bmatrix}", r"$\begin{pmatrix}3&-2\\-2&7\end{pmatrix}$",
    r"$A=\left[\begin{array}{cc} 3 & -2 \\ -2 & 7 \end{array}\right]$",
    r"A = \begin{bmatrix}3 & -2 \\[4pt] -2 & 7\end{bmatrix}",
    r"\begin{smallmatrix}3&-2\\-2&7\end{smallmatrix}",
    "A11 = 3, a_12 = a_21 = -2, a_22 = 7", "$A_{1,1}=3$; $A_{12}=A_{21}=-2$; $A_{2,2}=7$",
    "A[0][0] = 3, A[0][1] = -2, A[1][0] = -2, A[1][1] = 7",
    "a(1,1) = 3\na(1,2) = a(2,1) = -2\na(2,2) = 7",
    "[[4-1, -4/2], [-2, 14/2]]", "[[3, −2], [−2, 7]]", "[[3,0; -2,0], [-2,0; 7,0]]",
    "[3,0 -2,0; -2,0 7,0]",
    r"A = \frac{1}{2} \begin{bmatrix} 6 & -4 \\ -4 & 14 \end{bmatrix}",
    "A = 1/2 * [[6, -4], [-4, 14]]",
    "A = -[[-3, 2], [2, -7]]", "**A** = [[3, -2], [-2, 7]]", "A: [[3, -2], [-2, 7]]",
    "So the matrix A is [[3, -2], [-2, 7]].", "A = [[3, -2], [-2, 7]], B = [5, -6], c = 8",
    "f(x) = x^T [[3, -2], [-2, 7]] x + x^T [5, -6] + 8", "A: first row 3, -2; second row -2, 7",
    "A =\n[  3 -2 ]\n[ -2  7 ]\n\nB = [ 5 ]\n    [ -6 ]\n\nc = 8",
    "A = ⎡ 3 -2⎤\n    ⎣-2  7⎦\nc = 8",
    "A:\n3 -2\n-2 7\nB:\n5\n-6\nc: 8",
    "| | x1 | x2 |\n|---|---|---|\n| x1 | 3 | -2 |\n| x2 | -2 | 7 |",
    DERIVATION, IN_ONE_LINE,
]  # fmt: skip
VECTORS = [
    ["5", "-6"], [["5"], ["-6"]], [["5", "-6"]], "[5, -6]", "(5, -6)", "(5, -6)^T", "[5, -6]'",
    "[5, -6].T", "[5; -6]", "[5 -6]", "5, -6", "5 -6", "5\n-6", "⟨5, -6⟩", "B = (5,-6)",
    r"\begin{bmatrix}5 \\ -6\end{bmatrix}", r"\begin{bmatrix}5 & -6\end{bmatrix}^T",
    r"\binom{5}{-6}",
    r"B = [5 \ -6]^{\top}", "B^T = [5 -6]", "B1=5, B2=-6", "b_1 = 5 and b_2 = -6",
    "np.array([5, -6])",
    r"$B=\left(\begin{smallmatrix}5\\-6\end{smallmatrix}\right)$", "B = [[5], [-6]]", "[5,0; -6,0]",
    "A = [[3, -2], [-2, 7]], B = [5, -6], c = 8", "A:\n3 -2\n-2 7\nB:\n5\n-6\nc: 8",
    "A =\n[  3 -2 ]\n[ -2  7 ]\n\nB = [ 5 ]\n    [ -6 ]\n\nc = 8", DERIVATION, IN_ONE_LINE,
]  # fmt: skip
NUMBERS = ["8", "c = 8", "[8]", ["8"], "$c = 8$", "c=8.", "16/2", "8.0", "c: 8",
           "A = (3, -2; -2, 7), B = (5, -6), c = 8", "c = 8, A = [3, 0, 0, 0], B = [5, -6]",
           "The matrix is A = [[3, -2], [-2, 7]] with the constant c = 8.", DERIVATION, IN_ONE_LINE,
           "x^T [[3, -2], [-2, 7]] x + x^T [5, -6] + 8"]  # fmt: skip


@pytest.mark.parametrize("value", MATRICES, ids=str)
def test_one_matrix_has_many_notations(value: Any):
    """Lists, NumPy, MATLAB, LaTeX, tables, named entries and whole derivations are one answer."""
    assert judged(value, form()).credit == 1.0


@pytest.mark.parametrize("value", VECTORS, ids=str)
def test_a_vector_may_stand_or_lie(value: Any):
    """A row, a column, a list and a transpose are one vector, unless the rubric is strict."""
    assert judged(value, form(), 1).credit == 1.0


@pytest.mark.parametrize("value", NUMBERS, ids=str)
def test_a_constant_is_an_array_of_one_number(value: Any):
    """A single number is read with or without its label, or as the last summand of the form."""
    assert judged(value, form(), 2).credit == 1.0


@pytest.mark.parametrize(
    "text", ["diag(3, 7)", "np.diag([3, 7])", "A11 = 3, A22 = 7, the rest is 0"]
)
def test_a_diagonal_is_filled_up_with_zeros(text: str):
    """diag(...) and "the rest is 0" give the entries that are not written."""
    assert judged(text, form({"value": [[3, 0], [0, 7]], "shape": [2, 2]})).credit == 1.0


# --- entry by entry --------------------------------------------------------------------------


def test_right_entries_earn_their_share_and_wrong_ones_are_placed():
    """One wrong entry of four costs a quarter, and only its place is told."""
    judgement = judged("[[3, -2], [-2, 9]]", form())
    assert (judgement.credit, judgement.say) == (0.75, "Entry (2, 2) is not right.")
    assert judged("[5, 6]", form(), 1).say == "Entry 2 is not right."


def test_the_rubric_may_weigh_the_entries():
    """Weights in the array's own shape share the points."""
    weighted = form({**A, "weights": [[7, 1], [1, 1]]})
    assert judged("[[1, -2], [-2, 7]]", weighted).credit == pytest.approx(0.3)
    assert judged("[[3, -2], [-2, 1]]", weighted).credit == pytest.approx(0.9)


def test_the_rubric_may_ask_for_all_or_nothing():
    """Without credit per entry, one wrong entry is a wrong array."""
    assert judged("[5, 6]", form(b={**B, "per_entry": False}), 1).credit == 0.0


def test_a_missing_entry_is_told_as_missing():
    """Named entries that leave one out are told which one."""
    judgement = judged("B2 = -6", form(), 1)
    assert (judgement.credit, judgement.say) == (0.5, "Entry 1 is missing.")


@pytest.mark.parametrize("text", ["[[3, -2, 0], [-2, 7, 0]]", "[3, -2]", "[[3]]", "5"])
def test_another_shape_is_told_in_shapes(text: str):
    """An array of the wrong shape gets no credit and is told both shapes."""
    judgement = judged(text, form())
    assert judgement.credit == 0.0
    assert judgement.say.startswith("Expected 2 x 2, found ")


def test_a_matrix_that_happens_to_stand_in_the_text_is_no_answer():
    """The labelled matrix counts, also when another one in the text would be right."""
    text = "From [[3, -2], [-2, 7]] I get A = [[1, 1], [1, 1]]"
    assert judged(text, form()).credit == 0.0


def test_the_label_of_another_field_is_respected():
    """B = ... does not answer the question for A."""
    assert judged("B = [[3, -2], [-2, 7]]\nA = [[0, 0], [0, 0]]", form()).credit == 0.0


def test_rounded_entries_are_right():
    """A third may be 0.33; 0.3 is rounded too far to count."""
    third = form({"value": [[1 / 3, 0], [0, 1]]})
    assert judged("[[0.333, 0], [0, 1]]", third).credit == 1.0
    assert judged("[[0.33, 0], [0, 1]]", third).credit == 1.0
    assert judged("[[0.3, 0], [0, 1]]", third).credit == 0.75


# --- symmetry and other equivalences ---------------------------------------------------------


def test_an_asymmetric_matrix_of_the_same_form_breaks_only_the_symmetry():
    """A + A^T decides the quadratic form; the demand for symmetry costs what it costs."""
    judgement = judged("[[3, -4], [0, 7]]", form())
    assert (judgement.credit, ids(judgement)) == (0.8, ["not-symmetric"])


def test_symmetry_may_be_required():
    """Where the rubric requires it, an asymmetric matrix earns nothing."""
    assert judged("[[3, -4], [0, 7]]", form({**A, "symmetric": "required"})).credit == 0.0


def test_the_rubric_says_what_asymmetry_costs():
    """The rubric's own mistake not-symmetric brings its sentence and its price."""
    own = Mistake("not-symmetric", "Halve the mixed term.", 0.6, {})
    judgement = judged("[[3, -4], [0, 7]]", form(mistakes=[own]))
    assert (judgement.credit, judgement.say) == (0.6, "Halve the mixed term.")


def test_a_wrong_entry_that_breaks_the_symmetry_is_told_as_both():
    """A single wrong off-diagonal entry is wrong and makes the matrix asymmetric."""
    judgement = judged("[[3, -3], [-2, 7]]", form())
    assert judgement.credit == pytest.approx(0.75 - 0.2)
    assert ids(judgement) == ["not-symmetric"]
    assert "Entry (1, 2)" in judgement.say


@pytest.mark.parametrize(
    ("up_to", "text", "credit"),
    [
        ("symmetric-part", "[[3, -4], [0, 7]]", 1.0),
        ("sign", "[[-3, 2], [2, -7]]", 1.0),
        ("scale", "[[6, -4], [-4, 14]]", 1.0),
        ("order", "[[-2, 7], [3, -2]]", 1.0),
        ("scale", "[[6, -4], [-4, 15]]", 0.0),
        ("sign", "[[-3, 2], [2, 7]]", 0.25),
    ],
)
def test_what_does_not_matter_may_differ(up_to: str, text: str, credit: float):
    """Eigenvectors up to sign, directions up to scale, sets up to order: the rubric says which."""
    question = form({"value": A["value"], "equivalent": {"up_to": up_to}})
    assert judged(text, question).credit == credit


def test_an_equivalence_may_cost_points():
    """Half a point of four is an eighth."""
    question = form({"value": A["value"], "equivalent": {"up_to": "sign", "cost": 0.5}})
    assert judged("[[-3, 2], [2, -7]]", question).credit == pytest.approx(0.875)


# --- mistakes --------------------------------------------------------------------------------


def test_a_mistake_may_be_a_whole_array():
    """The second derivatives in place of A are named and keep their credit."""
    judgement = judged("[[6, -4], [-4, 14]]", form(mistakes=[HESSIAN]))
    assert (judgement.credit, ids(judgement)) == (0.5, ["hessian"])


def test_a_mistake_may_be_a_few_entries():
    """A slip in two entries is one slip; what else is wrong is charged beside it."""
    question = form(mistakes=[CROSS])
    judgement = judged("[[3, -4], [-4, 7]]", question)
    assert (judgement.credit, ids(judgement)) == (0.75, ["cross-once"])
    assert judged("[[3, -4], [-4, 9]]", question).credit == 0.5


def test_a_transposed_matrix_is_named():
    """Rows and columns exchanged keep part of the credit, square or not."""
    square = form({"value": [[1, 2], [3, 4]]})
    wide = form({"value": [[1, 2, 3], [4, 5, 6]]})
    for judgement in (
        judged("[[1, 3], [2, 4]]", square),
        judged("[[1, 4], [2, 5], [3, 6]]", wide),
    ):
        assert (judgement.credit, ids(judgement)) == (0.5, ["transposed"])


def test_a_strict_rubric_tells_a_row_from_a_column():
    """Where a column is asked for, a row is transposed; a plain list is neither."""
    strict = form(b={**B, "vector": "column"})
    assert judged("[5; -6]", strict, 1).credit == 1.0
    assert judged("[5, -6]", strict, 1).credit == 1.0
    assert ids(judged("[[5, -6]]", strict, 1)) == ["transposed"]


def test_every_sign_turned_is_one_slip():
    """The negated array is named, not charged entry by entry."""
    assert ids(judged("[[-3, 2], [2, -7]]", form())) == ["sign"]
    assert ids(judged("-8", form(), 2)) == ["sign"]


# --- the door --------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "?", "I don't know", "  \n"])
def test_a_blank_answer_says_nothing(text: str):
    """What is there but says nothing is no array."""
    assert read(text, form()) is None


HOSTILE = {
    "words": "A is symmetric",
    "polynomial": "-2x_1 + 100 x_2",
    "nan": "A = [[nan, 0], [0, 0]]",
    "ragged": "[[1, 2], [3]]",
    "brackets": "[[" * 1000 + "]]" * 1000,
    "pairs": "[]" * 10_000,
    "open": "[1," * 5000,
    "environments": "\\begin{matrix}" * 1500,
    "rows": "1;" * 10_000,
    "columns": "1 " * 10_000,
    "entries": "A1=1," * 4000,
    "long": "x" * 1_000_000,
    "digits": "[" + "9" * 20_000 + "]",
    "huge eye": "eye(99999999)",
    "tower": "[[9**9**9, 0], [0, 0]]",
    "deep list": [[[[[["x"]]]]]],
    "ragged list": [["1", "2"], ["3"]],
    "huge integer": [[10**5000]],
    "mapping": {"a": {"b": "c"}},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_array_is_unreadable_or_wrong(name: str):
    """Junk is refused in one sentence, or judged as an array of another shape."""
    try:
        judgement = judged(HOSTILE[name], form())
    except Unreadable as trouble:
        judgement = Judgement(0.0, trouble.message)
    assert judgement.credit == 0.0
    assert judgement.say


def test_a_deep_list_is_no_recursion():
    """A thousand lists in one another are refused like any other list that is no array."""
    value: Any = "1"
    for _ in range(1000):
        value = [value]
    with pytest.raises(Unreadable):
        read(value, form())


@given(st.text(alphabet="0123456789.,;-+*/^()[]{}&\\ \n|=AabT'\"", max_size=60))
def test_no_text_breaks_the_reading(text: str):
    """Any jumble of signs is read, blank or unreadable, and judged without a fault."""
    question = form(mistakes=[HESSIAN, CROSS])
    for place, check in enumerate(question.checks):
        try:
            got = read(text, question, place)
        except Unreadable:
            continue
        if got is not None:
            want = array.expect(check, question, call)
            assert 0.0 <= array.judge(got, want, Case(check, question)).credit <= 1.0


ENTRIES = st.integers(-999, 999).map(float) | st.floats(-99, 99).map(lambda x: round(x, 3))
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.lists(ENTRIES, min_size=width, max_size=width), min_size=1, max_size=4
    )
)


def lines(rows: Sequence[Sequence[float]], cell: str, line: str, form: str = "g") -> str:
    return line.join(cell.join(format(item, form) for item in row) for row in rows)


BREAK = r" \\ "
STYLES = {
    "list": lambda rows: str([list(row) for row in rows]),
    "NumPy": lambda rows: f"np.array({rows})",
    "printed": lambda rows: str(np.array(rows)),
    "MATLAB": lambda rows: f"[{lines(rows, ' ', '; ')}]",
    "MATLAB commas": lambda rows: f"A = [{lines(rows, ', ', '; ')}];",
    "LaTeX": lambda rows: rf"\begin{{bmatrix}} {lines(rows, ' & ', BREAK)} \end{{bmatrix}}",
    "array": lambda rows: (
        rf"$\left[\begin{{array}}{{rr}}{lines(rows, '&', BREAK)}\end{{array}}\right]$"
    ),
    "minus": lambda rows: str(rows).replace("-", "−"),
    "labelled": lambda rows: f"The result:\n\n**A** = {rows}",
    "names": lambda rows: ", ".join(
        f"A_{{{i + 1},{j + 1}}} = {item:g}"
        for i, row in enumerate(rows)
        for j, item in enumerate(row)
    ),
}  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
@given(rows=TABLES)
def test_arrays_read_back_in_every_style(style: str, rows: list[list[float]]):
    """Whatever an array is printed like, it is read as the same array."""
    question = form({"value": rows, "shape": [len(rows), len(rows[0])]})
    assert judged(STYLES[style](rows), question).credit == 1.0, STYLES[style](rows)


@given(TABLES)
def test_the_right_answer_as_shown_is_right(rows: list[list[float]]):
    """What staff read as the right answer gets full marks when it is handed in."""
    question = form({"value": rows})
    want = array.expect(question.checks[0], question, call)
    assert judged(array.show(want), question).credit == 1.0


@given(TABLES, st.integers(0, 99), st.integers(0, 99))
def test_one_changed_entry_is_wrong_and_named(rows: list[list[float]], i: int, j: int):
    """A single changed entry loses marks, and its place is what the student is told."""
    i, j = i % len(rows), j % len(rows[0])
    assume(len(rows) > 1 and len(rows[0]) > 1)
    changed = [list(row) for row in rows]
    changed[i][j] += 1000.5
    judgement = judged(str(changed), form({"value": rows}))
    assert judgement.credit == pytest.approx(1 - 1 / (len(rows) * len(rows[0])))
    assert judgement.say == f"Entry ({i + 1}, {j + 1}) is not right."


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (np.float64(3), ()),
        (np.array([1.0, 2.0]), (2,)),
        (np.array([[1.0], [2.0]]), (2, 1)),
        ([[1, 2], [3, 4]], (2, 2)),
        ((1, 2, 3), (3,)),
    ],
)
def test_a_reference_may_return_numpy(value: Any, shape: tuple[int, ...]):
    """Scalars, vectors and matrices of NumPy become plain rows of their shape."""
    check = Check("array", "A", 1, {"expect": "t.given", "shape": list(shape)})
    question = Question("q", "Q", "?", 1, (check,), given={"x": value})
    assert array.expect(check, question, call).shape == shape


@pytest.mark.parametrize(
    "value", [[[1, 2], [3]], np.zeros((2, 2, 2)), [float("nan")], "x", {"a": 1}]
)
def test_a_reference_that_is_no_array_is_a_fault_of_ours(value: Any):
    """What no answer can equal is reported, not graded."""
    check = Check("array", "A", 1, {"expect": "t.given"})
    question = Question("q", "Q", "?", 1, (check,), given={"x": value})
    with pytest.raises(ReferenceFault):
        array.expect(check, question, call)


def test_a_shape_unlike_the_reference_is_a_fault_of_ours():
    """A rubric whose shape is not the reference's is told so."""
    question = form({**A, "shape": [3, 3]})
    with pytest.raises(ReferenceFault, match="shape"):
        array.expect(question.checks[0], question, call)


# --- vectors side by side, the rows of a matrix ----------------------------------------------


def alone(value: Any, right: Any, **options: Any) -> Judgement:
    """Judge an answer to one array of a question."""
    check = Check("array", "centres", 4, {"value": right, **options}, ("means",))
    return judged(value, Question("q", "Q", "?", 4, (check,)))


CENTRES = [[0, 1.5], [2.25, -4]]


@pytest.mark.parametrize(
    "value",
    [
        "(0, 1.5) and (2.25, -4)",
        "(0,1.5) (2.25,-4)",
        "μ1 = (0, 3/2), μ2 = (9/4, -4)",
        "μ2 = (2.25, -4), μ1 = (0, 1.5)",
        "c1: (0, 1.5)\nc2: (2.25, -4)",
        "cluster 1: (0, 1.5); cluster 2: (2.25, -4)",
        "the first is at (0, 1.5), second (2.25, -4)",
        r"$\mu_1 = (0, 1.5)^T$, $\mu_2 = (2.25, -4)^T$",
        r"\binom{0}{3/2}, m_2 = \begin{bmatrix} 9/4 \\ -4 \end{bmatrix}",
        "μ1 = ((-1+1)/2, (1+2)/2) = (0, 1.5), μ2 = (9/4, -16/4) = (2.25, -4)",
        "m1 = [0 1.5]; m2 = [2.25 -4]",
        "(0; 1,5), (2,25; -4,00)",
        "c1 = (0|1,5), c2 = (2,25|-4)",
        "at first (0, 0), (1, 0). New: (0, 1.5), (2.25, -4)",
        {"c1": "(0, 1.5)", "c2": "(2.25, -4)"},
    ],
)  # fmt: skip
def test_vectors_one_after_the_other_are_the_rows_of_a_matrix(value: Any):
    """Two centroids are written as two points more often than as a matrix."""
    assert alone(value, CENTRES, shape=[2, 2]).credit == 1.0


def test_vectors_in_the_wrong_order_are_not_right():
    """Without numbers in their labels the order is that of the text."""
    assert alone("(2.25, -4), (0, 1.5)", CENTRES).credit < 0.5


def test_a_matrix_that_is_written_out_wins_over_vectors_before_it():
    """The points that one came from are no answer."""
    assert alone("from (0, 1.5) and (2.25, -4) I get [[1, 1], [1, 1]]", CENTRES).credit == 0.0


@pytest.mark.parametrize(
    "value",
    [
        "[[0, 6], [9, -16]] / 4",
        "[[0, 3], [4.5, -8]] * 1/2",
        "1/2 [[0, 6], [9, -16]] * 0.5",
        "[[0, 6], [9, -16]]/4.",
    ],
)
def test_a_factor_behind_counts_as_well(value: str):
    """What is divided by at the end is part of the answer."""
    assert alone(value, CENTRES).credit == 1.0


def test_a_long_gap_is_a_gap_like_any_other():
    """Ten thousand blanks between two rows are read at once."""
    assert alone("(0, 1.5)" + " " * 10_000 + "(2.25, -4)", CENTRES).credit == 1.0


@pytest.mark.parametrize(
    "value",
    [
        "a: 3 1 0, b: 0 2 1, c: 1 1 4",
        "a: 3 1 0; b: 0 2 1; c: 1 1 4",
        "a: 3, 1, 0\nb: 0, 2, 1\nc: 1, 1, 4",
    ],
)
def test_rows_may_have_names(value: str):
    """A confusion matrix, a row for each class."""
    assert alone(value, [[3, 1, 0], [0, 2, 1], [1, 1, 4]]).credit == 1.0


def test_entries_by_name_need_no_comma():
    """`m1=2 m2=-1` is a vector."""
    check = Check("array", "w", 4, {"value": [2, -1], "shape": [2]})
    assert judged("w1=2 w2=-1", Question("q", "Q", "?", 4, (check,))).credit == 1.0


def test_the_example_is_true():
    """The kind's own example holds: its right answers are right, the wrong ones are not."""
    body = array.EXAMPLE["question"]["checks"][0]["array"]
    question = Question("q", "Q", "?", 2, (Check("array", "R", 2, {"value": body["value"]}),))
    for text in array.EXAMPLE["right"]:
        assert judged(text, question).credit == 1.0, text
    for text in array.EXAMPLE["wrong"]:
        assert judged(text, question).credit < 1.0, text


# --- more ways of writing -------------------------------------------------------------------------

TWICE = {"value": [[2, 1], [0, 3]]}


@pytest.mark.parametrize(
    "text",
    [
        "A = [2, 1], [0, 3]", "A = [2, 1], [0, 6/2]", "A = (2, 1), (0, 3)",
        "A =\n[ 2   1 ]\n[ 0   3 ]", "A =\n⎡2 1⎤\n⎣0 3⎦",
        "A <- matrix(c(2, 0, 1, 3), nrow=2)", "A = matrix(c(2, 1, 0, 3), ncol=2, byrow=TRUE)",
        "A(1,1) = 2, A(1,2) = 1, A(2,2) = 3, all other entries are 0",
    ],
)  # fmt: skip
def test_rows_may_stand_without_a_bracket_around_them(text: str):
    """Also one under the other, as R fills them, or by their places."""
    assert judged(text, form(TWICE)).credit == 1


def test_a_list_of_as_many_numbers_is_read_row_by_row_for_a_person_to_see():
    """The shape was not said; the numbers may well be right."""
    judgement = judged("A = [2, 1, 0, 3]", form(TWICE))
    assert judgement.credit == 1
    assert judgement.review == 1
    assert judged("A = [2, 0, 1, 3]", form(TWICE)).credit < 1


def test_another_field_behind_a_matrix_is_none_of_its_rows():
    """`A is [...], B is [...]` are two answers."""
    text = "A is [[2, 1], [0, 3]], B is [5, -6], c is 8"
    assert judged(text, form(TWICE)).credit == 1
    assert judged(text, form(TWICE), 1).credit == 1


def in_field(value: str, place: int, label: str) -> Judgement:
    """Judge a field that was cut out behind its label."""
    question = form()
    check = question.checks[place]
    answer = Answer(value, value, Place("a.md", 1), context=f"{label} = {value}")
    got = array.read(answer, check, question)
    assert got is not None, "blank"
    return array.judge(got, array.expect(check, question, call), Case(check, question))


@pytest.mark.parametrize(
    ("value", "place", "label"),
    [
        ("[5, -6], the gradient at x = (0, 0)", 1, "B"),
        ("[5, -6] = gradient at (0, 0)", 1, "B"),
        ("[5, -6]. The form has its minimum at (1, 1).", 1, "B"),
        ("[[3, -2], [-2, 7]] (not [[6, -4], [-4, 14]])", 0, "A"),
        ("[[3, -2], [-2, 7]], half of the Hessian [[6, -4], [-4, 14]]", 0, "A"),
        ("1/2 [[6, -4], [-4, 14]] = [[3, -2], [-2, 7]]", 0, "A"),
        ("f(0, 0) = 8", 2, "c"),
        ("8. Symmetric, so a12 = a21 = -2", 2, "c"),
        ("8 because of eq. (3).", 2, "c"),
        ("8**", 2, "c"),
        ("[[1, 0], [0, 0]] + [[2, -2], [-2, 7]]", 0, "A"),
        ("[[4, -2], [-2, 7]] - [[1, 0], [0, 0]]", 0, "A"),
        ("2*[[1, -1], [-1, 3]] + [[1, 0], [0, 1]]", 0, "A"),
        ("[4, 0] + [1, -6]", 1, "B"),
        ("[5, 0] - 6*[0, 1]", 1, "B"),
    ],
)
def test_the_array_behind_the_label_is_the_answer(value: str, place: int, label: str):
    """Brackets of a remark change nothing; sums of arrays are computed."""
    judgement = in_field(value, place, label)
    assert judgement.credit == 1.0
    assert judgement.review == 0.0


@pytest.mark.parametrize(
    ("value", "context"),
    [
        ("0.5*H with H = [[6, -4], [-4, 14]]", ""),
        ("H/2 where H = [[6, -4], [-4, 14]]", ""),
        ("1/2 H", "H = [[6, -4], [-4, 14]]\n"),
        (r"\frac{1}{2} H", r"H = \begin{pmatrix} 6 & -4 \\ -4 & 14 \end{pmatrix}, "),
        ("H/2 = [[3, -2], [-2, 7]]", "H = [[6, -4], [-4, 14]], "),
        ("np.array([[3, 0], [0, 7]])", "A[0, 1] = A[1, 0] = -2, A[0, 0] = 3, A[1, 1] = 7\n"),
    ],
)
def test_a_matrix_may_be_told_by_another_one(value: str, context: str):
    """Half of a Hessian that stands there is as good as the matrix written out."""
    check = form().checks[0]
    whole = f"{context}A = {value}"
    got = array.read(Answer(value, value, Place("a.md", 1), context=whole), check, form())
    assert got is not None, "blank"
    judgement = array.judge(got, array.expect(check, form(), call), Case(check, form()))
    if "np." not in value:
        assert (judgement.credit, judgement.review) == (1.0, 0.0)
    else:
        assert judgement.credit < 1.0, "a matrix that stands there is not mended by a remark"


def test_entries_are_set_in_a_matrix_of_zeros():
    """`A = zeros((2, 2))` and `A[0, 0] = 3` on the next line are one matrix."""
    value = "np.zeros((2, 2))"
    check = Check("array", "A", 4, {"value": [[3, 0], [0, 0]]})
    question = Question("q", "Q", "?", 4, (check,))
    answer = Answer(value, value, Place("a.md", 1), context=f"A = {value}\nA[0, 0] = 3")
    got = array.read(answer, check, question)
    assert got is not None, "blank"
    judgement = array.judge(got, array.expect(check, question, call), Case(check, question))
    assert (judgement.credit, judgement.review) == (1.0, 0.0)


@pytest.mark.parametrize(
    "text",
    [
        "A11 = 1 + 2 = 3, A12 = A21 = -4/2 = -2, A22 = 7",
        "a11 = 3, a12 = -2, a22 = 7",
        "A11 = 3. A12 = -2. A21 = -2. A22 = 7.",
        "Matrix A: first row (3, -2), second row (-2, 7).",
        "A: the 1st row is [3, -2], the 2nd row is [-2, 7]",
        "A:\n- [3, -2]\n- [-2, 7]",
        r"A = \begin{pmatrix} \frac{6}{2} & -\frac{4}{2} \\ -2 & {7} \end{pmatrix}",
        r"A = \begin{bmatrix} {3} & { -2 } \\ {-2} & \frac{14}{2} \end{bmatrix}",
    ],
)
def test_entries_may_be_computed_announced_or_left_to_symmetry(text: str):
    """Steps before an entry, rows by their number and a12 for both are what people write."""
    question = form(a={**A, "symmetric": True})
    judgement = judged(text, question)
    assert (judgement.credit, judgement.review) == (1.0, 0.0)


@pytest.mark.parametrize("value", ["8 = f(0, 0)", "8 ∈ R", r"8 \in \mathbb{R}", "scalar 8"])
def test_a_number_behind_its_label_may_be_explained(value: str):
    """Where the constant comes from changes nothing."""
    judgement = in_field(value, 2, "c")
    assert (judgement.credit, judgement.review) == (1.0, 0.0)


@pytest.mark.parametrize(
    "value",
    [
        "[[1, 0], [0, 2]] or [[3, -2], [-2, 7]]",
        "I - [[3, -2], [-2, 7]]",
        "[[3, -2], [-2, 7]] + I",
        "[[3, -2], [-2, 7]]^{-1}",
        "[[3, -2], [-2, 7]]^2",
        "≠ [[3, -2], [-2, 7]]",
    ],
)
def test_a_sign_beside_an_array_is_for_a_person(value: str):
    """What cannot be computed is neither right nor wrong without a look at it."""
    assert in_field(value, 0, "A").review == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "[[3, -2], [-2, 7]]\n[5, -6]\n8",
        "Answer: [[3,-2],[-2,7]], [5,-6], 8",
        "[3 -2; -2 7], [5; -6], 8",
        "(A, B, c) = ([[3, -2], [-2, 7]], [5, -6], 8)",
        r"\begin{pmatrix}3&-2\\-2&7\end{pmatrix}, \begin{pmatrix}5\\-6\end{pmatrix}, 8",
    ],
)
def test_arrays_without_labels_stand_in_the_order_of_the_question(text: str):
    """Who writes three arrays for three fields needs no names."""
    assert [judged(text, form(), place).credit for place in range(3)] == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("text", "place"),
    [("The matrix is symmetric, and B is the column (5, -6)", 0),
     ("a11 = 3, a22 = 7", 0)],
)  # fmt: skip
def test_an_array_of_an_odd_shape_is_for_a_person(text: str, place: int):
    """A field that has only another field's array was hardly read as it was meant."""
    judgement = judged(text, form(), place)
    assert judgement.credit < 1.0
    assert judgement.review == 1.0


@pytest.mark.parametrize(
    ("value", "right"),
    [
        ("var(x) = 3, var(y) = 7, cov(x, y) = -2", [[3, -2], [-2, 7]]),
        ("df/dx = 5, df/dy = -6, df/dz = 2", [5, -6, 2]),
    ],
)
def test_numbers_that_were_not_put_together_are_looked_at(value: str, right: Any):
    """All numbers stand there, under names that nobody knows."""
    assert alone(value, right).review == 1.0


TAKEN_AT = [
    "(-1, 7) at (1, 1)", "(−1, 7)^T at the point (1, 1)", "[-1, 7] at [1, 1]",
    "(2x + y − 4, 6y + x)^T = (−1, 7)^T at (1,1)", "grad f = (-1, 7)^T evaluated at (1, 1).",
    "(-1, 7) for (x, y) = (1, 1)", "(-1, 7), at x = (1, 1)",
    "(2x + y - 4, 6y + x) at (1,1) = (-1,7)",
    "at (1, 1): (-1, 7)", "$(-1, 7)$ in $(1, 1)$", "(-1,7) (at (1,1))",
]  # fmt: skip


@pytest.mark.parametrize("text", TAKEN_AT)
def test_the_point_at_which_a_value_is_taken_is_a_remark(text: str) -> None:
    """`(-1, 7) at (1, 1)` is (-1, 7); who was asked for the point is seen by a person."""
    assert (alone(text, [-1, 7]).credit, bool(alone(text, [-1, 7]).review)) == (1.0, False)
    assert (alone(text, [5, 9]).credit, bool(alone(text, [5, 9]).review)) == (0.0, False)


def test_the_point_itself_may_be_the_answer() -> None:
    """`minimum at (1, 1)` names the point, and `gradient (0, 0) at (1, 1)` is seen by a person."""
    assert alone("the minimum is at (1, 1)", [1, 1]).credit == 1.0
    assert alone("the gradient is (0, 0) at (1, 1)", [1, 1]).review == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "1,5; 1,41667; 1,41422", "1,5 ; 1,4167 ; 1,4142", "1,5;1,41667;1,41422;",
        "1,5\n1,41667\n1,41422", "1,5; 1,41667; 1,41423 (rounded)", "1,5 1,41667 1,41422",
        "m: 1,5; 1,41667; 1,41422", "| 1,5 |\n| 1,41667 |\n| 1,41422 |", "1,5 | 1,41667 | 1,41422",
    ],
)  # fmt: skip
def test_semicolons_part_numbers_with_decimal_commas(text: str):
    """`1,5; 1,41667; 1,41422` are three numbers to who writes decimal commas."""
    assert alone(text, [1.5, 1.41667, 1.41422]).credit == 1.0
    assert alone(text, [1.5, 1.41667, 1.5]).credit == pytest.approx(2 / 3)


def test_semicolons_part_rows_too():
    """`1,2; 3,4` is a matrix where a matrix was asked for, and the commas part its entries."""
    assert alone("1,2; 3,4", [[1, 2], [3, 4]]).credit == 1.0
    assert alone("1,5\n2,5; 3,5", [[1, 5], [2, 5], [3, 5]]).credit == 1.0
    assert alone("1; 1,5; 2", [1, 1.5, 2]).credit == 1.0
    assert alone("1,5; 2,5; 3,5", [[1.5, 2.5], [3.5, 4.5]]).credit == 0.0


RULE = "|---|---|---|\n"
NUMBERED = [
    f"| iteration | m1 | m2 |\n{RULE}| 1 | 1.5 | 2 |\n| 2 | 1.25 | 3 |",
    f"| iteration | m1 | m2 |\n{RULE}| 0 | 1 | 4 |\n| 1 | 1.5 | 2 |\n| 2 | 1.25 | 3 |",
    f"| k | m1 | m2 |\n{RULE}| 0 | 1.5 | 2 |\n| 1 | 1.25 | 3 |",
    f"| step | m1 | m2 |\n{RULE}| start | 1 | 4 |\n| 1 | 1.5 | 2 |\n| 2 | 1.25 | 3 |",
    f"| | m1 | m2 |\n{RULE}| it. 0 | 1 | 4 |\n| it. 1 | 1.5 | 2 |\n| it. 2 | 1.25 | 3 |",
    f"| | m1 | m2 |\n{RULE}| initial | 1 | 4 |\n| first | 1.5 | 2 |\n| second | 1.25 | 3 |",
    "iteration m1 m2\n1 1.5 2\n2 1.25 3", "iteration,m1,m2\n1,1.5,2\n2,1.25,3",
    "n\tm1\tm2\n1\t1.5\t2\n2\t1.25\t3", "1 | 1.5 | 2\n2 | 1.25 | 3",
    "k m1 m2\n0 1 4\n1 1.5 2\n2 1.25 3",
    f"| iteration | m1 | m2 |\n{RULE}| 1 | 1,5 | 2 |\n| 2 | 1,25 | 3 |",
]  # fmt: skip


@pytest.mark.parametrize("text", NUMBERED)
def test_the_frame_of_a_table_is_no_entry(text: str):
    """A header, the numbers of the rows and the start of an iteration are no answer."""
    judgement = alone(text, [[1.5, 2], [1.25, 3]])
    assert (judgement.credit, bool(judgement.review)) == (1.0, False)
    assert alone(text, [[1.5, 2], [1.25, 9]]).credit == 0.75
    assert "decimal" not in judgement.evidence or "1,5" in text


def test_numbers_that_fit_are_entries():
    """A matrix whose first column counts is one where that shape was asked for."""
    assert alone("1 | 1.5 | 2\n2 | 1.25 | 3", [[1, 1.5, 2], [2, 1.25, 3]]).credit == 1.0
    assert alone("1 5\n2 6\n3 7", [5, 6, 7]).credit == 1.0
    assert alone("2 1.5 2\n1 1.25 3", [[1.5, 2], [1.25, 3]]).credit == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "| m1 | m2 |\n|---|---|\n| 1 | 4 |\n| 1.5 | 2 |\n| 1.25 | 3 |",
        f"| iteration | 1 | 2 |\n{RULE}| m1 | 1.5 | 1.25 |\n| m2 | 2 | 3 |",
        "| loss | m1 | m2 |\n|---|---|---|\n| 0.9 | 1.5 | 2 |\n| 0.7 | 1.25 | 3 |",
    ],
)
def test_a_table_with_more_than_the_answer_is_looked_at(text: str):
    """Which rows and columns of a table are the answer, a person sees."""
    assert alone(text, [[1.5, 2], [1.25, 3]]).review == 1.0


@pytest.mark.parametrize(
    "value",
    [
        {"m1": [1.5, 1.25], "m2": [2, 3]}, {"m1": ["1.5", "1.25"], "m2": ["2", "3"]},
        '{"m1": [1.5, 1.25], "m2": [2, 3]}', "m1 = [1.5, 1.25], m2 = [2, 3]",
        "m1: (1.5, 1.25)\nm2: (2, 3)", "m_1 = (1.5, 1.25); m_2 = (2, 3)",
        "μ1 = [1.5, 1.25], μ2 = [2, 3]",
    ],
)  # fmt: skip
def test_lists_with_names_may_be_columns(value: Any):
    """Whose columns stand as lists with names has not silently exchanged rows and columns."""
    assert alone(value, [[1.5, 2], [1.25, 3]]).review == 1.0


@pytest.mark.parametrize(
    "value",
    [
        {"row1": [1.5, 1.25], "row2": [2, 3]}, {"1": [1.5, 1.25], "2": [2, 3]},
        "row1 = [1.5, 1.25], row2 = [2, 3]", "[[1.5, 1.25], [2, 3]]",
        "means = [[1.5, 1.25], [2, 3]]", {"means": [[1.5, 1.25], [2, 3]]},
    ],
)  # fmt: skip
def test_rows_that_are_named_rows_are_rows(value: Any):
    """Rows and columns are exchanged where the names do not say otherwise."""
    judgement = alone(value, [[1.5, 2], [1.25, 3]])
    assert (ids(judgement), bool(judgement.review)) == (["transposed"], False)
