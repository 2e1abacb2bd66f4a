"""Fields are told apart by what stands left of their sign, in the notation of whoever writes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.model import Part, Question
from grader.readers.paper import fields
from tests.readers.courses import check, question


def split(text: str, asked: Question) -> Part:
    return fields.split(fields.Passage(text, "a.md", range(1, text.count("\n") + 2)), asked)


def told(text: str, asked: Question) -> dict[str, str]:
    return {name: answer.text for name, answer in split(text, asked).fields.items()}


MATRICES = question("q", "t", "p", check("A"), check("B"), check("c"))
GRADIENT = question(
    "q", "t", "p", check("formula", "dL/dW", r"\frac{\partial L}{\partial W}", r"\nabla_W L")
)
REASONED = question("q", "t", "p", check("verdict"), check("reason"))
UPDATES = question("q", "t", "p", check("W"), check("b"))


# --- spelling --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spellings",
    [
        ["dL/dW", "∂L/∂W", r"\frac{\partial L}{\partial W}", r"\dfrac{dL}{dW}",
         r"\partial L / \partial W", r"$\frac{\partial L}{\partial \mathbf{W}}$", "`dL / dW`"],
        [r"\nabla_W L", "∇_W L", r"\nabla_{W} L", r"$\nabla_{_{W}}L$", r"\nabla_{\mathbf{W}} L"],
        [r"\hat{y}", "ŷ", "y_hat", r"\hat y", "yhat", r"\widehat{y}"],
        ["h_{11}", "h11", "h_11", "h₁₁", r"h_{1 1}"],
        ["σ", r"\sigma", "sigma"],
        [r"\left( A \right)", "(A)", r"(\mathbf{A})"],
        ["hidden_output", "hidden output", "hidden-output", "**hidden_output**"],
        ["W'", "W′", r"W^\prime"],
    ],
)  # fmt: skip
def test_spellings_of_one_label_have_one_key(spellings: list[str]):
    """LaTeX, Unicode and keyboard."""
    assert len({fields.key(spelling) for spelling in spellings}) == 1


def test_different_labels_have_different_keys():
    """W is not w, a gradient by W none by b."""
    labels = [
        "dL/dW",
        "dL/db",
        "dL/dw",
        r"\nabla_W L",
        "W",
        "w",
        "W_1",
        "W_2",
        "ŷ",
        "y",
        "h11",
        "h1",
    ]
    assert len({fields.key(label) for label in labels}) == len(labels)


# --- where a label may stand -----------------------------------------------------------------

ABC = {"A": "[[1, 2], [3, 4]]", "B": "[5, 6]", "c": "7"}


@pytest.mark.parametrize(
    "text",
    [
        "A = [[1, 2], [3, 4]], B = [5, 6], c = 7",
        "A = [[1, 2], [3, 4]]; B = [5, 6]; c = 7",
        "A = [[1, 2], [3, 4]]\nB = [5, 6]\nc = 7",
        "A: [[1, 2], [3, 4]]\nB: [5, 6]\nc: 7\n",
        "A:\n[[1, 2], [3, 4]]\n\nB:\n\n[5, 6]\nc:\n7",
        "- A = [[1, 2], [3, 4]]\n- B = [5, 6]\n- c = 7",
        "1. A = [[1, 2], [3, 4]]\n2. B = [5, 6]\n3. c = 7",
        "**A:** [[1, 2], [3, 4]]\n**B:** [5, 6]\n**c:** 7",
        "**A** = [[1, 2], [3, 4]]\n**B** = [5, 6]\n**c** = 7",
        "$A = [[1, 2], [3, 4]]$, $B = [5, 6]$ and $c = 7$.",
        "$A$ = [[1, 2], [3, 4]]\n$B$ = [5, 6]\n$c$ = 7",
        "$$A = [[1, 2], [3, 4]]$$\n\n$$B = [5, 6]$$\n\n$$c = 7$$",
        "$$\nA = [[1, 2], [3, 4]]\n$$\n$$\nB = [5, 6]\n$$\n$$\nc = 7\n$$",
        r"\[A = [[1, 2], [3, 4]]\]" + "\n" + r"\[B = [5, 6]\]" + "\n" + r"\[c = 7\]",
        "$$\n\\begin{aligned}\nA &= [[1, 2], [3, 4]] \\\\\nB &= [5, 6] \\\\\nc &= 7\n"
        "\\end{aligned}\n$$",
        r"$A = [[1, 2], [3, 4]] \quad B = [5, 6] \qquad c = 7$",
        "f(x) = x^T A x + x^T B + c,\nhence A = [[1, 2], [3, 4]], B = [5, 6], c = 7",
        "```\nA = [[1, 2], [3, 4]]\nB = [5, 6]\nc = 7\n```",
        "{A: [[1, 2], [3, 4]], B: [5, 6], c: 7}",
        "A := [[1, 2], [3, 4]]\nB ← [5, 6]\nc ＝ 7",
        "| A = [[1, 2], [3, 4]] | B = [5, 6] | c = 7 |",
        "a = [[1, 2], [3, 4]], b = [5, 6], C = 7",
        "A = 0\nNo, wrong:\nA = [[1, 2], [3, 4]], B = [5, 6], c = 7",
        "A: A = [[1, 2], [3, 4]]\nB: B = [5, 6]\nc: c = 7",
        r"$\boxed{A = [[1, 2], [3, 4]]}$, $\boxed{B = [5, 6]}$, $\boxed{c = 7}$",
        "A = [[1, 2],\n     [3, 4]]\nB = [5, 6]\n\nc = 7\n\nwhich was to be shown.",
    ],
)  # fmt: skip
def test_three_fields_are_told_apart(text: str):
    """On one line or on many, in formulas, lists and tables, by `=` or by `:`."""
    squeezed = {name: "".join(value.split()) for name, value in told(text, MATRICES).items()}
    if "**" not in text and squeezed.get("A", "").startswith("A="):
        squeezed = {name: value.partition("=")[2] for name, value in squeezed.items()}
    assert squeezed == {name: "".join(value.split()) for name, value in ABC.items()}


def test_matrices_in_latex_keep_their_source():
    """Nothing inside the value is changed."""
    matrix = "\\begin{bmatrix}\n-99 & 0 \\\\\n0 & 0\n\\end{bmatrix}"
    assert told(f"$$\nA =\n{matrix}\n$$\n", MATRICES) == {"A": matrix}


@pytest.mark.parametrize(
    "text",
    [
        "if c == 1 then",
        "f(A=1, B=2)",
        "c <= 1",
        "the constant is: c",
        "A is [[1]]",
        "ABC = 1",
        "x_A = 3",
        "http://A.b/c",
    ],
)
def test_what_is_no_label_tells_nothing(text: str):
    """Comparisons, arguments, longer names."""
    assert told(text, MATRICES) == {}


@pytest.mark.parametrize(
    "label",
    ["dL/dW", "∂L/∂W", r"\frac{\partial L}{\partial W}", r"\nabla_W L", "∇_W L", "dL/dw",
     r"$$\frac{\partial L}{\partial W}", r"**dL/dW**", "formula"],
)  # fmt: skip
def test_a_formula_is_found_by_any_of_its_names(label: str):
    """As the rubric lists them, in any notation, and by its own name."""
    assert told(f"{label} = (a - y) x^T", GRADIENT) == {"formula": "(a - y) x^T"}


def test_of_several_equations_the_last_stands():
    """A derivation ends with its result."""
    text = "dL/dW = dL/dz x^T\ndL/dz = a - y\ndL/dW = (a - y) x^T"
    assert told(text, GRADIENT) == {"formula": "(a - y) x^T"}


def test_an_equation_goes_on_over_lines_and_ends_before_prose():
    """Lines that begin with a sign go on; a sentence does not."""
    text = "dL/dW = (a - y)\n  x^T\n  = (σ(z) - y) x^T\n\nThis is what we wanted."
    assert told(text, GRADIENT)["formula"].startswith("(a - y)")
    assert "wanted" not in told(text, GRADIENT)["formula"]


def test_an_update_is_kept_whole():
    """The right side of `W -= g` is not what W becomes."""
    assert told("W -= a*g\nb := b - a*h", UPDATES) == {"W": "W -= a*g", "b": "b - a*h"}
    assert told(r"$W \leftarrow W - \alpha g$", UPDATES) == {"W": r"W - \alpha g"}


# --- the whole and its parts -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "want"),
    [
        (
            "verdict: False\nreason: a slope\nof one",
            {"verdict": "False", "reason": "a slope\nof one"},
        ),
        ("verdict: False, reason: a slope", {"verdict": "False", "reason": "a slope"}),
        ("**Verdict:** False\n\n**Reason:** it: is", {"verdict": "False", "reason": "it: is"}),
        ("- verdict: no\n- reason: x = 1, y = 2", {"verdict": "no", "reason": "x = 1, y = 2"}),
        ("**verdict: no**", {"verdict": "no"}),
        ("False. Reason: slope", {"reason": "slope"}),
        ("reason: one\nverdict: no\nreason: two", {"verdict": "no", "reason": "one\ntwo"}),
        ("FALSE, because", {}),
        ("answer: FALSE, because", {}),
        ("verdict:\nreason:\n", {}),
        ("verdict： 否\nreason： x", {"verdict": "否", "reason": "x"}),
    ],
)
def test_a_verdict_and_its_reason(text: str, want: dict[str, str]):
    """By label where there is one; the whole stands in for what has none."""
    assert told(text, REASONED) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("answer: 2.3", "2.3"),
        ("**Answer:** 2.3", "2.3"),
        ("ans: 2.3", "2.3"),
        ("Final answer: 2.3", "2.3"),
        ("answer:\n```\n2.3\n```\n", "2.3"),
        ("answer:\n\nline one\n\n  line two", "line one\n\n  line two"),
        ("2.3", "2.3"),
    ],
)
def test_the_label_of_a_bare_answer_is_no_part_of_it(text: str, want: str):
    """The template prints `answer:` where a question has one field."""
    body = split(text, GRADIENT).body
    assert body is not None
    assert body.text == want


def test_labels_without_values_are_no_answer():
    """An untouched template is blank."""
    assert split("A:\n\nB:\n\nc:\n", MATRICES) == Part(None, {})
    assert split("answer:\n", GRADIENT) == Part(None, {})


def test_each_field_is_placed_on_its_own_line():
    """Also behind a fence, and after blank lines."""
    part = split("A: 1\nB:\n\n```\n2\n```\nc:\n\n3", MATRICES)
    assert [answer.place.line for answer in part.fields.values()] == [1, 5, 9]


# --- hostile text ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["=" * 300_000, "A=" * 150_000, "A:" * 150_000, "A = " + "," * 300_000 + "x", "(" * 300_000,
     "`" * 300_000, "```\n" + "`" * 300_000 + "x", "A=" + "$" * 300_000, "\\frac{" * 50_000 + "=",
     "\\hat" * 60_000 + "=", "A = " + "\\\\ " * 100_000, "answer: " + " " * 300_000 + "x",
     "A=1\n" * 70_000, "A =\n" + "\n" * 300_000 + "x", "A =" + "=\n" * 100_000],
)  # fmt: skip
def test_junk_does_not_hang(text: str):
    """Whatever the length, it ends in a Part."""
    assert isinstance(split(text, MATRICES), Part)


@settings(deadline=None)
@given(st.text(alphabet="ABc=:,;$\\{}[]()*_`\n |&-<≔dL/W" + "begin", max_size=120))
def test_no_text_raises_and_values_are_the_students_own(text: str):
    """A value is a piece of the text; only a `$` that was cut off is put back before it."""
    part = split(text, MATRICES)
    for answer in (part.body, *part.fields.values()):
        if answer is not None and "\n" not in answer.text and "{" not in text:
            assert answer.text.lstrip("$") in text


@pytest.mark.parametrize(
    "rows", ["[ -99   0 ]\n[   0   0 ]", "⎡-99 0⎤\n⎣ 0  0⎦", "(-99, 0)\n(0, 0)"]
)
def test_rows_in_brackets_go_on_with_the_equation(rows: str):
    """A matrix may be typed line by line."""
    part = split(f"A =\n{rows}\nB = [-2, 100]\nc = 1", MATRICES)
    assert part.fields["A"].text == rows
    assert part.fields["c"].text == "1"


def test_an_entry_is_no_field():
    """A(1,2) is a place in A, f(x) is f."""
    part = split("A(1,1) = -99, all others 0; B = (-2, 100); c = 1", MATRICES)
    assert set(part.fields) == {"B", "c"}


SPREAD = question("q", "t", "p", check("mean"), check("var", "variance"))


@pytest.mark.parametrize(
    ("text", "mean", "var"),
    [
        ("mean 0.5, var sqrt(1/20) = 0.2236", "0.5", "sqrt(1/20) = 0.2236"),
        ("mean 0.5\nvariance 1/20 = 0.05.", "0.5", "1/20 = 0.05"),
        ("variance is 0.05; mean is 0.5", "0.5", "0.05"),
        ("mean = 0.5, the var 1/20 = 0.05", "0.5", "1/20 = 0.05"),
        ("Mean of $1/2$ and Var $\\frac{1}{20} = 0.05$", "$1/2$", "$\\frac{1}{20} = 0.05$"),
        ("mean 0,5 and variance -0,05", "0,5", "-0,05"),
    ],
)
def test_a_list_of_names_and_numbers_needs_no_signs(text: str, mean: str, var: str):
    """Each field has its own number, also where a sign follows within one."""
    assert told(text, SPREAD) == {"mean": mean, "var": var}


@pytest.mark.parametrize(
    "text", ["mean 0.5, mode 1, var 2", "mean 0.5", "mean 0.5, var 1, mean 0.7", "mean and var 5"]
)
def test_names_before_numbers_tell_nothing_where_there_is_more(text: str):
    """A text that says other things, too, is left to whoever reads the answer."""
    assert told(text, SPREAD) == {}
