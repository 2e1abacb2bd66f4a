"""What older editions of NumPy allowed, and students' machines still do."""

from __future__ import annotations

import ast
import builtins
import math
from typing import Any, Final, cast

import numpy as np

_NAMES: Final[dict[str, Any]] = {
    "float": float,
    "int": int,
    "bool": bool,
    "object": object,
    "str": str,
    "complex": complex,
    "long": int,
    "float_": np.float64,
    "complex_": np.complex128,
    "unicode_": np.str_,
    "string_": np.bytes_,
    "bool8": np.bool_,
    "Inf": np.inf,
    "infty": np.inf,
    "PINF": np.inf,
    "Infinity": np.inf,
    "NINF": -np.inf,
    "NaN": np.nan,
    "NAN": np.nan,
    "math": math,
    "product": np.prod,
    "cumproduct": np.cumprod,
    "alltrue": np.all,
    "sometrue": np.any,
    "round_": np.round,
    "row_stack": np.vstack,
    "mat": np.asmatrix,
    "asscalar": lambda a: a.item(),
    "asfarray": lambda a: np.asarray(a, dtype=float),
    "in1d": lambda ar1, ar2, **options: np.isin(np.ravel(ar1), ar2, **options),
    "msort": lambda a: np.sort(a, axis=0),
    "trapz": lambda y, *along, **options: cast(Any, np).trapezoid(y, *along, **options),
}
_SINGLE: Final = "__single__"
_FITTING: Final = "__fitting__"
_TAKES_A_NUMBER: Final = ("float", "int", "complex", "round")


def restore() -> None:
    """Give NumPy the names that it had, and students' code what `adapted` calls."""
    present = vars(np)
    for name, meaning in _NAMES.items():
        if name not in present:
            setattr(np, name, meaning)
    setattr(builtins, _SINGLE, _single)
    setattr(builtins, _FITTING, _fitting)


def adapted(statement: ast.stmt) -> ast.stmt:
    """Return a statement in which an array of one element counts as a number where one is asked."""
    return ast.fix_missing_locations(cast(ast.stmt, _Numbers().visit(statement)))


def _single(value: Any) -> Any:
    is_single = type(value) in (np.ndarray, np.matrix) and value.ndim and value.size == 1
    return value.item() if is_single else value


def _fitting(container: Any, value: Any) -> Any:
    return _single(value) if type(container) is np.ndarray and container.dtype != object else value


class _Numbers(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node.func:
            case ast.Name(name) if name in _TAKES_A_NUMBER:
                node.args[:1] = [_called(_SINGLE, each) for each in node.args[:1]]
            case ast.Attribute(ast.Name("math"), _) | ast.Attribute(_, "float" | "int"):
                node.args = [_called(_SINGLE, each) for each in node.args]
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.BinOp(ast.Constant(str()), ast.Mod(), ast.Tuple(values)):
                node.right = ast.Tuple([_called(_SINGLE, each) for each in values], ast.Load())
            case ast.BinOp(ast.Constant(str()), ast.Mod(), value):
                node.right = _called(_SINGLE, value)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        self.generic_visit(node)
        match node.targets:
            case [ast.Subscript(ast.Name(name))]:
                node.value = _called(_FITTING, ast.Name(name, ast.Load()), node.value)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        match node.target:
            case ast.Subscript(ast.Name(name)):
                node.value = _called(_FITTING, ast.Name(name, ast.Load()), node.value)
        return node


def _called(name: str, *values: ast.expr) -> ast.expr:
    if any(isinstance(each, ast.Starred) for each in values):
        return values[-1]
    call = ast.Call(ast.Name(name, ast.Load()), list(values), [])
    return ast.copy_location(call, values[-1])
