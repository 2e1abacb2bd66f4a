"""Right answers in every interchangeable spelling are right, and one slip in them has its name.

spellings.yaml lists how people write each part of an answer. An answer picks one way per part,
so that parts which are spelled differently but mean the same make thousands of right answers;
a slip changes the meaning of one part only.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grader import formula
from tests.formula.test_cases import COLLECTION, Problem, marked, problem

Pick: TypeAlias = Callable[[Sequence[Any]], Any]
Grammar: TypeAlias = "Callable[[Pick, str, str | None], str]"

SPELLINGS = yaml.safe_load((Path(__file__).parent / "spellings.yaml").read_text("utf-8"))
SUBSCRIPTS = str.maketrans("12", "₁₂")


def fill(pattern: str, *parts: str) -> str:
    """Put the parts where the pattern says «1», «2»."""
    for number, part in enumerate(parts, 1):
        pattern = pattern.replace(f"«{number}»", part)
    return pattern


class Writer:
    """Writes the parts of an answer in one dialect, each in a way that `pick` chooses."""

    def __init__(self, pick: Pick, name: str) -> None:
        self.pick = pick
        self.ways = SPELLINGS[name]

    def put(self, part: str, *parts: str) -> str:
        """Write a part of the dialect's own round other parts."""
        return fill(self.pick(self.ways[part]), *parts)

    def say(self, topic: str, part: str, *parts: str) -> str:
        """Write a part of the question called `topic`."""
        return fill(self.pick(self.ways[topic][part]), *parts)

    def chance(self, one_in: int) -> bool:
        """Choose yes, once in so many times."""
        return bool(self.pick([True] + [False] * (one_in - 1)))


def residual(write: Writer, y_hat: str, y: str, slip: str | None) -> str:
    """Write the prediction less the label in brackets, or the other way round for a slip."""
    first, second = (y, y_hat) if slip == "sign" else (y_hat, y)
    if write.chance(3):
        turned = write.put("bracket", write.put("minus", second, first))
        return write.put("bracket", "-" + turned)
    return write.put("bracket", write.put("minus", first, second))


def scaled(write: Writer, product: str, slip: str | None) -> str:
    """Write the product, with a factor where that is the slip."""
    if slip == "extra-mean":
        return write.put("scale", product, "m")
    return write.put("double", product) if slip == "constant-factor" else product


def product(write: Writer, error: str, x: str, slip: str | None) -> str:
    """Write the error times the transposed input, or a slip of that."""
    if slip == "stopped-at-z":
        return error
    if slip == "missing-transpose":
        return write.put("times", error, x)
    if slip == "product-order":
        return write.put("times", write.put("flip", x), error)
    turned = write.put("times", x, write.put("flip", error))
    if slip == "transposed-layout":
        return turned
    if slip is None and write.chance(4):
        return write.put("flip", write.put("bracket", turned))
    return write.put("times", error, write.put("flip", x))


def matrix_form(pick: Pick, name: str, slip: str | None) -> str:
    """Write (y_hat - y) x^T, sometimes with a name for the residual."""
    write = Writer(pick, name)
    y_hat, y, x = (write.say("logistic", part) for part in ("y_hat", "y", "x"))
    error = residual(write, y_hat, y, slip)
    label, pattern = pick(write.ways["define"]) if write.chance(3) else (error, "«1»")
    answer = scaled(write, product(write, label, x, slip), slip)
    whole = fill(pattern, write.say("logistic", "left") + answer, f"{label.strip()} = {error}")
    return write.put("frame", whole)


def sum_form(pick: Pick, name: str, slip: str | None) -> str:
    """Write the sum over the samples of (y_hat_i - y_i) x_i^T."""
    write = Writer(pick, name)
    y_hat, y, x = (write.say("logistic", part) for part in ("y_hat_i", "y_i", "x_i"))
    error = residual(write, y_hat, y, slip)
    right = x if slip == "transposed-layout" else write.put("flip", x)
    total = write.say("logistic", "sum") + write.put("times", error, right)
    return write.put("frame", write.say("logistic", "left") + scaled(write, total, slip))


def branch(write: Writer, number: int, turned: bool, slip: str | None) -> str:
    """Write ((h_1 - h_2) * slope) x^T of one branch, the difference turned round or not."""
    pair = [write.say("siamese", "h", "1"), write.say("siamese", "h", "2")]
    error = write.put("bracket", write.put("minus", *(pair[::-1] if turned else pair)))
    if slip != "missing-derivative":
        slope = write.say("siamese", "slope", str(number))
        error = write.put("bracket", write.put("entrywise", error, slope))
    return write.put("times", error, write.put("flip", write.say("siamese", "x", str(number))))


def siamese(pick: Pick, name: str, slip: str | None) -> str:
    """Write the gradient of the Siamese loss by W."""
    write = Writer(pick, name)
    turned = write.chance(2)
    plus = turned != (slip == "second-branch-sign")
    data = branch(write, 1, False, slip) + (" + " if plus else " - ")
    data += branch(write, 2, turned, slip)
    decay = write.say("siamese", "lambda") + write.say("siamese", "W")
    if slip == "constant-factor":
        decay = ("2 * " if name == "code" else "2") + decay
    total = f"{data} + {decay}"
    if slip == "sign":
        total = f"{data} - {decay}"
    elif slip == "regularisation-missing":
        total = data
    elif write.chance(3):
        total = f"{decay} + {data}"
    text = write.put("frame", write.say("siamese", "left") + total)
    return subscripted(text) if name == "unicode" and write.chance(2) else text


def subscripted(text: str) -> str:
    """Write the branches' numbers as small characters below the line."""
    for letter in "hxz":
        for digit in "12":
            text = text.replace(f"{letter}_{digit}", letter + digit.translate(SUBSCRIPTS))
    return text


@st.composite
def answers(draw: st.DrawFn, grammar: Grammar, name: str, slip: str | None = None) -> str:
    """Draw one answer of a grammar in a dialect."""
    return grammar(lambda ways: draw(st.sampled_from(ways)), name, slip)


def asked(grammar: Grammar) -> Problem:
    """Return the question that a grammar answers."""
    return problem("siamese", "grad_W") if grammar is siamese else problem("logistic", "dW")


FORMS: dict[Grammar, tuple[str, ...]] = {
    matrix_form: ("latex", "unicode", "code"),
    sum_form: ("latex", "unicode"),
    siamese: ("latex", "unicode", "code"),
}
FACTORS = ("sign", "extra-mean", "constant-factor", "transposed-layout")
SLIPS: dict[Grammar, tuple[str, ...]] = {
    matrix_form: (*FACTORS, "stopped-at-z", "missing-transpose", "product-order"),
    sum_form: FACTORS,
    siamese: (
        "second-branch-sign",
        "regularisation-missing",
        "constant-factor",
        "missing-derivative",
        "sign",
    ),
}
RIGHT = [(grammar, name) for grammar, names in FORMS.items() for name in names]
WRONG = [(grammar, name, slip) for grammar, name in RIGHT for slip in SLIPS[grammar]]


@pytest.mark.parametrize(("grammar", "name"), RIGHT)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_every_spelling_of_a_right_answer_is_right(
    grammar: Grammar, name: str, data: st.DataObject
) -> None:
    """How the parts are written makes no difference to the marks."""
    text = data.draw(answers(grammar, name))
    assert marked(asked(grammar), text).verdict == "correct"


@pytest.mark.parametrize(("grammar", "name", "slip"), WRONG)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_one_slip_in_a_right_answer_is_wrong_and_named(
    grammar: Grammar, name: str, slip: str, data: st.DataObject
) -> None:
    """The slip that was put in is the one that is named, however the rest is spelled."""
    mark = marked(asked(grammar), data.draw(answers(grammar, name, slip)))
    assert mark.verdict == "wrong"
    assert slip in mark.mistakes


@st.composite
def mutilated(draw: st.DrawFn) -> tuple[Problem, str]:
    """Draw an answer of the collection with a few pieces cut out, doubled or moved."""
    asked, cases = draw(st.sampled_from(COLLECTION))
    text = draw(st.sampled_from(cases)).text
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 4)))
        target = draw(st.integers(0, len(text)))
        piece = text[start:end]
        cut = text[:start] + text[end:]
        text = draw(st.sampled_from([cut, text[:target] + piece + text[target:]]))
    return asked, text


@given(mutilated())
@settings(max_examples=1500, deadline=None)
def test_a_mutilated_answer_gets_a_verdict_and_never_an_exception(
    answer: tuple[Problem, str],
) -> None:
    """What a student garbles is judged or refused; it never stops the grading."""
    assert marked(*answer).verdict in {"correct", "wrong", "unreadable"}


Shape: TypeAlias = "tuple[str, str]"
LEAVES: dict[Shape, tuple[str, ...]] = {
    ("m", "n"): ("W", "V"),
    ("m", "1"): ("h", "g"),
    ("n", "1"): ("x",),
    ("1", "n"): ("r",),
    ("1", "1"): ("c",),
    ("n", "m"): ("W.T",),
    ("m", "m"): ("A",),
}
ENTRYWISE = (
    "np.tanh({})",
    "np.abs({})",
    "np.maximum({}, 0)",
    "({}) ** 2",
    "-({})",
    "2 - ({})",
    "({}) / 3",
    "np.exp(-({}))",
)
SYMBOLS = {
    "W": ["m", "n"],
    "V": ["m", "n"],
    "A": ["m", "m"],
    "h": ["m", 1],
    "g": ["m", 1],
    "x": ["n", 1],
    "r": [1, "n"],
    "c": [1, 1],
}


@st.composite
def code(draw: st.DrawFn, shape: Shape, depth: int) -> str:
    """Draw an expression of NumPy of the given shape, every operation in brackets."""
    if depth <= 0 and shape in LEAVES:
        return draw(st.sampled_from(LEAVES[shape]))
    rows, columns = shape

    def part(rows: str, columns: str) -> str:
        return draw(code((rows, columns), depth - 1))

    if depth < -2:  # a shape without a leaf: nothing but an outer product ends it
        return f"np.outer({part(rows, '1')}, {part(columns, '1')})"
    way = draw(
        st.sampled_from(("sum", "entrywise", "matrix", "flip", "function", "choice", "fold"))
    )
    if way == "sum":
        return f"(({part(*shape)}) {draw(st.sampled_from('+-'))} ({part(*shape)}))"
    if way == "entrywise":
        thin = (rows, draw(st.sampled_from(("1", columns))))
        return f"(({part(*shape)}) * ({part(*thin)}))"
    if way == "matrix":
        inner = draw(st.sampled_from(("m", "n", "1")))
        return f"(({part(rows, inner)}) @ ({part(inner, columns)}))"
    if way == "flip":
        return f"({part(columns, rows)}).T"
    if way == "function":
        return draw(st.sampled_from(ENTRYWISE)).format(part(*shape))
    if way == "choice":
        return f"np.where(({part(*shape)}) > 0, {part(*shape)}, {part(*shape)})"
    if rows == "1":
        return f"np.sum({part('m', columns)}, axis=0, keepdims=True)"
    if columns == "1":
        return f"({part(rows, 'n')}).sum(axis=1, keepdims=True)"
    return f"np.outer({part(rows, '1')}, {part(columns, '1')})"


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_code_means_what_numpy_computes(data: st.DataObject) -> None:
    """Python's own evaluation, with no brackets but the needed ones, is the right answer."""
    shape = data.draw(st.sampled_from([shape for shape in LEAVES if shape != ("n", "m")]))
    text = ast.unparse(ast.parse(data.draw(code(shape, 2)), mode="eval"))
    # Without one of these, `A * h` is mathematics as much as it is code.
    assume(any(mark in text for mark in ("np.", "@", ".T", "**")))

    def run(symbols: Mapping[str, Any]) -> Any:
        return eval(text, {"np": np, **symbols})

    want = formula.want(formula.notation(SYMBOLS), formula.Answers(text, sources=(run,)))
    assert formula.judge(text, want).correct
