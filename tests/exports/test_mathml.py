"""LaTeX as MathML."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.exports._mathml import CHARACTERS, mathml

TAGS = {
    "math", "semantics", "annotation", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac",
    "msqrt", "mroot", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mtable",
    "mtr", "mtd",
}  # fmt: skip

ATTRIBUTES = {
    ("display", "block"),
    ("encoding", "application/x-tex"),
    ("stretchy", "true"),
    ("stretchy", "false"),
    ("fence", "true"),
    ("accent", "true"),
    ("movablelimits", "true"),
    ("lspace", "0"),
    *(("class", align) for align in ("matrix", "cases", "aligned")),
    *((name, width) for name in ("rspace", "width") for width in
      ("0.17em", "0.22em", "0.28em", "0.25em", "1em", "2em")),
}  # fmt: skip


def shown(latex: str) -> str:
    """Return the characters that a browser would show of a formula, without its source."""
    markup = mathml(latex)
    assert markup is not None, latex
    [semantics] = ElementTree.fromstring(markup)
    return "".join(semantics[0].itertext())


def shape(latex: str) -> list[str]:
    """Return the elements of a formula, in order."""
    markup = mathml(latex)
    assert markup is not None, latex
    [semantics] = ElementTree.fromstring(markup)
    return [element.tag for element in semantics[0].iter()][1:]


@pytest.mark.parametrize(
    ("latex", "characters"),
    [
        (r"(\hat{y} - y) x^{\top}", "(y^−y)x⊤"),
        (r"\frac{\partial L}{\partial W}", "∂L∂W"),
        (r"-\sum_{i=1}^{N} y_i \ln \hat y_i", "−∑i=1Nyilny^i"),
        (r"\nabla_W J = \delta x^T + \lambda W", "∇WJ=δxT+λW"),
        (r"\begin{bmatrix} -99 & 0 \\ 0 & 0 \end{bmatrix}", "[−99000]"),
        (r"\begin{cases} 1 & \text{if } z>0 \\ 0 \end{cases}", "{1if\u00a0z>00"),
        (r"x \in \mathbb{R}^{n\times m}", "x∈ℝn×m"),
        (r"\mathbf{W}_1 \mathbf x", "𝐖1𝐱"),
        (r"\mathcal{L}(\boldsymbol{\theta})", "ℒ(𝛉)"),
        (r"\operatorname{ReLU}(z)", "ReLU(z)"),
        (r"\left(\frac{a}{b}\right)^2", "(ab)2"),
        (r"\left. f \right|_{x=0}", "f|x=0"),
        (r"f'(z) \odot h''", "f′(z)⊙h′′"),
        (r"\sqrt[3]{x} + \sqrt y", "x3+y"),
        (r"\| W \|_2^2 \le 1{,}792", "‖W‖22≤1,792"),
        (r"138,357,544", "138,357,544"),
        (r"ŷ − y", "ŷ−y"),
        (r"a &= b \\ &= c", "a=b=c"),
        (r"\underbrace{x}_{n} \quad \overline{ab}", "x⏟nab¯"),
        (r"a < b > c", "a<b>c"),
        (r"\arg\max_i z_i", "argmaxizi"),
        (r"\sum\limits_{i=1}^N \bigl( x_i \bigr)", "∑i=1N(xi)"),
        ("y\u0302", "ŷ"),
    ],
)
def test_a_formula_shows_its_signs(latex, characters):
    """Every sign that LaTeX would print is there, in reading order, and no command is."""
    assert "".join(shown(latex).split(" ")) == characters


@pytest.mark.parametrize(
    ("latex", "elements"),
    [
        ("x_i", ["msub", "mi", "mi"]),
        ("x^2_i", ["msubsup", "mi", "mi", "mn"]),
        (r"\frac ab", ["mfrac", "mi", "mi"]),
        (r"\sum_i x", ["munder", "mo", "mi", "mi"]),
        (r"\sum\limits_i x", ["munder", "mo", "mi", "mi"]),
        (r"x_\mathbf{ab}", ["msub", "mi", "mrow", "mi", "mi"]),
        (r"\hat y", ["mover", "mi", "mo"]),
        (r"\sqrt x", ["msqrt", "mi"]),
        ("a & b", ["mtable", "mtr", "mtd", "mi", "mtd", "mi"]),
    ],
)
def test_a_formula_has_its_structure(latex, elements):
    """Scripts, fractions, roots and tables are built, not only spelled."""
    assert shape(latex) == elements


@pytest.mark.parametrize(
    "latex",
    [
        r"\href{javascript:alert(1)}{x}",
        r"\style{background:url(http://tracker.example)}{x}",
        r"\class{a}{x}",
        r"\color{red}{x}",
        r"\input{/etc/passwd}",
        r"\def\a{\a}\a",
        r"\newcommand{\a}{b}",
        r"\cancel{x}",
        r"\frac{a}",
        r"\frac12",
        "x^12",
        "x^a^b",
        "x_",
        "{x",
        "x}",
        r"\left( x",
        r"\left{ x \right}",
        r"\right)",
        r"\(x\)",
        r"\/",
        r"\begin{matrix} x",
        r"\begin{matrix} x \end{pmatrix}",
        r"\end{matrix}",
        r"\begin{document} x \end{document}",
        r"\text{\href{a}{b}}",
        "\\",
        "$",
        "#1",
        "% comment",
        "",
        "  ",
        "x" * (CHARACTERS + 1),
    ],
)
def test_what_is_not_known_is_left_as_typed(latex):
    """A command that could act, a structure that is not closed, or a rarity is shown as typed."""
    assert mathml(latex) is None


@pytest.mark.parametrize(
    "piece",
    ["{", r"\frac", "x^", "x_{", r"\left(", r"\begin{matrix}", r"\sqrt[", r"\hat", r"\mathbf"],
)
def test_nesting_without_end_is_refused(piece):
    """A thousand characters of opening brackets neither recurse nor take time."""
    assert mathml((piece * CHARACTERS)[:CHARACTERS]) is None


def test_the_source_travels_with_the_formula():
    """What was typed is in the page for who copies it, escaped."""
    markup = mathml(r" a < b ")
    assert markup is not None
    assert '<annotation encoding="application/x-tex">a &lt; b</annotation>' in markup


PIECES = (
    r"\frac \hat { } x y ^ _ \left \right ( ) \begin{bmatrix} \end{bmatrix} & \\ \sqrt [ ] 1 2.5 "
    r"\sum \text{a} ' \color \href \begin{array} \end{array} % $ \middle | \mathbf \| \( \/ "
    r'\operatorname{a} < > " é \. . \{ \} 0 ² <script> onerror= \underbrace ∂ ŷ '
    r"\limits \, \mathbf{ab}"
)


ARITY = {
    "mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2,
    "munderover": 3, "semantics": 2, "math": 1,
}  # fmt: skip


@given(st.lists(st.sampled_from(PIECES.split()), max_size=30).map("".join) | st.text(max_size=60))
def test_whatever_is_set_is_well_formed_and_cannot_act(latex):
    """Only elements and attributes of this list ever come out, whatever goes in."""
    markup = mathml(latex)
    if markup is not None:
        for element in ElementTree.fromstring(markup).iter():
            assert element.tag in TAGS
            assert set(element.items()) <= ATTRIBUTES
            assert len(element) == ARITY.get(element.tag, len(element))
