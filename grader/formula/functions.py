"""The functions that a formula may name, over NumPy arrays or torch tensors alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from grader.formula.spelling import words

Library: TypeAlias = Any
"""The array library: numpy, or torch where a loss is differentiated."""

Elementwise: TypeAlias = Callable[[Library, Any], Any]


def _sigmoid(lib: Library, x: Any) -> Any:
    return 1.0 / (1.0 + lib.exp(-x))


def _sigmoid_prime(lib: Library, x: Any) -> Any:
    s = _sigmoid(lib, x)
    return s * (1.0 - s)


def _relu(lib: Library, x: Any) -> Any:
    return lib.where(x > 0, x, x * 0.0)


def _step(lib: Library, x: Any) -> Any:
    return _number(lib, x > 0, x)


def _number(lib: Library, truth: Any, like: Any) -> Any:
    """Return 1.0 where `truth` holds, else 0.0, of the shape and library of `like`."""
    return lib.where(truth, like * 0.0 + 1.0, like * 0.0)


def _cube_root(lib: Library, x: Any) -> Any:
    return lib.sign(x) * lib.abs(x) ** (1.0 / 3.0)


def _round(lib: Library, x: Any) -> Any:
    return lib.floor(x + 0.5)


def _general(lib: Library, x: Any) -> Any:
    """Return a smooth function that satisfies no identity a student could mean."""
    return lib.sin(1.3 * x + 0.4) + 0.35 * x * x + 0.8 * x


def _general_prime(lib: Library, x: Any) -> Any:
    return 1.3 * lib.cos(1.3 * x + 0.4) + 0.7 * x + 0.8


def _general_second(lib: Library, x: Any) -> Any:
    return -1.69 * lib.sin(1.3 * x + 0.4) + 0.7


def _leaky_relu(lib: Library, x: Any) -> Any:
    return lib.where(x > 0, x, 0.01 * x)


# A primed name is the derivative.
ELEMENTWISE: Mapping[str, Elementwise] = MappingProxyType(
    {
        "sigmoid": _sigmoid,
        "sigmoid'": _sigmoid_prime,
        "sigmoid''": lambda lib, x: _sigmoid_prime(lib, x) * (1.0 - 2.0 * _sigmoid(lib, x)),
        "tanh": lambda lib, x: lib.tanh(x),
        "tanh'": lambda lib, x: 1.0 - lib.tanh(x) ** 2,
        "tanh''": lambda lib, x: -2.0 * lib.tanh(x) * (1.0 - lib.tanh(x) ** 2),
        "relu": _relu,
        "relu'": _step,
        "leaky_relu": _leaky_relu,
        "leaky_relu'": lambda lib, x: lib.where(x > 0, x * 0.0 + 1.0, x * 0.0 + 0.01),
        "softplus": lambda lib, x: lib.log1p(lib.exp(-lib.abs(x))) + _relu(lib, x),
        "softplus'": _sigmoid,
        "log_sigmoid": lambda lib, x: -lib.log1p(lib.exp(-lib.abs(x))) - _relu(lib, -x),
        "silu": lambda lib, x: x * _sigmoid(lib, x),
        "step": _step,
        "general": _general,
        "general'": _general_prime,
        "general''": _general_second,
        "identity": lambda lib, x: x,
        "identity'": lambda lib, x: x * 0.0 + 1.0,
        "exp": lambda lib, x: lib.exp(x),
        "exp'": lambda lib, x: lib.exp(x),
        "expm1": lambda lib, x: lib.expm1(x),
        "log": lambda lib, x: lib.log(x),
        "log'": lambda lib, x: 1.0 / x,
        "log10": lambda lib, x: lib.log10(x),
        "log2": lambda lib, x: lib.log2(x),
        "log1p": lambda lib, x: lib.log1p(x),
        "logit": lambda lib, x: lib.log(x / (1.0 - x)),
        "sqrt": lambda lib, x: lib.sqrt(x),
        "cbrt": _cube_root,
        "square": lambda lib, x: x * x,
        "square'": lambda lib, x: 2.0 * x,
        "reciprocal": lambda lib, x: 1.0 / x,
        "abs": lambda lib, x: lib.abs(x),
        "abs'": lambda lib, x: lib.sign(x),
        "sign": lambda lib, x: lib.sign(x),
        "floor": lambda lib, x: lib.floor(x),
        "ceil": lambda lib, x: lib.ceil(x),
        "round": _round,
        "sin": lambda lib, x: lib.sin(x),
        "sin'": lambda lib, x: lib.cos(x),
        "cos": lambda lib, x: lib.cos(x),
        "cos'": lambda lib, x: -lib.sin(x),
        "tan": lambda lib, x: lib.tan(x),
        "cot": lambda lib, x: 1.0 / lib.tan(x),
        "sec": lambda lib, x: 1.0 / lib.cos(x),
        "csc": lambda lib, x: 1.0 / lib.sin(x),
        "arcsin": lambda lib, x: lib.arcsin(x),
        "arccos": lambda lib, x: lib.arccos(x),
        "arctan": lambda lib, x: lib.arctan(x),
        "sinh": lambda lib, x: lib.sinh(x),
        "cosh": lambda lib, x: lib.cosh(x),
        "coth": lambda lib, x: 1.0 / lib.tanh(x),
        "sech": lambda lib, x: 1.0 / lib.cosh(x),
        "csch": lambda lib, x: 1.0 / lib.sinh(x),
        "arcsinh": lambda lib, x: lib.arcsinh(x),
        "arccosh": lambda lib, x: lib.arccosh(x),
        "arctanh": lambda lib, x: lib.arctanh(x),
    }
)

# Functions of a matrix or of several arguments; `resolve` knows their shapes.
STRUCTURAL = words(
    """
    transpose inv pinv det trace diag norm sum mean max min maximum minimum where dot matmul
    outer multiply divide subtract add power softmax log_softmax einsum ones zeros eye ones_like
    zeros_like clip heaviside solve reshape flatten ravel squeeze unsqueeze expand_dims
    atleast_2d mod floor_divide astype size logsumexp argmax vdot inner var std prod cumsum and
    or not xor xnor nand nor vec array matrix_power atan2 full item newaxis average kron hypot len
    logaddexp cov arange cross_entropy binary_cross_entropy mse_loss
    binary_cross_entropy_with_logits crossprod tcrossprod nrow ncol cast shape count length numel
    logdet linear addmm multi_dot ifelse lerp slogdet cosine_similarity
    """
)

_ALIASES = {
    "arctan2": "atan2",
    "sigma": "sigmoid",
    "sig": "sigmoid",
    "sigm": "sigmoid",
    "sigmoid": "sigmoid",
    "Sigmoid": "sigmoid",
    "logistic": "sigmoid",
    "expit": "sigmoid",
    "ReLU": "relu",
    "RELU": "relu",
    "Relu": "relu",
    "ReLu": "relu",
    "relu": "relu",
    "LeakyReLU": "leaky_relu",
    "leakyrelu": "leaky_relu",
    "Tanh": "tanh",
    "th": "tanh",
    "tgh": "tanh",
    "softPlus": "softplus",
    "Softplus": "softplus",
    "logsigmoid": "log_sigmoid",
    "swish": "silu",
    "heaviside": "heaviside",
    "Heaviside": "heaviside",
    "step": "step",
    "Step": "step",
    "ln": "log",
    "log": "log",
    "Log": "log",
    "Ln": "log",
    "LN": "log",
    "lg": "log10",
    "ld": "log2",
    "lb": "log2",
    "Exp": "exp",
    "fabs": "abs",
    "Abs": "abs",
    "absolute": "abs",
    "sgn": "sign",
    "Sign": "sign",
    "signum": "sign",
    "ceiling": "ceil",
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "arctg": "arctan",
    "tg": "tan",
    "ctg": "cot",
    "cosec": "csc",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
    "rint": "round",
    "sqr": "square",
    "Softmax": "softmax",
    "SoftMax": "softmax",
    "softMax": "softmax",
    "smax": "softmax",
    "logsoftmax": "log_softmax",
    "tr": "trace",
    "Tr": "trace",
    "inverse": "inv",
    "Inverse": "inv",
    "transposed": "transpose",
    "Transpose": "transpose",
    "trans": "transpose",
    "swapaxes": "transpose",
    "determinant": "det",
    "Diag": "diag",
    "diagonal": "diag",
    "Diagonal": "diag",
    "diagm": "diag",
    "diag_embed": "diag",
    "DiagonalMatrix": "diag",
    "Total": "sum",
    "Norm": "norm",
    "PseudoInverse": "pinv",
    "Det": "det",
    "Dot": "matmul",
    "plogis": "sigmoid",
    "LogisticSigmoid": "sigmoid",
    "UnitStep": "step",
    "HeavisideTheta": "step",
    "LinearSolve": "solve",
    "IdentityMatrix": "eye",
    "expectation": "mean",
    "ifelse": "where",
    "chain_dot": "multi_dot",
    "diagflat": "diag",
    "lstsq": "lstsq",
    "bce_loss": "binary_cross_entropy",
    "amax": "max",
    "amin": "min",
    "Max": "max",
    "Min": "min",
    "Sum": "sum",
    "nansum": "sum",
    "Mean": "mean",
    "avg": "mean",
    "average": "mean",
    "mm": "matmul",
    "mv": "matmul",
    "bmm": "matmul",
    "mul": "multiply",
    "hadamard": "multiply",
    "div": "divide",
    "sub": "subtract",
    "true_divide": "divide",
    "pow": "power",
    "clamp": "clip",
    "identity": "eye",
    "fmod": "mod",
    "remainder": "mod",
    "Mod": "mod",
    "ger": "outer",
    "XOR": "xor",
    "XNOR": "xnor",
    "AND": "and",
    "OR": "or",
    "NOT": "not",
    "NAND": "nand",
    "NOR": "nor",
    "logical_and": "and",
    "logical_or": "or",
    "logical_not": "not",
    "logical_xor": "xor",
    "asarray": "array",
    "tensor": "array",
    "matrix": "array",
    "Matrix": "array",
    "Tensor": "array",
    "float": "astype",
    "float64": "astype",
    "float32": "astype",
    "double": "astype",
    "int": "astype",
    "int32": "astype",
    "int64": "astype",
    "float16": "astype",
    "bool": "astype",
    "long": "astype",
    "view": "reshape",
}

ALIASES: Mapping[str, str] = MappingProxyType(
    {name: name for name in (*ELEMENTWISE, *STRUCTURAL) if not name.endswith("'")} | _ALIASES
)

# Layers and losses of torch that are made first and then called: `nn.BCELoss()(p, y)`.
MODULES: Mapping[str, str] = MappingProxyType(
    {
        "BCELoss": "binary_cross_entropy",
        "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
        "CrossEntropyLoss": "cross_entropy",
        "MSELoss": "mse_loss",
        "Sigmoid": "sigmoid",
        "Tanh": "tanh",
        "ReLU": "relu",
        "Softmax": "softmax",
        "LogSoftmax": "log_softmax",
        "Softplus": "softplus",
        "SiLU": "silu",
        "LeakyReLU": "leaky_relu",
    }
)

_DERIVATIVE_SUFFIXES = ("_prime", "_derivative", "_deriv", "_grad", "_backward", "Prime", "prime")
_DERIVATIVE_PREFIXES = ("d_", "d", "grad_", "deriv_", "derivative_")


def derivative_spellings(name: str) -> frozenset[str]:
    """Return the words for the derivative of a function with a name of the question's own."""
    return frozenset(
        [name + suffix for suffix in _DERIVATIVE_SUFFIXES]
        + [prefix + name for prefix in _DERIVATIVE_PREFIXES]
    )


def derivative_name(word: str) -> str | None:
    """Return `sigmoid'` for `sigmoid_prime`, `dsigmoid`, `relu_derivative` and the like."""
    for suffix in _DERIVATIVE_SUFFIXES:
        if word.endswith(suffix):
            return _primed(word[: -len(suffix)])
    for prefix in _DERIVATIVE_PREFIXES:
        if word.startswith(prefix):
            found = _primed(word[len(prefix) :])
            if found:
                return found
    return None


def _primed(word: str) -> str | None:
    name = ALIASES.get(word)
    if name in ("sigmoid", "tanh", "relu", "softplus", "leaky_relu"):
        return f"{name}'"
    return None
