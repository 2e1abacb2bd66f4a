"""A class of eight hands in another course's assignment, each in a manner of its own."""

from __future__ import annotations

import csv
import importlib.util
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import yaml

from grader import desk, lint
from grader.model import Outcome, Report

EXAMPLE = Path(__file__).parent / "example"
RUBRIC = EXAMPLE / "rubrics" / "foundations.yaml"
QUESTIONS = [
    "q1.a", "q1.b", "q1.c", "q1.d", "q2.a", "q2.b", "q3.a", "q3.b", "q3.c", "q4.a", "q4.b", "q5",
    "q6", "q7", "q8", "q9.a", "q9.b",
]  # fmt: skip

# What a person gave, by hand, with the rubric beside the sheet. Anna types YAML, Ben fills in the
# template in NumPy, Clara writes freely and puts her code into the sheet, Dieter writes German
# with decimal commas, Farid is sloppy, Greta uses indices and a lying table.
MARKS = {
    "anna": [4, 4, 4, 2, 6, 6, 4, 3, 1, 5, 2, 3, 3, 4, 3, 3, 3],
    "ben": [4, 4, 4, 2, 6, 6, 4, 3, 1, 5, 2, 3, 3, 4, 3, 3, 3],
    "clara": [4, 3.2, 4, 2, 6, 6, 2.4, 3, 1, 4, 2, 3, 3, 2, 3, 3, 1.8],
    "dieter": [4, 4, 4, 2, 6, 6, 4, 3, 1, 5, 2, 3, 3, 4, 3, 3, 3],
    "emma": [2.8, 3.2, 1.6, 1, 2.2, 3.4, 4, 0.5, 0.4, 3, 1.2, 0.6, 0, 0, 1.5, 1.5, 1.5],
    "farid": [4, 4, 4, 2, 6, 3.5, 4, 3, 1, 5, 2, 3, 3, 4, 3, 3, 3],
    "greta": [4, 4, 4, 1.4, 6, 6, 4, 1.5, 1, 3, 1.2, 3, 3, 4, 1.5, 3, 3],
    "hugo": [2.8, 2.4, 2.4, 0, 2.5, 0, 2.4, 0.6, 0.5, 0, 0, 0.9, 0, 0, 0, 0, 0],
}
MISTAKES = {
    "clara": [
        "mean-forgotten", "mean-forgotten", "mean-forgotten", "transposed", "padding-forgotten",
        "mean-forgotten", "transposed",
    ],
    "emma": [
        "mean-forgotten", "missing-transpose", "lambda-forgotten", "sum-not-mean", "divided-by-all",
        "not-updated", "not-updated", "precision-and-recall-exchanged", "arithmetic-mean",
        "error-rate", "floor-forgotten", "bias-forgotten", "likelihood", "other-side",
        "sign-of-lambda", "shares",
    ],
    "greta": [
        "half-too-much", "precision-and-recall-exchanged", "floor-forgotten", "bias-forgotten",
        "class-means",
    ],
    "hugo": [
        "sign", "sign-of-lambda", "sign-of-lambda", "transposed", "wrong-total", "percent",
        "prior-ignored",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    with desk.set_up(str(RUBRIC)) as at:
        return {name: at.grade(EXAMPLE / "class" / name) for name in MARKS}


def test_the_rubric_is_fair():
    """Lint has nothing to say of it."""
    assert lint.lint(str(RUBRIC)).found == []


def test_everybody_on_the_roster_has_handed_in():
    """The roster is that of the folder."""
    with (EXAMPLE / "class.csv").open(encoding="utf-8") as file:
        assert [row["id"] for row in csv.DictReader(file)] == list(MARKS)


@pytest.mark.parametrize("name", MARKS)
def test_a_student_gets_what_a_person_would_give(reports, name: str):
    """Question by question."""
    report = reports[name]
    assert report.complete, report.faults
    found = {question.question.id: question.score for question in report.questions}
    assert found == pytest.approx(dict(zip(QUESTIONS, MARKS[name], strict=True)))


@pytest.mark.parametrize("name", MARKS)
def test_a_student_is_told_each_mistake_by_name(reports, name: str):
    """In the order of the sheet; who is right is told none."""
    found = [
        mistake.id
        for question in reports[name].questions
        for verdict in question.verdicts
        for mistake in verdict.judgement.mistakes
    ]
    assert found == MISTAKES.get(name, [])


def test_what_waits_for_a_person_is_little(reports):
    """Free text, a half answered table, and code that fits no class: never a formula or a score."""
    waiting = {
        name: [
            each.question.id
            for each in report.questions
            if any(
                verdict.judgement.review or verdict.outcome is Outcome.UNREADABLE
                for verdict in each.verdicts
            )
        ]
        for name, report in reports.items()
    }
    assert {name: ids for name, ids in waiting.items() if ids} == {
        "clara": ["q7"],
        "dieter": ["q6", "q7"],
        "emma": ["q2.a", "q6", "q7"],
        "farid": ["q2.b"],
        "hugo": ["q7", "q9.b"],
    }


# --- the right answers, a second way -----------------------------------------------------------


@pytest.fixture(scope="module")
def reference():
    spec = importlib.util.spec_from_file_location(
        "foundations", EXAMPLE / "reference" / "foundations.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def given():
    rubric = yaml.safe_load(RUBRIC.read_text(encoding="utf-8"))
    return {each["id"]: each.get("given", {}) for each in rubric["questions"]}


def test_ridge_is_least_squares_with_more_rows(reference, given):
    """Rows √(nλ) I with the label 0 are the penalty; for the numbers of q1.c w is (2, -1)."""
    numbers = given["q1.c"]
    X, y, weight = np.array(numbers["X"]), np.array(numbers["y"]), 3 * numbers["lambda"]
    rows = np.vstack([X, np.sqrt(weight) * np.eye(2)])
    w = np.linalg.lstsq(rows, np.append(y, [0, 0]), rcond=None)[0]
    assert w == pytest.approx([2, -1])
    assert reference.closed_form(X=X, y=y, lambda_=numbers["lambda"]) == pytest.approx(w)
    assert reference.training_error(X=X, y=y, lambda_=numbers["lambda"]) == pytest.approx(
        np.mean((X @ w - y) ** 2)
    )


def test_the_gradient_vanishes_at_the_closed_form(reference):
    """By central differences of the objective, for a case with more columns than rows."""
    case = reference.ridge_cases()[-1]
    X, y, lam = case["X"], case["y"][:, None], case["lam"]
    w = reference.closed_form(X=X, y=y, lambda_=lam)
    for step in 1e-5 * np.eye(len(w))[:, :, None]:
        values = [reference.objective(X=X, y=y, w=w + sign * step, lambda_=lam) for sign in (1, -1)]
        assert values[0] == pytest.approx(values[1], abs=1e-9)


def test_the_clusters_are_those_worked_out_by_hand(reference, given):
    """A and C stay with the first centroid, then B joins them."""
    first, second = given["q2.a"], given["q2.b"]
    assert "".join(map(str, reference.assignment(**first).values())) == "121222"
    assert reference.centroids(**first).tolist() == [[0, 0.5], [15 / 4, 14 / 4]]
    assert "".join(map(str, reference.assignment(**second).values())) == "111222"
    assert reference.centroids(**second) == pytest.approx(np.array([[1 / 3] * 2, [14 / 3] * 2]))


def test_the_scores_are_fractions_of_counts(reference, given):
    """Two of three predicted c are right, two of four c are found."""
    found = reference.scores(**given["q3.b"])
    assert found == {
        "precision": pytest.approx(2 / 3), "recall": 0.5, "F1": pytest.approx(4 / 7),
    }  # fmt: skip
    assert reference.scores_over_all(**given["q3.b"])["recall"] == 0.2
    assert reference.confusion(**given["q3.a"]).tolist() == [[2, 1, 1], [1, 2, 0], [0, 1, 2]]
    assert reference.accuracy(**given["q3.c"]) == 0.6


def test_torch_agrees_with_the_sizes_and_parameters(reference, given):
    """The network is built and run once."""
    torch = pytest.importorskip("torch")
    layers = [
        torch.nn.Conv2d(3, 6, 5), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(6, 16, 3, stride=2, padding=1), torch.nn.MaxPool2d(2), torch.nn.Flatten(),
    ]  # fmt: skip
    sides, image = [], torch.zeros(1, 3, 32, 32)
    for layer in layers:
        image = layer(image)
        sides.append(image.shape[-1])
    assert list(reference.sizes(**given["q4.a"]).values()) == sides
    counts = [sum(each.numel() for each in layer.parameters()) for layer in layers[::2]]
    assert list(reference.parameters(**given["q4.b"]).values()) == counts[:2]


def test_spam_is_likely_by_bayes():
    """One in five is spam: of 1000 mails 60 spam and 8 others hold the word."""
    assert Fraction(60, 68) == Fraction(15, 17)
