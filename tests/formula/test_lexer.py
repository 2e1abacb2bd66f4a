"""LaTeX, Unicode and code become one stream of signs that know where they stand."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import Unreadable
from grader.formula import lexer


def signs(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in lexer.lex(text).tokens[:-1]]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"\hat{y}", "ŷ"),
        (r"\hat y", "y\u0302"),
        (r"\widehat{y}", "ŷ"),
        (r"\sigma", "σ"),
        (r"\varepsilon", r"\epsilon"),
        (r"x \cdot y", "x · y"),
        (r"x \times y", "x × y"),
        (r"A \odot B", "A ⊙ B"),
        (r"A \circ B", "A ∘ B"),
        (r"x \le y", "x ≤ y"),
        (r"\mathbf{W}", "W"),
        (r"\boldsymbol W", "W"),
        (r"\mathrm{softmax}", "softmax"),
        (r"\operatorname{s o f t m a x}", "softmax"),
        (r"\left( x \right)", "( x )"),
        (r"x^{2}", "x²"),
        (r"x_{ij}", "xᵢⱼ"),
        (r"10^{-3}", "10⁻³"),
        ("a - b", "a − b"),
        ("np.exp(x)", "exp(x)"),
        ("A .* B", "A ⊙ B"),
        ("x := y", "x = y"),
        (r"x \leftarrow y", "x ← y"),
        ("𝐖𝑥", "Wx"),
        ("ｘ＋１", "x+1"),
        (r"\cancel{x}", "{x}"),
        (r"x\,y\;z", "x y z"),
        ("x\u200by", "x y"),
    ],
)
def test_two_spellings_are_one_stream(one: str, other: str):
    """How a sign is typed makes no difference to what it is."""
    joined = ["".join(text for _, text in signs(each) if text not in "{}") for each in (one, other)]
    assert joined[0] == joined[1]


@pytest.mark.parametrize(
    ("text", "place", "sign"),
    [
        (r"\frac{1}{2} + \delta", 14, "delta"),
        ("(ŷ − y)xᵀ", 3, "-"),
        ("x² y", 3, "y"),
        ("np.dot(a, b)", 10, "b"),
    ],
)
def test_a_sign_knows_where_it_stands(text: str, place: int, sign: str):
    """Positions count characters of the student's own text."""
    assert (place, sign) in [(token.start, token.text) for token in lexer.lex(text).tokens]


@pytest.mark.parametrize("text", ["np.dot(a, b)", "A @ B", "x.T", "x**2", "a.sum(axis=0)"])
def test_code_is_told_from_mathematics(text: str):
    """In code a star multiplies entry by entry."""
    assert lexer.lex(text).code


@pytest.mark.parametrize("text", [r"\frac{1}{2} x^T", "(a - y) * x^T", "x' y", "a*b"])
def test_mathematics_is_not_taken_for_code(text: str):
    """A star alone says nothing about who wrote it."""
    assert not lexer.lex(text).code


@pytest.mark.parametrize("sign", ["\x07", "☃", r"\foo", "±", "…"])
def test_a_sign_that_means_nothing_stays_visible(sign: str):
    """It becomes a sign of its own, so that nothing is dropped on the way."""
    assert "bad" in [kind for kind, _ in signs(f"x {sign} y")]


def test_decoration_is_no_part_of_a_formula():
    """Tags, labels, colours and comments are passed over."""
    text = "\\color{red}{x} + y \\tag{3} \\label{eq}  # so far"
    assert "".join(text for _, text in signs(text) if text not in "{}") == "x+y"


@pytest.mark.parametrize("text", ["x" * 50_000, "(" * 50_000, "é" * 50_000, "_^" * 20_000])
def test_a_text_that_is_too_long_is_refused_with_its_place(text: str):
    """Nobody's formula has as many signs."""
    with pytest.raises(Unreadable, match="long") as trouble:
        lexer.lex(text)
    assert 0 <= (trouble.value.position or 0) <= len(text)


@given(st.text(max_size=200))
def test_any_text_has_signs_in_order(text: str):
    """No text is an exception, and signs never go back."""
    tokens = lexer.lex(text).tokens
    assert all(a.start <= b.start for a, b in itertools.pairwise(tokens))
    assert tokens[-1].kind == "eof"
