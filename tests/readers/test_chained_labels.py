"""Labels that share one value: `∇J by h1 = ∇J by h2 = ...`."""

from __future__ import annotations

import pytest

from grader.model import Check, Question, Rubric
from grader.readers import markdown_sheet

ASKED = Question(
    "q1",
    "Two gradients",
    "Differentiate by h_1, by h_2 and by x.",
    3,
    tuple(
        Check("formula", field, 1, {"answer": "0"}, names)
        for field, names in (
            ("grad_h1", ("\\nabla_{h_1} J", "dJ/dh_1", "dh1")),
            ("grad_h2", ("\\nabla_{h_2} J", "dJ/dh_2", "dh2")),
            ("grad_x", ("\\nabla_x J", "dJ/dx", "dx")),
        )
    ),
)


def fields(text: str) -> dict[str, str]:
    rubric = Rubric("r", "R", (ASKED,), "r.yaml", "")
    part = markdown_sheet.read("answers.md", f"## q1\n\n{text}\n", rubric).parts["q1"]
    return {name: answer.text for name, answer in part.fields.items()}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"$\nabla_{h_1} J = \nabla_{h_2} J = V^T(p - y)$", "V^T(p - y)"),
        ("∂J/∂h_1 = ∂J/∂h_2 = Vᵀ(p − y)", "Vᵀ(p − y)"),
        ("dh1 = dh2 = V.T @ (p - y)", "V.T @ (p - y)"),
        ("grad_h1 = grad_h2 = V^T (p - y)", "V^T (p - y)"),
    ],
)
def test_two_labels_of_one_chain_have_one_value(text, value):
    """Both gradients are answered by what stands behind the last equals sign."""
    assert fields(f"{text}\ndx = 3") == {"grad_h1": value, "grad_h2": value, "grad_x": "3"}


def test_a_step_of_a_derivation_is_no_second_label():
    """What is no label stays a part of the value."""
    assert fields("dh1 = V^T a = V^T (p - y)\ndh2 = 2") == {
        "grad_h1": "V^T a = V^T (p - y)",
        "grad_h2": "2",
    }
