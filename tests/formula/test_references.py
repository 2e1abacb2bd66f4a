"""Answers that point at another answer are that answer, where it is clear which."""

import pytest

from grader.formula.references import is_one, spelled_out


@pytest.mark.parametrize(
    "said",
    [
        "same as grad_h1",
        "same as above",
        "the same",
        "Same.",
        "ditto",
        "identical to h1",
        "same as h1, since both are added",
        "the same as for h_1",
        "equal to grad_h1",
        "is the same as (a)",
        "the same by symmetry",
    ],
)
def test_another_derivative_is_taken_over(said: str):
    """What is the same as the line before needs no second writing."""
    text = f"grad_h1: W_3^T e\ngrad_h2: {said}"
    assert spelled_out(text) == "grad_h1: W_3^T e\ngrad_h2 = grad_h1"
    assert is_one(said)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("analogously", "b - α ∇_b J"),
        ("similarly for b", "b - α ∇_b J"),
        ("likewise", "b - α ∇_b J"),
        ("same as W but with b", "b - α ∇_b J"),
        ("same with b", "b - α ∇_b J"),
        ("same with b instead of W", "b - α ∇_b J"),
    ],
)
def test_a_letter_is_exchanged_for_the_own_one(said: str, meant: str):
    """The update of b is that of W with b in its place."""
    text = f"W: W - α ∇_W J\nb: {said}"
    assert spelled_out(text) == f"W: W - α ∇_W J\nb: {meant}"


def test_only_labels_are_numbered_anew():
    """The 1 of 1 - h_1 is a number, the other one a label."""
    text = "grad_h1: W_1 h_1 (1 - h_1)\ngrad_h2: same as grad_h1 but with 2"
    assert spelled_out(text).endswith("grad_h2: W_2 h_2 (1 - h_2)")


@pytest.mark.parametrize(
    "text",
    [
        "W: W - α ∇_W J\nb: same",
        "W: W - α ∇_W J\nb: same as W",
        "W: W - α ∇_W J\nb: same with c",
        "grad_h1: e\ngrad_h2: not the same",
        "grad_h1: e\ngrad_h2: same as grad_h1 except for the sign",
        "grad_h1: e\ngrad_h2: the same, W_3^T e",
        "grad_h2: same as above",
        "grad_h1: W_3^T (ŷ - y)",
    ],
)
def test_what_is_not_clear_stays_as_it_is(text: str):
    """A reference that leaves something open is for a person to read."""
    assert spelled_out(text) == text
