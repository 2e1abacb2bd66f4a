"""What a question declares is what its formulas may use; a wrong declaration is named."""

import re
from typing import Any

import jsonschema
import pytest

from grader import formula
from grader.formula.notation import canonical_name

GOOD: list[tuple[dict[str, Any], dict[str, str], dict[str, Any]]] = [
    (
        {
            "x": ["n", "m"],
            "X": {"same": "x"},
            "y": {"shape": [1, "m"], "values": "binary"},
            "lambda": {"shape": [], "values": "positive", "also": ["c"]},
        },
        {"z": "x"},
        {"samples": "m", "indices": {"i": "m"}},
    ),
    ({"f": "function", "t": []}, {}, {"functions": {"g": ["any", "tanh"]}}),
]


@pytest.mark.parametrize(("symbols", "define", "options"), GOOD)
def test_a_declaration_fits_its_schemas(
    symbols: dict[str, Any], define: dict[str, str], options: dict[str, Any]
):
    """What the room takes, the schemas for editors take as well."""
    jsonschema.validate(symbols, dict(formula.SYMBOLS_SCHEMA))
    jsonschema.validate(define, dict(formula.DEFINE_SCHEMA))
    jsonschema.validate(options, dict(formula.NOTATION_SCHEMA))
    taken = formula.notation(symbols, define, options)
    assert all(taken.target(name) in {*taken.symbols, *taken.functions} for name in symbols)


@pytest.mark.parametrize(
    ("symbols", "define", "options", "words"),
    [
        ({"x": ["n", 0]}, {}, {}, "x: expected a shape"),
        ({"x": ["n", "m", "k"]}, {}, {}, "x: expected a shape"),
        ({"x": "matrix"}, {}, {}, "x: expected a shape"),
        ({"x": {"shape": [], "values": "odd"}}, {}, {}, "x: values: expected one of"),
        ({"x": {"same": "q"}}, {}, {}, "'q' is not declared"),
        ({"x": ["n", 1], r"\mathbf{x}": ["n", 1]}, {}, {}, "declared twice"),
        ({"x": ["n", 1]}, {"z": "W x"}, {}, "z: 'W' is not known"),
        ({"x": ["n", 1]}, {"z": "x +"}, {}, "z: "),
        ({"x": ["n", 1]}, {"a": "b", "b": "a"}, {}, "defined by itself"),
        ({"x": ["n", 1]}, {}, {"samples": "m"}, "no symbol has the size 'm'"),
        ({"x": ["n", 1]}, {}, {"functions": {"f": "wiggle"}}, "no function is called 'wiggle'"),
        ({"x": ["n", 1]}, {}, {"indices": {"i": "q"}}, "i: no symbol has the size 'q'"),
    ],
)
def test_a_wrong_declaration_is_named(
    symbols: dict[str, Any], define: dict[str, str], options: dict[str, Any], words: str
):
    """The complaint says which symbol it is about."""
    with pytest.raises(ValueError, match=re.escape(words)):
        formula.notation(symbols, define, options)


def test_definitions_may_be_given_in_any_order():
    """Each is worked out after those that it uses."""
    known = formula.notation({"x": ["n", 1]}, {"c": "b + a", "b": "2 a", "a": "x"})
    assert list(known.define) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ŷ", "y_hat"),
        (r"\hat{\mathbf y}", "y_hat"),
        ("yhat", "y_hat"),
        ("W1", "W_1"),
        ("W^{[1]}", "W_1"),
        ("h_{1,1}", "h_11"),
        ("λ", "lambda"),
        ("lam", "lambda"),
        (r"\frac{\partial L}{\partial W}", "dL/dW"),
        ("∂L/∂W", "dL/dW"),
        ("dL/dW", "dL/dW"),
        (r"\nabla_{W_1} J", "dJ/dW_1"),
        ("grad_W", "d/dW"),
        ("W.grad", "d/dW"),
        ("f(x)", "f"),
        ("a + b", ""),
        ("", ""),
    ],
)
def test_every_spelling_of_a_name_is_one_name(text: str, name: str):
    """Names are compared by what they mean, not by how they are typed."""
    assert canonical_name(text) == name


def test_a_notation_is_made_once():
    """The same declaration is the same notation, so that nothing is worked out twice."""
    symbols = {"x": ["n", 1]}
    assert formula.notation(symbols) is formula.notation(dict(symbols))
