"""The midterm from sheet to report: right answers, every mistake of the key, and real sheets."""

from pathlib import Path

import pytest

from grader import desk
from grader.exports import load as load_export
from grader.model import Answer, Outcome, Part, Place, Submission

SUBMISSIONS = Path(__file__).parent / "submissions" / "midterm"


@pytest.fixture(scope="module")
def midterm():
    with desk.set_up("ie8990-midterm") as at:
        yield at


def part(value) -> Part:
    if isinstance(value, dict) and "A" in value:
        return Part(None, {name: answer(text) for name, text in value.items()})
    return Part(answer(value))


def answer(value) -> Answer:
    return Answer(value, str(value), Place("answers.yaml", 1))


def graded(midterm, question: str, value):
    report = midterm.judge(Submission("s", {question: part(value)}), only=[question])
    assert report.complete, report.faults
    return report.questions[0]


def ids(report) -> list[str]:
    return [each.id for verdict in report.verdicts for each in verdict.judgement.mistakes]


def test_the_marks_are_those_of_the_paper(midterm):
    """Each part has the marks that the exam prints, a hundred in all."""
    marks = {q.id: q.points for q in midterm.rubric.questions}
    assert marks == {
        "q1.a": 5, "q1.b": 5, "q1.c": 5, "q1.d": 5, "q2.a": 2.5, "q2.b": 2.5, "q2.c": 2.5,
        "q2.d": 2.5, "q3": 10, "q4.a": 10, "q4.b": 10, "q5": 20, "q6": 10, "q7": 10,
    }  # fmt: skip
    assert sum(marks.values()) == 100


def test_a_perfect_sheet_has_full_marks(midterm):
    """Everything right, nothing to review."""
    report = midterm.grade(SUBMISSIONS / "perfect")
    wrong = [q.question.id for q in report.questions if q.outcome is not Outcome.CORRECT]
    assert (report.score, wrong) == (100, [])
    assert not any(v.judgement.review for q in report.questions for v in q.verdicts)


def test_a_blank_template_has_no_marks(midterm):
    """The template as it was printed is no answer to anything."""
    report = midterm.grade(SUBMISSIONS / "blank")
    assert report.score == 0
    assert {q.outcome for q in report.questions} == {Outcome.MISSING}


# What a fair teacher gives; free text is a proposal, with what it leaves to a person.
TYPICAL = {
    "q1.a": 5, "q1.c": 5, "q2.a": 2.5, "q2.b": 2.5, "q2.c": 2.5, "q5": 17, "q6": 8, "q7": 9,
}  # fmt: skip
CHAOTIC = {
    "q1.a": 5, "q1.d": 5, "q2.a": 2.5, "q2.b": 2.5, "q2.c": 2.5, "q2.d": 2.5, "q3": 10,
    "q5": 20, "q6": 10, "q7": 10,
}  # fmt: skip


@pytest.mark.parametrize(("name", "marks"), [("typical", TYPICAL), ("chaotic", CHAOTIC)])
def test_real_sheets_get_the_marks_of_a_fair_teacher(midterm, name, marks):
    """A usual sheet and one that was written on a train."""
    report = midterm.grade(SUBMISSIONS / name)
    found = {q.question.id: q.score for q in report.questions}
    assert {key: found[key] for key in marks} == marks


def test_a_weak_sheet_keeps_what_is_right_in_it(midterm):
    """Little is right, but what is counts, and the rest awaits a person."""
    report = midterm.grade(SUBMISSIONS / "weak")
    assert 2 < report.score < 15
    assert "stopped-at-z" in ids(report.questions[-1])


@pytest.mark.parametrize("format_", ["text", "json", "markdown", "html"])
@pytest.mark.parametrize("name", ["perfect", "typical", "weak", "chaotic", "blank"])
def test_a_student_never_reads_a_right_answer(midterm, format_, name):
    """What is expected stays with staff, in every format."""
    report = midterm.grade(SUBMISSIONS / name)
    export = load_export(format_)
    staff, student = export.report(report, "staff"), export.report(report, "student")
    secrets = ["14,714,688", "138,357,544", "0.5108256", "Softmax is strictly positive"]
    answers = "".join(path.read_text() for path in (SUBMISSIONS / name).iterdir())
    for secret in secrets:
        if secret not in answers:
            assert secret not in student
    assert name == "blank" or "138,357,544" in staff


# --- numbers: H(y, ŷ) of the key's table, each value worked out by hand there -----------------

Q2A = [
    ("1.0", "log-base-10"), ("3.321928", "log-base-2"), ("-2.302585", "sign"),
    ("0.693147", "wrong-class"), ("0.916291", "wrong-class-second"),
    ("0.767528", "divided-by-classes"), ("3.912023", "all-classes-summed"),
    ("3.506558", "binary-cross-entropy"), ("1.168853", "binary-cross-entropy-mean"),
    ("0.943348", "entropy-of-prediction"), ("0.9", "no-logarithm"), ("1.22", "squared-error"),
    ("1.345911", "softmax-twice"),
]  # fmt: skip
Q2C = [
    ("0.221849", "log-base-10"), ("0.736966", "log-base-2"), ("-0.510826", "sign"),
    ("1.203973", "wrong-class"), ("2.302585", "wrong-class-third"),
    ("0.972861", "binary-cross-entropy"), ("1.791759", "decrease-reported"),
    ("0.26", "squared-error"), ("4.017384", "all-classes-summed"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("question", "value", "id_"),
    [("q2.a", *each) for each in Q2A] + [("q2.c", *each) for each in Q2C],
)
def test_every_wrong_cross_entropy_is_named(midterm, question, value, id_):
    """Each classic wrong value has its name, and does not get full marks."""
    report = graded(midterm, question, value)
    assert id_ in ids(report)
    assert report.score < 2.5


@pytest.mark.parametrize(
    "value",
    ["2.3026", "2,3026", "-ln(0.1)", "ln 10", "2.303 nats", "≈ 2.30", "-log(0.1) = 2.303",
     r"$-\ln 0.1 = 2.3026$", "H = 2.302585", "−(1·ln 0.1 + 0·ln 0.4 + 0·ln 0.5) = 2.3026",
     "log10(10) with base 10 stated: log_10 gives 1"],
)  # fmt: skip
def test_right_forms_of_a_number_have_full_marks(midterm, value):
    """A computation, a comma, a unit, another base that is stated."""
    assert graded(midterm, "q2.a", value).score == 2.5


# --- the table ---------------------------------------------------------------------------------

RIGHT = {
    "conv1_1": 1792, "conv1_2": 36928, "conv2_1": 73856, "conv2_2": 147584, "conv3_1": 295168,
    "conv3_2": 590080, "conv3_3": 590080, "conv4_1": 1180160, "conv4_2": 2359808,
    "conv4_3": 2359808, "conv5_1": 2359808, "conv5_2": 2359808, "conv5_3": 2359808,
}  # fmt: skip
BIASES = [64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]


def table(**changes) -> dict[str, str]:
    return {name: f"{value:,}" for name, value in {**RIGHT, **changes}.items()}


def test_forgotten_biases_are_one_slip(midterm):
    """Thirteen rows without biases cost three marks in all, and are named once."""
    rows = dict(
        zip(RIGHT, (v - b for v, b in zip(RIGHT.values(), BIASES, strict=True)), strict=True)
    )
    report = graded(midterm, "q5", table(**rows))
    assert (report.score, ids(report)) == (17, ["bias-not-counted"])


def test_stated_bias_free_counts_are_right(midterm):
    """Who says that biases are left out has answered another fair question."""
    rows = dict(
        zip(RIGHT, (v - b for v, b in zip(RIGHT.values(), BIASES, strict=True)), strict=True)
    )
    text = "Parameters without bias:\n" + "\n".join(f"{k}: {v}" for k, v in rows.items())
    assert graded(midterm, "q5", text).score == 20


@pytest.mark.parametrize(
    ("changes", "score", "id_"),
    [
        ({"conv1_1": 640}, 19, "one-input-channel"),
        ({"fc3": 8194}, 19, "two-class-head"),
        (
            {"fc1": 102764544, "fc2": 16781312, "fc3": 8194, "total": 134268738},
            19,
            "two-class-head",
        ),
        ({"fc1": 2101248}, 19, "map-not-flattened"),
        ({"fc1": 411045888}, 19, "last-pool-forgotten"),
        (
            {"conv2_1": 147584, "conv3_1": 590080, "conv4_1": 2359808},
            17,
            "input-depth-is-output-depth",
        ),
    ],
)
def test_wrong_rows_are_named(midterm, changes, score, id_):
    """A wrong row costs its own marks; a total that follows from it costs nothing."""
    report = graded(midterm, "q5", table(**changes))
    assert id_ in ids(report)
    assert report.score == pytest.approx(score, abs=0.6)


@pytest.mark.parametrize("total", ["14,714,688", "138,357,544"])
def test_totals_over_right_rows_are_right(midterm, total):
    """With and without the fully connected layers."""
    rows = table()
    if total.startswith("138"):
        rows |= {"fc1": "102,764,544", "fc2": "16,781,312", "fc3": "4,097,000"}
    assert graded(midterm, "q5", {**rows, "total": total}).score == 20


# --- matrices ----------------------------------------------------------------------------------

GOOD = {"A": "[[-99, 0], [0, 0]]", "B": "[-2, 100]", "c": "1"}


@pytest.mark.parametrize(
    ("change", "id_"),
    [
        ({"A": "[[-198, 0], [0, 0]]"}, "hessian-convention"),
        ({"A": "[[101, 0], [0, 0]]"}, "sign"),
        ({"A": "[[1, 0], [0, 0]]"}, "term-dropped"),
        ({"A": "[[-100, 0], [0, 0]]"}, "square-not-expanded"),
        ({"A": "[[-99, 50], [50, 0]]"}, "linear-read-as-cross-term"),
        ({"A": "[[-99, 0], [0, 100]]"}, "linear-read-as-square"),
        ({"A": "[[-99, 7], [-7, 0]]"}, "not-symmetric"),
        ({"B": "[2, 100]"}, "sign"),
        ({"B": "[-2, -100]"}, "sign-second"),
        ({"B": "[-1, 50]"}, "halved"),
        ({"c": "0"}, "constant-forgotten"),
        ({"c": "-1"}, "sign"),
    ],
)
def test_every_wrong_quadratic_form_is_named(midterm, change, id_):
    """The wrong entry tells which term of f was mishandled."""
    report = graded(midterm, "q6", {**GOOD, **change})
    assert ids(report) == [id_]
    assert report.score < 10


@pytest.mark.parametrize(
    "value",
    [GOOD, {**GOOD, "B": "[[-2], [100]]"},
     {**GOOD, "A": r"\begin{bmatrix}-99 & 0\\0 & 0\end{bmatrix}"},
     "A = [-99 0; 0 0], B = (-2, 100)^T, c = 1", {**GOOD, "A": "np.array([[-99, 0], [0, 0]])"}],
)  # fmt: skip
def test_right_forms_of_matrices_have_full_marks(midterm, value):
    """Lists, LaTeX, MATLAB, NumPy, rows or columns."""
    assert graded(midterm, "q6", value).score == 10


# --- the formula -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        (r"\hat{y} - y", "stopped-at-z"),
        ("(y - ŷ) xᵀ", "sign"),
        ("x.T @ (y_hat - y)", "product-order"),
        (r"\frac{1}{m}(\hat y - y)x^T", "extra-mean"),
        ("((y_hat - y) * y_hat * (1 - y_hat)) @ x.T", "squared-error-habit"),
        (r"\left(-\frac{y}{\hat y} + \frac{1-y}{1-\hat y}\right) x^T", "missing-derivative"),
        (r"-y(1-\hat y)x^T", "missing-term"),
    ],
)
def test_every_wrong_gradient_is_named(midterm, text, id_):
    """Each classic slip of the chain rule has its name."""
    report = graded(midterm, "q7", text)
    assert id_ in ids(report)
    assert report.score < 10
