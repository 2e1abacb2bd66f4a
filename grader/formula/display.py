"""Shows a tree as one line of Unicode, the way it was read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from grader.formula.spelling import GREEK
from grader.formula.tree import Node

_SIGNS = {"juxt": " ", "*": " * ", "·": " · ", "×": " × ", "@": " @ ", "⊙": " ⊙ ", "⊗": " ⊗ "}
_ACCENT_MARKS = {"hat": "\u0302", "tilde": "\u0303", "bar": "\u0304", "dot": "\u0307"}
# The usual form of each letter is the one that is listed first.
_LETTERS: Mapping[str, str] = MappingProxyType(
    {name: char for char, name in reversed(list(GREEK.items())) if char != "ς"}
)
_FUNCTIONS = {"sigmoid": "σ", "log": "ln", "sqrt": "√"}

# How tightly an operation binds.
_ADD, _NEG, _MUL, _POWER, _ATOM = 1, 2, 3, 4, 5


def display(tree: Node) -> str:
    """Return the formula as a line of text."""
    return _show(tree)[0]


def letter(name: str) -> str:
    """Return a canonical name as a student would write it: `y_hat` is ŷ."""
    base, _, rest = name.partition("_")
    accent, _, label = rest.partition("_")
    if accent in _ACCENT_MARKS:
        import unicodedata

        shown = unicodedata.normalize("NFC", _LETTERS.get(base, base) + _ACCENT_MARKS[accent])
        return f"{shown}_{label}" if label else shown
    shown = _LETTERS.get(base, base)
    return f"{shown}_{rest}" if rest else shown


def _show(node: Node) -> tuple[str, int]:
    rule = _RULES.get(node.op)
    return rule(node) if rule is not None else (f"{node.op}(…)", _ATOM)


def _inside(node: Node, level: int) -> str:
    text, binds = _show(node)
    return text if binds >= level else f"({text})"


def _number(node: Node) -> tuple[str, int]:
    value = node.value
    return (f"{value:g}" if isinstance(value, float) else str(value)), _ATOM


def _name(node: Node) -> tuple[str, int]:
    name = str(node.value)
    named = {"inf": "∞", "𝟏": "1"}.get(name)
    if named is not None:
        return named, _ATOM
    return letter(name.split("#")[0]).replace("*", ""), _ATOM


def _add(node: Node) -> tuple[str, int]:
    text = _inside(node.args[0], _ADD)
    for arg in node.args[1:]:
        if arg.op == "neg":
            text += f" − {_inside(arg.args[0], _MUL)}"
        else:
            text += f" + {_inside(arg, _NEG)}"
    return text, _ADD


def _neg(node: Node) -> tuple[str, int]:
    return f"−{_inside(node.args[0], _MUL)}", _NEG


def _mul(node: Node) -> tuple[str, int]:
    signs = node.value if isinstance(node.value, tuple) else ()
    text = _inside(node.args[0], _MUL)
    for sign, arg in zip(signs, node.args[1:], strict=True):
        text += f"{_SIGNS[sign]}{_inside(arg, _POWER)}"
    return text, _MUL


def _div(node: Node) -> tuple[str, int]:
    return f"{_inside(node.args[0], _MUL)}/{_inside(node.args[1], _POWER)}", _MUL


def _power(node: Node) -> tuple[str, int]:
    return f"{_inside(node.args[0], _ATOM)}^{_inside(node.args[1], _ATOM)}", _POWER


def _transpose(node: Node) -> tuple[str, int]:
    return f"{_inside(node.args[0], _POWER)}ᵀ", _POWER


def _prime(node: Node) -> tuple[str, int]:
    return f"{_inside(node.args[0], _ATOM)}'", _POWER


def _index(node: Node) -> tuple[str, int]:
    kinds = node.value if isinstance(node.value, tuple) else ()
    lowered = [
        _show(arg)[0] for arg, kind in zip(node.args[1:], kinds, strict=True) if kind == "sub"
    ]
    raised = [
        _show(arg)[0] for arg, kind in zip(node.args[1:], kinds, strict=True) if kind != "sub"
    ]
    text = _inside(node.args[0], _ATOM)
    if lowered:
        text += "_" + ("".join(lowered) if len(lowered) == 1 else "{" + ",".join(lowered) + "}")
    return text + "".join(f"^({mark})" for mark in raised), _POWER


def _call(node: Node) -> tuple[str, int]:
    name = str(node.value)
    plain = name.rstrip("'")
    marks = name[len(plain) :]
    if plain == "indicator":
        return f"1[{_show(node.args[0])[0]}]", _ATOM
    if plain == "abs":
        return f"|{_show(node.args[0])[0]}|", _ATOM
    shown = _FUNCTIONS.get(plain, letter(plain)) + marks
    if not node.args:
        return shown, _ATOM
    return f"{shown}({', '.join(_show(arg)[0] for arg in node.args)})", _ATOM


def _option(node: Node) -> tuple[str, int]:
    return f"{node.value}={_show(node.args[0])[0]}", _ATOM


def _string(node: Node) -> tuple[str, int]:
    return str(node.value), _ATOM


_OVER = {"sum": "Σ", "prod": "Π", "average": "mean", "largest": "max", "smallest": "min"}


def _sum(node: Node) -> tuple[str, int]:
    names = node.value if isinstance(node.value, tuple) else ()
    sign = _OVER[node.op]
    return f"{sign}{'_' if names else ''}{','.join(names)} {_inside(node.args[0], _MUL)}", _NEG


def _compare(node: Node) -> tuple[str, int]:
    sign = {"==": "=", "<=": "≤", ">=": "≥", "!=": "≠"}.get(str(node.value), str(node.value))
    return f"{_inside(node.args[0], _ADD)} {sign} {_inside(node.args[1], _ADD)}", 0


def _logic(node: Node) -> tuple[str, int]:
    parts = [_inside(arg, _ADD) for arg in node.args]
    return (f"not {parts[0]}" if node.value == "not" else f" {node.value} ".join(parts)), 0


def _cases(node: Node) -> tuple[str, int]:
    pairs = [
        f"{_show(node.args[i])[0]} if {_show(node.args[i + 1])[0]}"
        for i in range(0, len(node.args) - 1, 2)
    ]
    if len(node.args) % 2:
        pairs.append(f"{_show(node.args[-1])[0]} otherwise")
    return ", ".join(pairs), 0


def _row(node: Node) -> tuple[str, int]:
    return f"[{', '.join(_show(arg)[0] for arg in node.args)}]", _ATOM


def _bars(node: Node) -> tuple[str, int]:
    return f"|{_show(node.args[0])[0]}|", _ATOM


def _norm(node: Node) -> tuple[str, int]:
    return f"‖{_show(node.args[0])[0]}‖", _ATOM


def _slice(node: Node) -> tuple[str, int]:
    inner = ", ".join(_show(arg)[0] for arg in node.args[1:])
    return f"{_inside(node.args[0], _ATOM)}[{inner}]", _ATOM


def _size(node: Node) -> tuple[str, int]:
    return f"{_inside(node.args[0], _ATOM)}.shape[{node.value}]", _ATOM


def _derivative(node: Node) -> tuple[str, int]:
    return str(node.value).replace("d", "∂"), _ATOM


_RULES = MappingProxyType(
    {
        "number": _number,
        "name": _name,
        "derivative": _derivative,
        "add": _add,
        "neg": _neg,
        "mul": _mul,
        "div": _div,
        "power": _power,
        "transpose": _transpose,
        "prime": _prime,
        "index": _index,
        "call": _call,
        "option": _option,
        "string": _string,
        **dict.fromkeys(_OVER, _sum),
        "compare": _compare,
        "logic": _logic,
        "cases": _cases,
        "matrix": _row,
        "row": _row,
        "vector": _row,
        "bars": _bars,
        "norm": _norm,
        "slice": _slice,
        "span": lambda node: (f"{node.value}:{node.value}+1", _ATOM),
        "size": _size,
    }
)
