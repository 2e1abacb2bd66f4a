"""A region is judged by the signs in its cells, however its function was written down."""

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import desk
from grader.errors import Unreadable
from grader.kinds import Case, Run, _pictures, grid
from grader.kinds import load as load_kind
from grader.model import Answer, Part, Place, Submission
from grader.sandbox import outcomes

HOMEWORK = "cie6032-homework1"


@pytest.fixture(scope="module")
def homework():
    with desk.set_up(HOMEWORK) as at:
        yield at


def answer(text) -> Answer:
    return Answer(text, str(text), Place("answers.yaml", 1))


def graded(homework, question: str, **fields: str):
    """Grade one question and return (score, ids of mistakes, outcomes)."""
    body = fields.pop("body", None)
    part = Part(
        answer(body) if body else None, {name: answer(text) for name, text in fields.items()}
    )
    report = homework.judge(Submission("s", {question: part}), only=[question])
    (found,) = report.questions
    ids = [each.id for verdict in found.verdicts for each in verdict.judgement.mistakes]
    assert report.complete, report.faults
    return found.score, ids


STEPS = [
    ("1 if x1 >= 0.5 else -1", "1 if x2 >= 0.5 else -1", "h11 * h12"),
    (r"f_{11}(x_1) = \begin{cases} 1 & x_1 \ge 0.5 \\ -1 & x_1 < 0.5 \end{cases}",
     r"\begin{cases} 1 & x_2 \ge 0.5 \\ -1 & \text{otherwise} \end{cases}", r"h_{11} h_{12}"),
    ("sign(x1 - 0.5)", "sign(x2 - 0.5)", "h_{11} \\cdot h_{12}"),
    ("np.where(x1 > 0.5, 1, 0)", "np.where(x2 > 0.5, 1, 0)", "1 if h11 == h12 else 0"),
    ("x1 - 0.5", "x2 - 0.5", "sign(h11 h12)"),
    ("cos(pi x1)", "cos(pi x2)", "h11 h12"),
    ("1[x1 > 1/2]", "1[x2 > 1/2]", "1 - |h11 - h12|"),
    ("-1 if x1 < 0.5 else 1", "-1 if x2 < 0.5 else 1", "y = h11*h12"),
]  # fmt: skip


@pytest.mark.parametrize(("f11", "f12", "g"), STEPS)
def test_any_functions_that_compose_to_the_region_are_right(homework, f11, f12, g):
    """Signs, zeros and ones, distances from the threshold: the composition decides."""
    assert graded(homework, "p2.1", f11=f11, f12=f12, g=g) == (5, [])


@pytest.mark.parametrize(
    ("g", "id_"),
    [
        ("-h11 * h12", "xor-for-xnor"),
        ("min(h11, h12)", "and-for-xnor"),
        ("max(h11, h12)", "or-for-xnor"),
        ("1 if h11 != h12 else -1", "xor-for-xnor"),
    ],
)
def test_a_wrong_last_stage_is_named_and_the_others_keep_their_marks(homework, g, id_):
    """Only g is charged where f11 and f12 are right."""
    f = "1 if {} >= 0.5 else -1"
    score, ids = graded(homework, "p2.1", f11=f.format("x1"), f12=f.format("x2"), g=g)
    assert ids == [id_]
    assert 3 < score < 5


FOLDS = [
    "1 - |x - 1|", "min(x, 2 - x)", "2 - x if x >= 1 else x", "relu(x) - 2 relu(x - 1)",
    "max(0, x) - 2 max(0, x - 1)", r"\begin{cases} x & x < 1 \\ 2 - x & x \ge 1 \end{cases}",
    "np.minimum(x, 2 - x)", "np.where(x < 1, x, 2 - x)", "1 - abs(x - 1)", "|x - 1|",
    "arccos(cos(pi x)) / pi",
]  # fmt: skip


@pytest.mark.parametrize("fold", FOLDS)
def test_every_way_of_folding_is_right(homework, fold):
    """A fold is a fold, with a case, an absolute value, a minimum or a pair of ReLUs."""
    assert graded(homework, "p2.2", z1=fold, z2=fold) == (5, [])


@pytest.mark.parametrize("fold", [fold for fold in FOLDS if fold != "|x - 1|"])
def test_the_two_folds_may_be_written_differently(homework, fold):
    """What counts is the region that both draw together."""
    assert graded(homework, "p2.2", z1=FOLDS[0], z2=fold) == (5, [])


@pytest.mark.parametrize(
    ("z", "id_"),
    [
        ("x mod 1", "checkerboard-by-translation"),
        ("x - floor(x)", "checkerboard-by-translation"),
        ("2 - |x - 2|", "fold-at-two"),
        ("x", "fold-at-two"),
    ],
)
def test_wrong_folds_are_named_by_the_region_that_they_draw(homework, z, id_):
    """The picture of the mistake tells which one it is."""
    score, ids = graded(homework, "p2.2", z1=z, z2=z)
    assert set(ids) == {id_}
    assert 0 < score < 5


SHALLOW = [
    "y = sign(cos(pi x1)) * sign(cos(pi x2))",
    "cos(pi x1) cos(pi x2)",
    "(-1)^(floor(x1 + 1/2)) * (-1)^(floor(x2 + 1/2))",
    "(-1)^(floor(2 x1) + floor(x1)) (-1)^(floor(2 x2) + floor(x2))",
    "sign(1/2 - |x1 - 2 floor(x1/2) - 1|) * sign(1/2 - |x2 - 2 floor(x2/2) - 1|)",
    r"(-1 + 2\sum_{k=0}^{2^n-1} (-1)^k 1[x_1 \ge k + 0.5])"
    r"(-1 + 2\sum_{k=0}^{2^n-1} (-1)^k 1[x_2 \ge k + 0.5])",
]  # fmt: skip


@pytest.mark.parametrize("text", SHALLOW)
def test_a_shallow_formula_is_right_for_every_n(homework, text):
    """Periodic units and exponentially many thresholds draw the same picture."""
    assert graded(homework, "p2.5", body=text) == (5, [])


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("sign((x1 mod 1) - 0.5) * sign((x2 mod 1) - 0.5)", "checkerboard-by-translation"),
        ("sign((x1 mod 2) - 0.5) * sign((x2 mod 2) - 0.5)", "period-without-mirror"),
        ("-cos(pi x1) cos(pi x2)", "xor-for-xnor"),
    ],
)
def test_wrong_shallow_formulas_are_named(homework, text, id_):
    """Each wrong picture has its name."""
    score, ids = graded(homework, "p2.5", body=text)
    assert ids == [id_]
    assert score < 5


RIGHT = "+--++--+ -++--++- -++--++- +--++--+ +--++--+ -++--++- -++--++- +--++--+".split()  # noqa: SIM905


@given(
    marks=st.sampled_from(["+-", "10", "■□", "#.", "⬛⬜", "＋－", "x0", "●○"]),
    gap=st.sampled_from(["", " ", ", ", " | ", "\t"]),
    end=st.sampled_from(["\n", " \n", "\r\n"]),
)
def test_a_picture_may_be_typed_in_any_marks(marks: str, gap: str, end: str):
    """Signs, bits and blocks are the same picture."""
    if marks == "＋－":
        marks = "＋−"
    rows = [gap.join(marks[char == "-"] for char in row) for row in RIGHT]
    got = _pictures.read(end.join(rows)).rows
    assert ["".join("+" if cell > 0 else "-" for cell in row) for row in got] == RIGHT


def test_numbers_with_signs_make_a_picture():
    """+1 and -1 are one cell each."""
    text = "\n".join(" ".join("+1" if char == "+" else "-1" for char in row) for row in RIGHT)
    assert len(_pictures.read(text).rows[0]) == 8


def test_a_list_of_texts_is_a_picture(homework):
    """A YAML list of rows reads like a block of lines."""
    part = Part(None, {"picture": answer(RIGHT)})
    report = homework.judge(Submission("s", {"p2.3": part}), only=["p2.3"])
    assert report.questions[0].verdicts[1].score == 2.5


@pytest.mark.parametrize(("row", "column"), [(0, 0), (3, 4), (7, 7)])
def test_one_wrong_cell_is_another_region(homework, row, column):
    """A picture with one sign exchanged is not the right one."""
    rows = [list(line) for line in RIGHT]
    rows[row][column] = "-" if rows[row][column] == "+" else "+"
    score, _ = graded(homework, "p2.3", picture="\n".join(map("".join, rows)))
    assert score == 0


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str):
    """Whatever is typed is read, or unreadable."""
    with contextlib.suppress(Unreadable):
        _pictures.read(text)


def test_code_is_judged_by_what_it_returns(homework):
    """A function's values count as +1/-1, 1/0 or booleans, flat or in rows."""
    question = next(q for q in homework.rubric.questions if q.id == "p2.5")
    check = question.checks[0]
    want = homework.expected.want(check, question)
    start, returned = 0, []
    for index, shape in enumerate(want.shapes):
        signs = want.signs[start : start + math.prod(shape)].reshape(shape)
        start += signs.size
        returned.append([signs, signs > 0, (signs > 0).astype(int), signs.ravel()][index % 4])
    run = Run(tuple(outcomes.Returned(value) for value in returned), function="one_layer")
    got = load_kind("grid").observe(run, check)
    assert grid.judge(got, want, Case(check, question)).credit == 1
