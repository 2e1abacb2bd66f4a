"""A component with free indices stands for the whole gradient, whatever holds its indices."""

import pytest

from grader import formula
from grader.formula.target import Answers

KNOWN = formula.notation(
    {
        "x": ["n", 1],
        "y": {"shape": ["k", 1], "values": "one-hot"},
        "W_1": ["m", "n"],
        "W_2": ["k", "m"],
        "alpha": [],
    },
    {"h_1": "sigma(W_1 x)", "y_hat": "softmax(W_2 h_1)"},
)
LABELS = {
    "W_2": ["dJ/dW_2", r"\nabla_{W_2} J"],
    "h_1": ["dJ/dh_1", "grad_h1"],
    "x": ["dJ/dx"],
}
RIGHT = {
    "W_2": "(y_hat - y) h_1^T",
    "h_1": "W_2^T (y_hat - y)",
    "x": "W_1^T ((W_2^T (y_hat - y)) * h_1 * (1 - h_1))",
}


def correct(field: str, text: str) -> bool:
    others = [label for name, labels in LABELS.items() if name != field for label in labels]
    answers = Answers(field, (RIGHT[field],))
    made = formula.want(KNOWN, answers, labels=LABELS[field], others=others)
    return formula.judge(text, made).correct


@pytest.mark.parametrize(
    "texts",
    [
        (
            r"$\frac{\partial J}{\partial W_{2,ij}} = (\hat y_i - y_i) h_{1,j}$",
            r"$\frac{\partial J}{\partial h_{1,j}} = \sum_i (\hat y_i - y_i) W_{2,ij}$",
            r"$\frac{\partial J}{\partial x_l} = \sum_j h_{1,j} (1 - h_{1,j}) W_{1,jl}"
            r"\sum_i (\hat y_i - y_i) W_{2,ij}$",
        ),
        (
            "dJ/dW2_ij = (yhat_i - y_i) h1_j",
            "dJ/dh1_j = sum_i (yhat_i - y_i) W2_ij",
            "dJ/dx_l = sum_j h1_j (1 - h1_j) W1_jl sum_i (yhat_i - y_i) W2_ij",
        ),
        (
            r"∂J/∂W^{(2)}_{ij} = (ŷ_i − y_i) h^{(1)}_j",
            r"∂J/∂h^{(1)}_j = Σ_i (ŷ_i − y_i) W^{(2)}_{ij}",
            r"∂J/∂x_l = Σ_j h^{(1)}_j (1 − h^{(1)}_j) W^{(1)}_{jl} Σ_i (ŷ_i − y_i) W^{(2)}_{ij}",
        ),
        (
            r"\frac{\partial J}{\partial (W_2)_{ij}} = (\hat y_i - y_i) (h_1)_j",
            r"\frac{\partial J}{\partial (h_1)_j} = \sum_i (\hat y_i - y_i) (W_2)_{ij}",
            r"\frac{\partial J}{\partial x_l} = \sum_j (h_1)_j (1 - (h_1)_j) (W_1)_{jl}"
            r" \sum_i (\hat y_i - y_i) (W_2)_{ij}",
        ),
        (
            "∂J/∂W₂ᵢⱼ = (ŷᵢ − yᵢ) h₁ⱼ",
            "∂J/∂h₁ⱼ = Σᵢ (ŷᵢ − yᵢ) W₂ᵢⱼ",
            "∂J/∂xₗ = Σⱼ h₁ⱼ (1 − h₁ⱼ) W₁ⱼₗ Σᵢ (ŷᵢ − yᵢ) W₂ᵢⱼ",
        ),
    ],
)
def test_each_component_answers_its_own_gradient(texts: tuple[str, str, str]):
    """Of three equations each is the answer to what its left side names, in whatever order."""
    for order in (texts, texts[::-1], (texts[1], texts[2], texts[0])):
        for field in LABELS:
            assert correct(field, "\n".join(order)), field


def test_a_wrong_component_is_not_another_ones_right():
    """The gradient of one quantity is no answer for another's."""
    text = "dJ/dh_{1,j} = sum_i (y_i - yhat_i) W_{2,ij}\ndJ/dW_{2,ij} = (yhat_i - y_i) h_{1,j}"
    assert not correct("h_1", text)
    assert correct("W_2", text)


def test_a_label_is_not_an_index():
    """The o of W_o numbers nothing on the right."""
    known = formula.notation({"x": ["n", 1], "W": ["m", "n"], "W_o": ["k", "m"]})
    made = formula.want(known, Answers("labels", ("W x",)), labels=["dJ/dW"], others=["dJ/dW_o"])
    assert formula.judge("dJ/dW = W x\ndJ/dW_o = W_o W x", made).correct


def test_an_update_may_be_written_for_a_component():
    """W_ij − α ∂J/∂W_ij updates all of W."""
    known = formula.notation({"W": ["m", "n"], "G": ["m", "n"], "alpha": []}, {"dJ/dW": "G"})
    made = formula.want(known, Answers("updates", ("W - alpha G",)), labels=["W"])
    assert formula.judge(
        r"W_{ij} \leftarrow W_{ij} - \alpha \frac{\partial J}{\partial W_{ij}}", made
    ).correct


@pytest.mark.parametrize(
    "gradient",
    ["dW", "gW", "gradW", "grad_W", "dJdW", "∂J/∂W", r"\nabla_WJ", r"\nabla_W J", "W.grad"],
)
def test_a_gradient_has_many_names(gradient: str):
    """Code and hurried LaTeX write ∇_W J without a space or a slash."""
    known = formula.notation({"W": ["m", "n"], "G": ["m", "n"], "alpha": []}, {"dJ/dW": "G"})
    made = formula.want(known, Answers("updates", ("W - alpha G",)), labels=["W"])
    assert formula.judge(f"W = W - alpha {gradient}", made).correct


@pytest.mark.parametrize(
    "text",
    [
        r"-\sum_i \sum_k t_{ik} \ln \frac{e^{a_{ik}}}{\sum_l e^{a_{il}}} where $a_i = W h_i$",
        r"-\sum_n \sum_k t_{nk} \ln z_{nk}, \quad z_{nk} = \frac{e^{a_{nk}}}{\sum_l e^{a_{nl}}},"
        r" \quad a_n = W h_n",
    ],
)
def test_a_vector_per_sample_has_entries(text: str):
    """Where a_i is a column, a_{ik} is its entry k."""
    known = formula.notation(
        {"h": ["q", "N"], "W": ["c", "q"], "t": {"shape": ["c", "N"], "values": "one-hot"}},
        {"z": "softmax(W h)"},
        {"samples": "N"},
    )
    right = r"-\sum_{n=1}^N \sum_{k=1}^c t_{kn} \ln z_{kn}"
    made = formula.want(known, Answers("entries", (right,)))
    assert formula.judge(text, made).correct


@pytest.mark.parametrize(
    "text",
    [
        r"$\underbrace{(y_hat - y)}_{\delta}h_1^T$",
        r"$\underbrace{(y_hat - y)}_{=\delta}h_1^T$",
        r"$\underbrace{(y_hat - y)}_{k\times 1}\underbrace{h_1^T}_{1\times m}$",
        r"$\underbrace{(y_hat - y)}_{\text{error}}h_1^T$",
        r"$\nabla_x J = W_1^T W_2^T\underbrace{(y_hat - y)}_{\delta}$,"
        r" $\nabla_{W_2} J=\delta h_1^T$",
        "$$\\nabla_{W_2} J=y_hat h_1^T$$\n$$\\qquad - y h_1^T$$",
    ],
)
def test_braces_may_name_and_displays_go_on(text: str):
    """What stands under a brace is a name, a size or a word; a display may end in the next one."""
    assert correct("W_2", text)
