"""Bytes in, values out: the one language that is spoken across the wall.

A frame is the length of a head (four bytes, little-endian), the head (JSON) and raw bytes:

    {"kind": "returned", "bytes": 48, "body": ["t", ["a", "<f8", [2, 3]], "notes", null]}

A body is a scalar or a list whose first element says what it is: `l` list, `t` tuple, `d` dict
(keys and values in turn), `a` array, `n` a PyTorch tensor, by its array, `p` a list of numbers
packed as an array, `f` a float that JSON cannot write, `x` something that has no plain value (only
its type's name travels). The raw bytes are those of the arrays, in the order of their mention.

Whatever comes from a child may be forged by a student. That is harmless, since only values
travel and only the near side knows what they are worth; it has to be harmless to read, too.
"""

from __future__ import annotations

import json
import math
import struct
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

DTYPES: Final = frozenset(
    "|b1 |i1 <i2 <i4 <i8 |u1 <u2 <u4 <u8 <f2 <f4 <f8 <c8 <c16".split()  # noqa: SIM905 - a table
)
DEPTH: Final = 20
NODES: Final = 100_000
PACKED: Final = 1_000_000
TEXT: Final = 100_000
DIMENSIONS: Final = 16
HEAD_BYTES: Final = 1 << 20

# A list of costs is no tree: from so many numbers on, a list travels as an array.
_PACKED: Final = 16
_WORDS_BYTES: Final = 1 << 20
_INT64: Final = range(-(2**63), 2**63)
_LENGTH: Final = struct.Struct("<I")


class Fault(Exception):
    """Bytes that are no frame."""


class Unsendable(Exception):
    """A value that the frames have no room for."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """What has no plain value: a function, a generator, an object of the student's."""

    type_name: str


@dataclass(frozen=True, slots=True)
class Message:
    """One frame, read."""

    kind: str
    body: Any


# --- values to bytes ------------------------------------------------------------------------


def pack(kind: str, body: Any, budget: int = 1 << 40) -> bytes:
    """Return the frame of `body`; Unsendable where it is too deep, too long or too large.

    Values are told by their exact type and read through that type's own methods, so that what a
    student's subclass overrides has no effect.
    """
    arrays: list[Array] = []
    tree = _Writer(arrays, budget).node(body, 0)
    raw = [array.tobytes() for array in arrays]
    head = json.dumps(
        {"kind": kind, "bytes": sum(map(len, raw)), "body": tree}, separators=(",", ":")
    ).encode("ascii")
    if len(head) > HEAD_BYTES:
        raise Unsendable("more text and numbers than fit in one answer")
    return b"".join([_LENGTH.pack(len(head)), head, *raw])


class _Writer:
    def __init__(self, arrays: list[Array], budget: int) -> None:
        self._arrays = arrays
        self._budget = budget
        self._nodes = 0
        self._packed = 0

    def node(self, value: Any, depth: int) -> Any:
        self._count(1)
        if depth > DEPTH:
            raise Unsendable(f"nested deeper than {DEPTH} levels")
        kind = type(value)
        if value is None or kind is bool:
            return value
        if issubclass(kind, np.ndarray | np.generic):
            array = np.asarray(value)
            if array.dtype.kind == "U" and array.nbytes <= _WORDS_BYTES:
                return self.node(array.tolist(), depth)
            return self._array(array)
        if issubclass(kind, float):
            return _real(float.__float__(value))
        if issubclass(kind, int):
            return _integer(int.__int__(value))
        if issubclass(kind, complex):
            return self._array(np.asarray(complex.__complex__(value)))
        if issubclass(kind, str):
            return "".join((value,))[:TEXT]
        return self._container(value, depth)

    def _container(self, value: Any, depth: int) -> list[Any]:
        kind = type(value)
        if issubclass(kind, list):
            return self._list(list(list.__iter__(value)), depth)
        if issubclass(kind, tuple):
            return ["t", *(self.node(item, depth + 1) for item in tuple.__iter__(value))]
        if issubclass(kind, dict):
            return self._dict(list(dict.items(value)), depth)
        fields = _fields(value)
        if fields is not None:
            return self._dict(list(fields.items()), depth)
        tensor = _tensor(value)
        if tensor is None:
            return ["x", _type_name(value)]
        node = self._array(tensor)
        return ["n", node] if node[0] == "a" else node

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > NODES:
            raise Unsendable(f"more than {NODES} values")

    def _list(self, items: list[Any], depth: int) -> list[Any]:
        if len(items) > PACKED:
            raise Unsendable(f"more than {PACKED} values")
        numbers = _as_numbers(items)
        if numbers is None:
            return ["l", *(self.node(item, depth + 1) for item in items)]
        self._packed += len(items)
        if self._packed > PACKED:
            raise Unsendable(f"more than {PACKED} values")
        self._take(numbers)
        return ["p", numbers.dtype.str, len(items)]

    def _dict(self, items: list[tuple[Any, Any]], depth: int) -> list[Any]:
        self._count(len(items))
        flat: list[Any] = []
        for key, value in items:
            plain = np.generic.item(key) if issubclass(type(key), np.generic) else key
            if not _is_key(plain):
                return ["x", f"dict with a key of type {_type_name(key)}"[:80]]
            flat += [plain, self.node(value, depth + 1)]
        return ["d", *flat]

    def _array(self, array: Array) -> list[Any]:
        little = array.dtype.newbyteorder("<") if array.dtype.byteorder == ">" else array.dtype
        if little.str not in DTYPES:
            return ["x", f"array of {array.dtype.name}"[:80]]
        self._take(array)
        self._arrays[-1] = array.astype(little, copy=False)
        return ["a", little.str, list(array.shape)]

    # A broadcast array is as large as it looks once it is written out, so ask before that.
    def _take(self, array: Array) -> None:
        self._budget -= array.size * array.itemsize
        if self._budget < 0:
            raise Unsendable("an array that is too large")
        self._arrays.append(array)


def _real(value: float) -> Any:
    return value if math.isfinite(value) else ["f", repr(value)]


def _integer(value: int) -> Any:
    return value if value in _INT64 else ["x", "int of more than 64 bits"]


def _is_key(key: Any) -> bool:
    if type(key) is str:
        return len(key) <= TEXT
    if type(key) is float:
        return math.isfinite(key)
    return key is None or type(key) is bool or (type(key) is int and key in _INT64)


def _as_numbers(items: list[Any]) -> Array | None:
    if len(items) < _PACKED:
        return None
    kinds = set(map(type, items))
    if kinds == {float}:
        return np.array(items, dtype="<f8")
    if kinds == {int} and all(item in _INT64 for item in items):
        return np.array(items, dtype="<i8")
    return None


def _fields(value: Any) -> dict[Any, Any] | None:
    """Return what a namespace or an instance of a data class holds; None where `value` is none."""
    kind = type(value)
    if kind is not types.SimpleNamespace and "__dataclass_fields__" not in kind.__dict__:
        return None
    try:
        held = object.__getattribute__(value, "__dict__")
    except AttributeError:  # its fields are in slots
        return None
    return held if type(held) is dict else None


def _type_name(value: Any) -> str:
    return "".join((type.__dict__["__name__"].__get__(type(value)),))[:80]


def _tensor(value: Any) -> Array | None:
    """Return the numbers of a PyTorch tensor, or None where `value` is none.

    A tensor can only exist where torch was imported, and then it is in sys.modules.
    """
    torch = sys.modules.get("torch")
    kind: Any = getattr(torch, "Tensor", type(None))
    if value is None or not issubclass(type(value), kind):
        return None
    plain: Any = kind.detach(value).cpu()
    if plain.dtype == getattr(torch, "bfloat16", None):
        plain = plain.float()
    array: Array = kind.numpy(plain.resolve_conj().resolve_neg())
    return array


# --- bytes to values ------------------------------------------------------------------------


class Inbox:
    """Puts frames together from bytes, and never holds more than `budget` of them.

    `wanted` says how many bytes the present part still lacks; feed it no more than that.
    For a `program`, which goes on with what it is given, arrays can be written to and tensors are
    tensors; elsewhere arrays are fixed, and tensors are arrays.
    """

    def __init__(self, budget: int, *, program: bool = False) -> None:
        self._budget = budget
        self._program = program
        self._head: dict[str, Any] | None = None
        self._part = bytearray()
        self._missing = _LENGTH.size
        self._next: Callable[[bytearray], Message | None] = self._length

    @property
    def wanted(self) -> int:
        """Return how many bytes to read next, at most."""
        return self._missing - len(self._part)

    def feed(self, data: bytes) -> Message | None:
        """Take `data`, and return the frame that it completes; Fault where it is none."""
        self._part += data
        if len(self._part) > self._missing:
            raise Fault("more bytes than were asked for")
        while len(self._part) == self._missing:
            part, self._part = self._part, bytearray()
            message = self._next(part)
            if message is not None:
                return message
        return None

    def _expect(self, count: int, then: Callable[[bytearray], Message | None]) -> None:
        self._budget -= count
        if self._budget < 0:
            raise Fault("more bytes than the limit of one answer")
        self._missing, self._next = count, then

    def _length(self, part: bytearray) -> None:
        (length,) = _LENGTH.unpack(part)
        if not 0 < length <= HEAD_BYTES:
            raise Fault(f"a head of {length} bytes")
        self._expect(length, self._read_head)

    def _read_head(self, part: bytearray) -> None:
        self._head = _parse_head(part)
        self._expect(self._head["bytes"], self._read_raw)

    def _read_raw(self, part: bytearray) -> Message:
        head = self._head or {}
        self._head = None
        self._expect(_LENGTH.size, self._length)
        reader = _Reader(part, self._program)
        body = reader.node(head["body"], 0)
        reader.finish()
        return Message(head["kind"], body)


def unpack(frame: bytes) -> Message:
    """Return the one frame that `frame` is; Fault where it is none."""
    inbox = Inbox(len(frame) + _LENGTH.size)
    while frame:
        part, frame = frame[: inbox.wanted], frame[inbox.wanted :]
        message = inbox.feed(part)
        if message is not None and not frame:
            return message
    raise Fault("no whole frame")


def _parse_head(data: bytearray) -> dict[str, Any]:
    try:
        pairs = json.loads(
            data.decode("ascii"),
            object_pairs_hook=tuple,
            parse_int=_parse_int,
            parse_float=_parse_float,
            parse_constant=_refuse,
        )
    except (ValueError, RecursionError) as fault:
        raise Fault("a head that is no JSON") from fault
    match pairs:
        case (("kind", str(kind)), ("bytes", int(count)), ("body", body)):
            if len(kind) <= 20 and type(count) is int and count >= 0:
                return {"kind": kind, "bytes": count, "body": body}
    raise Fault("a head that is not made of kind, bytes and body")


def _parse_int(digits: str) -> int:
    if len(digits) > 20 or (value := int(digits)) not in _INT64:
        raise ValueError("an integer of more than 64 bits")
    return value


def _parse_float(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError("a number beyond floating point")
    return value


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


class _Reader:
    def __init__(self, raw: bytearray, program: bool) -> None:
        self._raw = raw
        self._program = program
        self._at = 0
        self._nodes = 0
        self._packed = 0

    def finish(self) -> None:
        if self._at != len(self._raw):
            raise Fault("bytes that belong to no array")

    def node(self, tree: Any, depth: int) -> Any:
        self._nodes += 1
        if self._nodes > NODES + 2 or depth > DEPTH + 1:
            raise Fault("a value that is too deep or too long")
        if isinstance(tree, str):
            return _read_text(tree)
        if tree is None or isinstance(tree, bool | int | float):
            return tree
        if not isinstance(tree, list) or not tree or not isinstance(tree[0], str):
            raise Fault("a value of no known kind")
        return self._marked(tree[0], tree[1:], depth)

    def _marked(self, mark: str, rest: list[Any], depth: int) -> Any:
        match mark, rest:
            case "l", _:
                return [self.node(item, depth + 1) for item in rest]
            case "t", _:
                return tuple(self.node(item, depth + 1) for item in rest)
            case "d", _:
                return self._dict(rest, depth)
            case "a", [str(dtype), list(shape)]:
                return self._array(dtype, shape)
            case "n", [["a", str(dtype), list(shape)]]:
                return self._tensor(self._array(dtype, shape))
            case "p", ["<f8" | "<i8" as dtype, int(count)]:
                return self._packed_list(dtype, count)
            case "f", ["nan" | "inf" | "-inf" as name]:
                return float(name)
            case "x", [str(name)] if len(name) <= 80:
                return Opaque(_read_text(name))
        raise Fault("a value of no known kind")

    def _dict(self, flat: list[Any], depth: int) -> dict[Any, Any]:
        if len(flat) % 2:
            raise Fault("a key without a value")
        result: dict[Any, Any] = {}
        for key, value in zip(flat[::2], flat[1::2], strict=True):
            self._nodes += 1
            if not (key is None or isinstance(key, bool | int | float | str)) or key in result:
                raise Fault("a key that is no scalar, or stands there twice")
            result[_read_text(key) if isinstance(key, str) else key] = self.node(value, depth + 1)
        return result

    def _packed_list(self, dtype: str, count: int) -> Any:
        self._packed += count
        if self._packed > PACKED:
            raise Fault("a value that is too long")
        return self._array(dtype, [count]).tolist()

    def _array(self, dtype: str, shape: Sequence[Any]) -> Array:
        if dtype not in DTYPES or len(shape) > DIMENSIONS:
            raise Fault("an array of no known type")
        if not all(type(size) is int and size >= 0 for size in shape):
            raise Fault("an array of no possible shape")
        kind = np.dtype(dtype)
        left = len(self._raw) - self._at
        # An empty array, too, has sides, and a sum along one of them has the others' size.
        if math.prod(max(size, 1) for size in shape) * kind.itemsize > max(left, HEAD_BYTES):
            raise Fault("an array of more bytes than there are")
        count = math.prod(shape)
        if count * kind.itemsize > left:
            raise Fault("an array of more bytes than there are")
        array = np.frombuffer(self._raw, kind, count, self._at) if left else np.empty(0, kind)
        self._at += count * kind.itemsize
        return self._finished(array.reshape(shape))

    def _tensor(self, array: Array) -> Any:
        if not self._program:
            return array
        import torch  # a program is sent a tensor only where its rubric has one

        return torch.from_numpy(array)

    def _finished(self, array: Array) -> Array:
        if array.dtype == np.bool_:
            # Any byte but 0 and 1 would be a truth value that is equal to neither.
            array = np.asarray(array.view(np.uint8) != 0)
        elif self._program or not array.flags.aligned:
            array = array.copy()
        array.flags.writeable = self._program
        return array


# A lone surrogate would be refused by whoever writes it out later.
def _read_text(text: str) -> str:
    if len(text) > TEXT:
        raise Fault("a text that is too long")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


# --- asking a message for its parts ---------------------------------------------------------


def field(body: Any, name: str, kind: type) -> Any:
    """Return `body[name]` where it is exactly of type `kind`; Fault where it is not."""
    if isinstance(body, Mapping) and type(value := body.get(name)) is kind:
        return value
    raise Fault(f"a message without {name}")
