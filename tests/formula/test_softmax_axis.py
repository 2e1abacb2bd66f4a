"""Along which axis a softmax is normalised where its answer does not say so."""

import pytest

from grader import formula
from grader.formula.target import Answers

ATTENTION = formula.notation({"Q": ["n", "d"], "K": ["m", "d"], "V": ["m", "e"]})


def correct(text: str, right: str, notation: formula.Notation = ATTENTION) -> bool:
    return formula.judge(text, formula.want(notation, Answers("axis", (right,)))).correct


@pytest.mark.parametrize(
    "right", [r"softmax(Q K^T/\sqrt d) V", "softmax(Q K^T / sqrt(d), dim=1) V"]
)
def test_each_row_of_scores_sums_to_one(right: str):
    """In attention a query's weights are a row, whatever way the softmax is written."""
    for text in (
        "softmax(Q K^T / sqrt(d)) V",
        r"\operatorname{softmax}\left(\frac{QK^\top}{\sqrt{d}}\right) V",
        "torch.softmax(Q @ K.T / math.sqrt(d), dim=-1) @ V",
        "F.softmax(Q @ K.t() / d**0.5, dim=1) @ V",
        "scipy.special.softmax(Q @ K.T / np.sqrt(d), axis=1) @ V",
        "A = softmax(Q K^T / sqrt(d)); A V",
    ):
        assert correct(text, right), text
    assert not correct("torch.softmax(Q @ K.T / math.sqrt(d), dim=0) @ V", right)
    assert not correct("softmax(Q K^T) V", right)


def test_a_bare_softmax_takes_the_axis_of_the_right_answer():
    """A course that writes queries as columns means each column, and so do its students."""
    columns = formula.notation({"Q": ["d", "n"], "K": ["d", "m"], "V": ["e", "m"]})
    right = "V softmax(K^T Q / sqrt(d), axis=0)"
    assert correct("V softmax(K^T Q / sqrt(d))", right, columns)
    assert not correct("V @ torch.softmax(K.T @ Q / d**0.5, dim=-1)", right, columns)


@pytest.mark.parametrize(
    ("notation", "axis"),
    [
        (formula.notation({"S": ["c", "N"]}, options={"samples": "N"}), 0),
        (formula.notation({"S": ["N", "c"]}, options={"samples": "N"}), 1),
        (formula.notation({"S": ["c", "N"], "T": {"shape": ["c", "N"], "values": "one-hot"}}), 0),
    ],
)
def test_classes_never_lie_along_the_samples(notation: formula.Notation, axis: int):
    """What counts the samples, or labels of the same shape, decides; nobody may read it else."""
    assert correct(f"softmax(S, axis={axis})", "softmax(S)", notation)
    assert not correct("softmax(S)", f"softmax(S, axis={1 - axis})", notation)
