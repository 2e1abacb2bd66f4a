"""The homework's problems 1 to 3 from sheet to report: right forms, and every mistake of the key."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader import desk
from grader.model import Answer, Outcome, Part, Place, Submission

SUBMISSIONS = Path(__file__).parent / "submissions" / "homework1"
PAPER = [
    f"p{problem}.{part}"
    for problem, parts in ((1, 2), (2, 5), (3, 5))
    for part in range(1, parts + 1)
]


@pytest.fixture(scope="module")
def homework():
    with desk.set_up("cie6032-homework1") as at:
        yield at


def graded(homework, question: str, field: str, value: str):
    """Grade one field of a question and return its verdict."""
    part = Part(None, {field: Answer(value, value, Place("answers.yaml", 1))})
    report = homework.judge(Submission("s", {question: part}), only=[question])
    assert report.complete, report.faults
    (verdict,) = (v for v in report.questions[0].verdicts if v.check.field == field)
    return verdict


def ids(verdict) -> list[str]:
    return [each.id for each in verdict.judgement.mistakes]


def test_problems_1_to_3_have_seventy_marks(homework):
    """15, 25 and 30, as the sheet prints them."""
    marks = {q.id: q.points for q in homework.rubric.questions}
    totals = [sum(v for k, v in marks.items() if k.startswith(p)) for p in ("p1.", "p2.", "p3.")]
    assert totals == [15, 25, 30]


@pytest.mark.parametrize("name", ["perfect", "notations"])
def test_perfect_sheets_have_full_marks(homework, name):
    """The same answers in LaTeX, and in index notation, NumPy and Unicode."""
    report = homework.grade(SUBMISSIONS / name)
    found = [q for q in report.questions if q.question.id in PAPER]
    wrong = {q.question.id: q.score for q in found if q.outcome is not Outcome.CORRECT}
    assert not wrong
    assert sum(q.score for q in found) == 70


def test_a_blank_template_has_no_marks(homework):
    """The template as it was printed is no answer to anything."""
    report = homework.grade(SUBMISSIONS / "blank")
    assert {
        q.question.id: q.score for q in report.questions if q.outcome is not Outcome.MISSING
    } == {}


TYPICAL = {
    "p2.1": (3, 4.9), "p2.2": 5, "p2.5": 5, "p3.1": (3, 4.9), "p3.2": 5, "p3.3": 2,
    "p3.4": (7, 9), "p3.5": 2,
}  # fmt: skip
WEAK = {"p1.2": 0, "p2.2": (0.5, 3), "p2.4": 0, "p3.2": (1, 3), "p3.3": 2, "p3.5": 0}
CHAOTIC = {"p1.2": (3, 5), "p2.5": 5, "p3.2": 5, "p3.3": 5, "p3.5": (2, 5)}


@pytest.mark.parametrize(
    ("name", "marks"), [("typical", TYPICAL), ("weak", WEAK), ("chaotic", CHAOTIC)]
)
def test_real_sheets_get_the_marks_of_a_fair_teacher(homework, name, marks):
    """A usual sheet, a weak one, and one without order."""
    found = {q.question.id: q.score for q in homework.grade(SUBMISSIONS / name).questions}
    for question, mark in marks.items():
        low, high = mark if isinstance(mark, tuple) else (mark, mark)
        assert low <= found[question] <= high, (question, found[question])


@pytest.mark.parametrize(
    ("value", "id_"),
    [
        ("50", "bias-not-counted"), ("120", "branches-not-shared"), ("110", "weights-doubled"),
        ("70", "biases-doubled"), ("61", "hyper-parameters-counted"),
        ("62", "hyper-parameters-counted-both"), ("55", "bias-per-input"),
        ("25", "dimensions-added"),
    ],
)  # fmt: skip
def test_every_wrong_count_is_named(homework, value, id_):
    """Each classic wrong number has its name."""
    verdict = graded(homework, "p3.3", "number", value)
    assert id_ in ids(verdict)
    assert verdict.score < 5


D = r"\left((h_1-h_2)\odot h_{0}\odot(1-h_{0})\right)"
D1, D2 = D.replace("0", "1"), D.replace("0", "2")
G = r"W_3^\top(\hat y-y)"

SLIPS = [
    ("p1.1", "objective", r"\sum_i \sum_k t_{ik} \ln z_{ik}", "sign"),
    ("p1.1", "hidden_output", r"\sum_i (t_{ik} - z_{ik}) h_{ij}", "sign"),
    ("p1.1", "hidden_output", r"-\sum_i t_{ik} (1 - z_{ik}) h_{ij}", "only-the-diagonal"),
    ("p1.1", "hidden_output", r"\sum_i (z_{ik} - 1) h_{ij}", "every-class-as-the-true-one"),
    ("p1.1", "hidden_output", r"\sum_i (z_{ik}-t_{ik}) z_{ik} (1-z_{ik}) h_{ij}", "squared-error-habit"),
    ("p1.1", "hidden_output", "-(T / Z) @ H.T", "softmax-derivative-forgotten"),
    ("p1.1", "hidden_output", "Z - T", "missing-factor"),
    ("p1.1", "input_hidden", "(W_2.T @ (Z - T)) @ X.T", "missing-derivative"),
    ("p1.1", "input_hidden", r"((Z - T) \odot f'(net)) X^T", "output-weights-forgotten"),
    ("p1.1", "input_hidden", r"((W_2^T (Z - T)) \odot f'(net)) H^T", "hidden-for-input"),
    ("p1.1", "input_hidden", r"((W_2 (Z - T)) \odot f'(net)) X^T", "missing-transpose"),
    ("p3.1", "grad_W", rf"{D1} x_1^\top + {D2} x_2^\top + \lambda W", "second-branch-sign"),
    ("p3.1", "grad_W", rf"{D1} x_1^\top - {D2} x_2^\top", "regularisation-missing"),
    ("p3.1", "grad_W", rf"{D1} x_1^\top - {D2} x_2^\top + 2\lambda W", "regularisation-doubled"),
    ("p3.1", "grad_W", rf"{D1} x_1^\top - {D2} x_2^\top + \frac{{\lambda}}{{2}} W", "regularisation-halved"),
    ("p3.1", "grad_W", r"(h_1-h_2)x_1^\top - (h_1-h_2)x_2^\top + \lambda W", "missing-derivative"),
    ("p3.1", "grad_W", rf"{D1} x_1^\top + \lambda W", "first-branch-only"),
    ("p3.1", "grad_W", rf"{D1} (x_1 - x_2)^\top + \lambda W", "one-derivative-for-both"),
    ("p3.1", "grad_W", rf"2{D1} x_1^\top - 2{D2} x_2^\top + \lambda W", "constant-factor"),
    ("p3.1", "grad_W", rf"x_1 {D1}^\top - x_2 {D2}^\top + \lambda W^\top", "transposed-layout"),
    ("p3.1", "grad_b", rf"{D1} + {D2}", "second-branch-sign"),
    ("p3.1", "grad_b", rf"{D1} - {D2} + \lambda b", "bias-regularised"),
    ("p3.1", "grad_b", D1, "first-branch-only"),
    ("p3.2", "W", r"W + \alpha \nabla_W J", "sign"),
    ("p3.2", "W", r"W - \nabla_W J", "step-size-missing"),
    ("p3.2", "W", r"(1 - \alpha\lambda) W - \alpha \nabla_W J", "regularisation-twice"),
    ("p3.2", "b", r"b + \alpha \nabla_b J", "sign"),
    ("p3.2", "b", r"b - \nabla_b J", "step-size-missing"),
    ("p3.4", "grad_h1", r"W_3^\top (y - \hat y)", "sign"),
    ("p3.4", "grad_h1", r"W_3 (\hat y - y)", "missing-transpose"),
    ("p3.4", "grad_h2", r"W_3^\top (y - \hat y)", "sign"),
    ("p3.4", "grad_x", rf"W_1^\top[({G})\odot h_1\odot(1-h_1)] + W_2^\top {G}", "relu-mask-missing"),
    ("p3.4", "grad_x", rf"W_1^\top {G} + W_2^\top[({G})\odot 1\{{z_2>0\}}]", "missing-derivative"),
    ("p3.4", "grad_x", rf"W_1^\top[({G})\odot h_1\odot(1-h_1)]", "relu-branch-dropped"),
    ("p3.4", "grad_x", rf"W_2^\top[({G})\odot 1\{{z_2>0\}}]", "sigmoid-branch-dropped"),
    ("p3.4", "grad_x", rf"W_1^\top[({G})\odot h_1\odot(1-h_1)] + W_2^\top[({G})\odot 1\{{z_1>0\}}]",
     "mask-of-the-other-branch"),
]  # fmt: skip


@pytest.mark.parametrize(("question", "field", "text", "id_"), SLIPS)
def test_every_classic_slip_is_named(homework, question, field, text, id_):
    """Each wrong formula of the key is recognised under its own id, and loses marks."""
    verdict = graded(homework, question, field, text)
    assert id_ in ids(verdict)
    assert verdict.outcome in (Outcome.PARTIAL, Outcome.WRONG)


RIGHT = [
    ("p1.1", "objective", r"-\sum_i \ln z_{i,y_i}"),
    ("p1.1", "objective", "-np.sum(T * np.log(Z))"),
    ("p1.1", "objective", r"-\sum_{i=1}^{n}\sum_{k=1}^{K} t_{ik}\log z_{ik}"),
    ("p1.1", "objective", r"-\frac{1}{N}\sum_{i=1}^N \sum_{k=1}^c t_{i,k} \log z_{i,k}"),
    ("p1.1", "hidden_output", r"\frac{\partial J}{\partial w_{kj}} = \sum_i (z_{ik} - 1\{k = y_i\}) h_{ij}"),
    ("p1.1", "hidden_output", r"\sum_i (z_i - t_i) h_i^T"),
    ("p1.1", "input_hidden", r"\sum_n \left[\sum_k (z_{nk}-t_{nk}) w_{kj}\right] h_{nj}(1-h_{nj}) x_{ni}"),
    ("p1.1", "input_hidden", "((W_2.T @ (Z - T)) * (1 - H**2)) @ X.T"),
    ("p1.1", "input_hidden", r"\left[(W_2^T(Z-T)) \odot H \odot (1-H)\right] X^T"),
    ("p3.1", "grad_W", r"\delta_1 x_1^T + \delta_2 x_2^T + \lambda W where "
     r"\delta_1 = (h_1-h_2)\odot\sigma'(z_1), \delta_2 = -(h_1-h_2)\odot\sigma'(z_2)"),
    ("p3.2", "W", r"W_{new} = W_{old} - \alpha\left(" + D1 + r"x_1^T - " + D2 + r"x_2^T + \lambda W\right)"),
    ("p3.2", "W", r"(1-\alpha\lambda)W - \alpha(" + D1 + r"x_1^T - " + D2 + r"x_2^T)"),
    ("p3.2", "b", "b -= alpha * dJ/db"),
    ("p3.4", "grad_h1", r"\frac{1}{N} W_3^\top(\hat y - y)"),
    ("p3.4", "grad_x", "W_1.T @ (g * h_1 * (1 - h_1)) + W_2.T @ (g * (z_2 > 0)) where g = W_3.T @ (y_hat - y)"),
    ("p3.4", "grad_x", r"W^\top\left[(W_3^\top(\hat y - y)) \odot (h_1\odot(1-h_1) + 1\{z_2>0\})\right]"),
]  # fmt: skip


@pytest.mark.parametrize(("question", "field", "text"), RIGHT)
def test_further_right_forms_have_full_marks(homework, question, field, text):
    """Index notation, special activations, letters that are defined along with the answer."""
    verdict = graded(homework, question, field, text)
    assert verdict.outcome is Outcome.CORRECT, verdict.judgement


SUMS = {
    "objective": r"-\sum_i \sum_k t_{ik} \ln z_{ik}",
    "hidden_output": "(Z - T) H^T",
    "input_hidden": "((W_2^T (Z - T)) \\odot f'(net)) X^T",
}
MEANS = {field: rf"\frac{{1}}{{N}} ({text})" for field, text in SUMS.items()}


def fields_of(homework, question: str, answers: dict[str, str]):
    """Grade several fields of a question and return its report."""
    part = Part(None, {name: Answer(v, v, Place("answers.yaml", 1)) for name, v in answers.items()})
    report = homework.judge(Submission("s", {question: part}), only=[question])
    assert report.complete, report.faults
    return report.questions[0]


def charged(report) -> list[tuple[str, str]]:
    return [
        (verdict.check.field, each.id)
        for verdict in report.verdicts
        for each in verdict.judgement.mistakes
        if each.charged
    ]


@pytest.mark.parametrize("answers", [SUMS, MEANS])
def test_sums_throughout_or_means_throughout_are_right(homework, answers):
    """Either convention is fine, as long as it is kept."""
    report = fields_of(homework, "p1.1", answers)
    assert (report.score, charged(report)) == (10, [])


@pytest.mark.parametrize(
    ("odd", "at"),
    [
        ("objective", "hidden_output"),
        ("hidden_output", "hidden_output"),
        ("input_hidden", "input_hidden"),
    ],
)
@pytest.mark.parametrize(("usual", "other"), [(SUMS, MEANS), (MEANS, SUMS)])
def test_a_mean_in_one_place_only_costs_one_mark(homework, usual, other, odd, at):
    """1/N in the objective and not in the gradients, or the other way about, is charged once."""
    report = fields_of(homework, "p1.1", {**usual, odd: other[odd]})
    assert (report.score, charged(report)) == (9, [(at, "mean-in-one-place")])


def test_a_field_that_is_wrong_or_blank_keeps_to_no_convention(homework):
    """A wrong objective says nothing of the sums, and a blank one neither."""
    wrong = {**MEANS, "objective": r"-\sum_i z_{i,y_i}"}
    assert charged(fields_of(homework, "p1.1", wrong)) == []
    blank = {field: text for field, text in MEANS.items() if field != "objective"}
    report = fields_of(homework, "p1.1", blank)
    assert (report.score, charged(report)) == (8, [])


WRITTEN = yaml.safe_load((SUBMISSIONS.parent / "homework1.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("entry", WRITTEN, ids=lambda entry: f"{entry['question']}-{entry['id']}")
def test_the_answers_of_a_mixed_class_get_what_a_fair_teacher_gives(
    homework, tmp_path: Path, entry: Mapping[str, Any]
):
    """Marks, the names of mistakes, and a person's eye where the machine cannot tell."""
    question = entry["question"]
    if "code" in entry:
        (tmp_path / "answers.py").write_text(entry["code"], encoding="utf-8")
    else:
        sheet = f"## {question}\n\n{entry['text']}"
        (tmp_path / "answers.md").write_text(sheet, encoding="utf-8")
    (report,) = homework.grade(tmp_path, [question]).questions
    marks = entry["marks"]
    low, high = marks if isinstance(marks, list) else (marks, marks)
    named = {each.id for v in report.verdicts for each in v.judgement.mistakes}
    assert low <= report.score <= high, [v.judgement for v in report.verdicts]
    assert set(entry.get("mistakes", ())) <= named
    assert named <= set(entry.get("mistakes", ())) or low < high
    if entry.get("review"):
        assert any(verdict.judgement.review for verdict in report.verdicts)


def test_partial_marks_of_problems_1_to_3_are_quarters(homework):
    """Nobody gives 4.01 marks: what each declared mistake leaves is a number of quarters."""
    left = {
        (question.id, check.field, mistake.id): mistake.credit * check.points
        for question in homework.rubric.questions
        if question.id in PAPER
        for outer in question.checks
        for check in (outer, *outer.instead)
        for mistake in check.mistakes
    }
    odd = {name: marks for name, marks in left.items() if abs(4 * marks - round(4 * marks)) > 1e-9}
    assert not odd


BESIDE = [
    ("p1.2", "P(D) = prod_i P(y_i|x_i), the likelihood is a product. Taking -log gives J, as t is one-hot and z_{i,y_i} is the probability.", "independence-missing"),
    ("p1.2", "The samples are independent, so the likelihood is the product of z_{i,y_i}; its negative log is a sum, which is equivalent to the cross-entropy.", "one-hot-step-missing"),
    ("p1.2", "Independent samples: the likelihood is the product of the probabilities z_{i,y_i}. t is one-hot, so maximising the cross-entropy is the same as that.", "sign"),
    ("p1.2", "Independent samples, so P(D) is the product of z_{i,y_i}. t is one-hot, only the true class remains. So -ln P(D) = -\\frac{1}{N}\\sum_i \\ln z_{i,y_i} = J.", "mean-on-one-side"),
    ("p1.2", "Independent samples, so P(D) is the product of z_{i,y_i}. t is one-hot, only the true class remains. So -ln P(D) = (1/N) sum_i -ln z_{i,y_i} = J.", "mean-on-one-side"),
    ("p1.2", "The likelihood is the sum of the probabilities of all samples.", "sum-for-product"),
    ("p1.2", "Independent samples, so P(D) is the product of z_{i,y_i}. t is one-hot, only the true class remains: -ln P(D) = J up to the constant 1/N.", None),
    ("p2.4", "n layers, each folds at 1, always at 1. Then f and g. 2n+3 units.", "fold-at-one"),
    ("p2.4", "n layers of folds, the smallest first: at 1, then 2, then 4. 2n+3 units", "smallest-fold-first"),
    ("p2.4", "n layers of folds, largest first: at 2^(n-1). It takes O(2^n) units in all, exponential.", "exponential-units"),
    ("p2.5", "Use n layers, one after the other, each of which folds once.", "several-layers"),
    ("p2.5", "Use one hidden layer with 2n threshold units and multiply.", "too-few-thresholds"),
    ("p3.2", "W ← W − α∇_W J\nb ← b − α∇_b J\nλ ← λ − α ∂J/∂λ", "hyper-parameter-updated"),
    ("p3.2", "W ← W − α∇_W J\nb ← b − α∇_b J\nwith λ = 0.01", None),
    ("p3.2", "W = W - α dW\nb = b - α db, where db is computed with the new W", "updated-before-the-gradient"),
    ("p3.2", "W_new = W - α ∇_W J\nb_new = b - α ∇_b J, not with the updated W but with the old one", None),
    ("p3.2", "W ← W − α∇_W J\nb ← b − α((σ(W_new x_1 + b) − σ(W_new x_2 + b)) ⊙ (σ'(W_new x_1 + b) − σ'(W_new x_2 + b)))", "updated-before-the-gradient"),
    ("p3.4", "grad_h1: W_1^T (ŷ − y)\ngrad_h2: W_1^T (ŷ − y)\ngrad_x: W_1^T [(W_3^T(ŷ − y)) ⊙ h_1 ⊙ (1-h_1)] + W_2^T [(W_3^T(ŷ − y)) ⊙ 1[z_2>0]]", "output-matrix-mixed"),
    ("p3.4", "grad_h1: W_3^T (ŷ − y)\ngrad_h2: W_3^T (ŷ − y)/N\ngrad_x: W_1^T [(W_3^T(ŷ − y)) ⊙ h_1 ⊙ (1-h_1)] + W_2^T [(W_3^T(ŷ − y)) ⊙ 1[z_2>0]]", "mean-in-one-place"),
    ("p3.5", "choice: W1\nreason: the sigmoid is smooth", "saturating-branch"),
    ("p3.5", "choice: W2\nreason: they are the same speed because grad_h1 equals grad_h2", "stopped-before-the-activations"),
    ("p3.5", "choice: W2\nreason: it is cheaper to compute", "cheaper"),
    ("p3.5", "choice: W1\nreason: it is smoother", "smoother"),
]  # fmt: skip


@pytest.mark.parametrize(("question", "text", "id_"), BESIDE)
def test_mistakes_that_show_in_words_or_between_fields_are_named(homework, question, text, id_):
    """What the key calls a mistake has its name, and what is right beside it has none."""
    report = homework.grade_text(f"## {question}\n\n{text}\n", [question]).questions[0]
    named = {each.id for verdict in report.verdicts for each in verdict.judgement.mistakes}
    assert id_ in named if id_ else not named


SPELLINGS = [
    ("objective", r"-\sum_i\sum_k t_{ik} \ln\frac{a_{ik}}{\sum_{l=1}^c a_{il}}, a = W_2 H + b_2", "missing-exponential"),
    ("objective", "-np.sum(T * np.log(A / A.sum(axis=0))) where A = W_2 @ H + b_2", "missing-exponential"),
    ("objective", "−∑ᵢ ∑ₖ tᵢₖ ln(aᵢₖ / ∑ₗ aᵢₗ) with a = W_2 H + b_2", "missing-exponential"),
    ("input_hidden", r"((Z - T) \odot f'(net)) X^\top", "output-weights-forgotten"),
    ("input_hidden", "((Z - T) * H * (1 - H)) @ X.T", "output-weights-forgotten"),
    ("input_hidden", "Σ_n Σ_k (z_nk − t_nk) f'(net_nj) x_ni", "output-weights-forgotten"),
    ("input_hidden", r"\sum_n (z_{nk} - t_{nk}) w_{kj} f'(net_{nj}) x_{ni}", "sum-over-classes-forgotten"),
    ("input_hidden", "∑ₙ (zₙₖ − tₙₖ) w_kj f'(net_nj) x_ni", "sum-over-classes-forgotten"),
    ("input_hidden", "H = tanh(net), dW1 = ((W_2.T @ (Z - T)) * H * (1 - H)) @ X.T", "wrong-derivative"),
    ("input_hidden", r"with $h = \tanh(net)$: $\left[(W_2^\top(Z-T)) \odot \sigma'(net)\right] X^\top$", "wrong-derivative"),
    ("input_hidden", "(W_2ᵀ(Z − T) ⊙ f'(net)) Hᵀ", "hidden-for-input"),
    ("input_hidden", "((W_2.T @ (Z - T)) * H * (1 - H)) @ H.T", "hidden-for-input"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "text", "id_"), SPELLINGS)
def test_a_slip_has_one_name_in_every_spelling(homework, field, text, id_):
    """LaTeX, Unicode, NumPy and indices lead to one id and no other."""
    assert ids(graded(homework, "p1.1", field, text)) == [id_]
