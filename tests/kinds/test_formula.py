"""A formula in a sheet is read, judged and explained as an answer to its question."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from grader.errors import ReferenceFault, Unreadable
from grader.kinds import Case, formula
from grader.model import Answer, Check, Judgement, Mistake, Place, Question

STOPPED = Mistake("stopped-at-z", "The chain rule goes on to W.", 0.6, {"formula": "p - y"})
HALF = Mistake("half", "The factor 1/2 is not there.", 0.9, {"formula": r"\frac12 (p - y) x^T"})


def asked(
    options: Mapping[str, Any] | None = None,
    mistakes: Sequence[Mistake] = (STOPPED,),
    beside: Sequence[Check] = (),
) -> Question:
    """Return the question for the gradient of a logistic loss."""
    check = Check(
        "formula",
        "grad_W",
        10,
        {"answer": "(p - y) x^T"} if options is None else options,
        ("dL/dW", r"\frac{\partial L}{\partial W}"),
        tuple(mistakes),
    )
    return Question(
        "q",
        "Q",
        "?",
        10,
        (check, *beside),
        symbols={"x": ["n", "m"], "y": {"shape": [1, "m"], "values": "binary"}, "W": [1, "n"]},
        define={"z": "W x", "p": "sigma(z)"},
        notation={"samples": "m"},
    )


def call(name: str, given: Mapping[str, Any]) -> Any:
    """Stand for the reference functions of a course."""
    if name == "loss":
        z = given["W"] @ given["x"]
        if hasattr(z, "softplus") or hasattr(z, "requires_grad"):
            import torch

            return (torch.nn.functional.softplus(z) - given["y"] * z).sum()
        return float((np.logaddexp(0, z) - given["y"] * z).sum())
    z = given["W"] @ given["x"]
    return given.get("scale", 1) * (1 / (1 + np.exp(-z)) - given["y"]) @ given["x"].T


def judged(value: Any, question: Question | None = None, place: int = 0) -> Judgement:
    question = asked() if question is None else question
    check = question.checks[place]
    got = formula.read(Answer(value, str(value), Place("a.md", 1)), check, question)
    assert got is not None, "blank"
    return formula.judge(got, formula.expect(check, question, call), Case(check, question))


def ids(judgement: Judgement) -> list[str]:
    return [each.id for each in judgement.mistakes]


@pytest.mark.parametrize(
    "options",
    [
        {"answer": "(p - y) x^T"},
        {"expect": "topic.gradient"},
        {"answer": "(p - y) x^T", "expect": "topic.gradient"},
        {"answer": r"\frac1m (p - y) x^T", "one_of": ["(p - y) x^T"]},
        {"gradient": {"of": r"-\sum_i [y_i \ln p_i + (1-y_i) \ln(1-p_i)]", "by": "W"}},
    ],
)
def test_the_right_formula_gets_full_marks_from_every_reference(options: dict[str, Any]):
    """A formula, a function and a loss are one right answer."""
    jsonschema.validate(options, dict(formula.SCHEMA))
    judgement = judged("(p - y) x^T", asked(options))
    assert judgement.credit == 1.0
    assert judgement.mistakes == ()


def test_a_gradient_of_a_reference_function_is_taken_by_torch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A course has to write its loss only."""
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path))

    def topic(name: str, given: Mapping[str, Any]) -> Any:
        return call("loss", given)

    question = asked({"gradient": {"of": "logistic.loss", "by": "W"}})
    check = question.checks[0]
    want = formula.expect(check, question, topic)
    got = formula.read(Answer("(p - y) x^T", "", Place("a", 1)), check, question)
    assert got is not None
    assert formula.judge(got, want, Case(check, question)).credit == 1.0
    assert list(tmp_path.rglob("*.npy"))


@pytest.mark.parametrize(
    ("text", "credit", "names"),
    [
        ("p - y", 0.6, ["stopped-at-z"]),
        ("(y - p) x^T", 0.7, ["sign"]),
        ("y - p", 0.425, ["stopped-at-z", "sign"]),
        ("(p - y) x^T / m", 0.9, ["extra-mean"]),
        ("x (p - y)^T", 0.8, ["transposed-layout"]),
        ("(p - y) x", 0.8, ["missing-transpose"]),
        ("W W^T", 0.0, []),
    ],
)
def test_a_slip_leaves_its_share(text: str, credit: float, names: list[str]):
    """The rubric's mistakes leave what it says, others a sensible share, unknown ones nothing.

    Marks are given in quarters: 0.6 times 0.7 of ten marks are 4.25.
    """
    judgement = judged(text)
    assert judgement.credit == pytest.approx(credit)
    assert ids(judgement) == names


def test_a_rubric_sets_the_share_of_other_slips():
    """`credits` says what a slip leaves that is not listed."""
    options = {"answer": "(p - y) x^T", "credits": {"sign": 0.25}}
    assert judged("(y - p) x^T", asked(options)).credit == 0.25


def test_a_tie_is_charged_once_and_at_its_lightest():
    """Where two mistakes explain an answer, the one that costs less counts, and both are told."""
    twice = Mistake("other-half", "Halved elsewhere.", 0.5, {"formula": r"(p - y) (\frac12 x)^T"})
    judgement = judged(r"\frac12 (p - y) x^T", asked(mistakes=(HALF, twice)))
    assert ids(judgement) == ["half", "other-half"]
    assert judgement.credit == 0.9
    assert "One of these" in judgement.say


def test_a_slip_that_was_charged_before_costs_nothing():
    """A mistake that is carried on is told, and not charged again."""
    once = Mistake("stopped-at-z", "Go on.", 0.6, {"formula": "p - y"}, once="chain")
    question = asked(mistakes=(once,))
    check = question.checks[0]
    got = formula.read(Answer("p - y", "", Place("a", 1)), check, question)
    assert got is not None
    want = formula.expect(check, question, call)
    judgement = formula.judge(got, want, Case(check, question, charged=frozenset({"chain"})))
    assert judgement.credit == 1.0
    assert [(each.id, each.charged) for each in judgement.mistakes] == [("stopped-at-z", False)]


def test_a_mistake_may_be_a_reference_function():
    """Its values are taken at the same samples."""
    doubled = Mistake("doubled", "Twice too much.", 0.5, {"with": {"scale": 2}})
    question = asked({"expect": "topic.gradient"}, mistakes=(doubled,))
    assert ids(judged("2 (p - y) x^T", question)) == ["doubled"]


def test_the_layout_may_be_free():
    """Where the rubric allows it, the transpose is right as well."""
    either = asked({"answer": "(p - y) x^T", "layout": "either"})
    assert judged("x (p - y)^T", either).credit == 1.0


@pytest.mark.parametrize("text", ["", "  ", "\n", "-", "?"])
def test_a_blank_answer_says_nothing(text: str):
    """Nothing is read from it, and nothing judged."""
    question = asked()
    assert formula.read(Answer(text, text, Place("a", 1)), question.checks[0], question) is None


@pytest.mark.parametrize("value", ["see above", "q x^T", "(p - y", ["a", ["b"]], {"a": 1, "b": 2}])
def test_what_is_no_formula_is_unreadable(value: Any):
    """It is told apart from a wrong answer, with the place in the student's own text."""
    question = asked()
    with pytest.raises(Unreadable) as trouble:
        formula.read(Answer(value, str(value), Place("a", 1)), question.checks[0], question)
    assert trouble.value.message


def test_each_field_takes_the_equation_under_its_own_label():
    """Two gradients in one answer are told apart by their left-hand sides."""
    other = Check("formula", "grad_b", 5, {"answer": r"\sum_i (p_i - y_i)"}, ("dL/db",))
    question = asked(beside=(other,))
    both = "dL/dW = (p - y) x^T\n\ndL/db = \\sum_i (p_i - y_i)"
    assert judged(both, question).credit == 1.0
    assert judged(both, question, 1).credit == 1.0
    alone = Answer("dL/dW = (p - y) x^T", "", Place("a", 1))
    assert formula.read(alone, other, question) is None


def test_a_derivation_is_read_to_its_last_equation():
    """What was taken for the answer is told, so that a misreading is seen at a glance."""
    derivation = r"""
We start from the loss and apply the chain rule.

$$L = -\sum_i y_i \ln p_i$$

$$\frac{\partial L}{\partial z} = p - y$$

$$\frac{\partial L}{\partial W} = \frac{\partial L}{\partial z} x^T$$

That is all.
"""
    judgement = judged(derivation)
    assert judgement.credit == 1.0
    assert r"\frac{\partial L}{\partial z} x^T" in judgement.evidence


def test_what_was_understood_is_told():
    """The evidence shows the formula as it was read, and what was ambiguous in it."""
    judgement = judged(r"\sum (p - y) x^T")
    assert judgement.credit == 1.0
    assert "read as" in judgement.evidence
    assert "samples" in judgement.evidence


def test_a_student_is_not_told_the_answer():
    """Shapes and slips are told, the formula is not."""
    for text in ("p - y", "(p - y) x", "x (p - y)^T", "W"):
        judgement = judged(text, asked(mistakes=()))
        assert "x^T" not in judgement.say
        assert "xᵀ" not in judgement.say
        assert judgement.say


def test_a_mapping_or_a_list_is_read_as_its_text():
    """A sheet may nest a single field."""
    assert judged({"dL/dW": "(p - y) x^T"}).credit == 1.0
    assert judged(["dz = p - y", "dL/dW = dz x^T"]).credit == 1.0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"answer": "(p - y"}, "cannot be read"),
        ({"answer": "x x"}, "cannot be multiplied"),
        ({"gradient": {"of": "loss.f", "by": "V"}}, "'V' is not among"),
        ({"gradient": {"of": "q + 1", "by": "W"}}, "cannot be read"),
        ({"answer": "(p - y) x^T", "one_of": ["nonsense +"]}, "cannot be read"),
    ],
)
def test_a_rubric_at_fault_is_a_fault_of_ours(options: dict[str, Any], words: str):
    """It shows before any answer is judged, and is no student's zero."""
    question = asked(options)
    with pytest.raises(ReferenceFault, match=words):
        formula.expect(question.checks[0], question, call)


def test_a_mistake_at_fault_costs_no_right_answer_its_mark():
    """Its value is asked for at the first wrong answer, and by lint; then it is a fault of ours."""
    question = asked(mistakes=[Mistake("odd", "Odd.", 0.5, {"formula": "nonsense +"})])
    assert judged("(p - y) x^T", question).credit == 1.0
    with pytest.raises(ReferenceFault, match="cannot be read"):
        judged("p - y", question)
    with pytest.raises(ReferenceFault, match="cannot be read"):
        formula.mistakes(formula.expect(question.checks[0], question, call))


def test_the_right_answer_is_shown_as_it_was_written():
    """Staff read the rubric's own formula, or the shape of the reference's values."""
    question = asked()
    assert formula.show(formula.expect(question.checks[0], question, call)) == "(p - y) x^T"
    values = asked({"expect": "topic.gradient"})
    assert formula.show(formula.expect(values.checks[0], values, call)) == "values of shape (1, n)"


def example() -> Question:
    word = formula.EXAMPLE["question"]
    (entry,) = word["checks"]
    mistakes = tuple(
        Mistake(each["id"], each["say"], 0.5, {"formula": each["formula"]})
        for each in entry["mistakes"]
    )
    options = {key: item for key, item in entry["formula"].items() if key != "points"}
    check = Check("formula", "answer", 2, options, tuple(entry["names"]), mistakes)
    return Question("q1", "Q", "?", 2, (check,), symbols=word["symbols"], notation=word["notation"])


@pytest.mark.parametrize("text", formula.EXAMPLE["right"])
def test_the_example_is_right(text: str):
    """What the kind shows as right is right."""
    assert judged(text, example()).credit == 1.0


@pytest.mark.parametrize("text", formula.EXAMPLE["wrong"])
def test_the_example_is_wrong(text: str):
    """What the kind shows as wrong is wrong."""
    assert judged(text, example()).credit < 1.0


def test_what_the_rubric_leaves_of_the_points_is_not_rounded():
    """A credit of 0.7 of three points is 2.1; only what slips leave together comes to quarters."""
    kept = Mistake("halved", "A factor is missing.", 0.7, {"formula": "x"})
    check = Check("formula", "answer", 3, {"answer": "2 x"}, mistakes=(kept,))
    question = Question("q", "Q", "?", 3, (check,), symbols={"x": ["n", 1]})
    want = formula.expect(check, question, lambda name, given: None)
    got = formula.read(Answer("x", "x", Place("a.md", 1)), check, question)
    judgement = formula.judge(got, want, Case(check, question))
    assert judgement.credit == pytest.approx(0.7)


@pytest.mark.parametrize(
    "text",
    [
        r"$\left(p - y\right) x$",
        r"\[(p - y) x\]",
        "**(p - y) x**",
        r"\boxed{(p - y) x}",
        "`(p - y) @ x`",
        "δ x where δ = p - y",
    ],
)
def test_how_a_formula_is_set_is_no_doubt_about_it(text: str):
    """Delimiters, brackets of LaTeX and definitions that were read need no second look."""
    judgement = judged(text)
    assert [slip.id for slip in judgement.mistakes] == ["missing-transpose"]
    assert judgement.review == 0.0


def test_a_letter_in_place_of_another_is_looked_at():
    """It is named and has its marks, and may be the student's own notation."""
    judgement = judged("(p - y) W^T")
    assert [slip.id for slip in judgement.mistakes] == ["wrong-symbol"]
    assert 0 < judgement.credit < 0.5
    assert judgement.review == 1.0


def test_what_is_there_counts_by_how_much_of_the_answer_it_is():
    """The prediction without the label is worth less than half, however it is multiplied."""
    assert judged("p x^T").credit == 0.4
    assert judged("p - y", asked(mistakes=())).credit == 0.5


def test_the_rubrics_words_are_kept_for_its_own_formula():
    """A sign in another place has the rubric's price, and words of its own."""
    turned = Mistake(
        "sign", "The difference is the wrong way round.", 0.6, {"formula": "(y - p) x^T"}
    )
    question = asked(mistakes=(turned,))
    assert judged("(y - p) x^T", question).say == turned.say
    other = judged("(p + y) x^T", question)
    assert (other.credit, [slip.id for slip in other.mistakes]) == (0.6, ["sign"])
    assert other.say != turned.say
