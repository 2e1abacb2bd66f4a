"""Bytes in, values out: nothing that a child sends can raise anything but a Fault."""

from __future__ import annotations

import dataclasses
import json
import math
import struct
import types
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.sandbox import wire


def frame(head: Any, raw: bytes = b"") -> bytes:
    """Return a frame with the head as it is given: lies included."""
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    return struct.pack("<I", len(text)) + text + raw


def lying(body: Any, raw: bytes = b"") -> bytes:
    return frame({"kind": "returned", "bytes": len(raw), "body": body}, raw)


def same(got: Any, want: Any) -> bool:
    """Compare two values by type and content, where NaN is NaN."""
    if isinstance(want, np.ndarray):
        return (
            isinstance(got, np.ndarray)
            and (got.dtype, got.shape) == (want.dtype, want.shape)
            and np.array_equal(got, want, equal_nan=want.dtype.kind in "fc")
        )
    if isinstance(want, list | tuple):
        return type(got) is type(want) and len(got) == len(want) and all(map(same, got, want))
    if isinstance(want, dict):
        return list(got) == list(want) and all(same(got[key], want[key]) for key in want)
    if isinstance(want, float) and math.isnan(want):
        return isinstance(got, float) and math.isnan(got)
    return type(got) is type(want) and bool(got == want)


NUMBERS = st.sampled_from(sorted(wire.DTYPES)).flatmap(
    lambda dtype: hnp.arrays(np.dtype(dtype), hnp.array_shapes(min_dims=0, min_side=0, max_dims=3))
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
VALUES = st.recursive(
    SCALARS | NUMBERS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(st.text(max_size=5).filter(str.isascii), inner, max_size=4),
    ),
    max_leaves=12,
)


@given(VALUES)
@example(list(range(1000)))
@example([0.5] * 100)
@example({"W1": np.zeros((4, 2)), 3: (None, -0.0)})
def test_what_is_sent_is_what_arrives(value: Any):
    """Numbers, texts, lists, tuples, dicts and arrays come back as they were, to the last bit."""
    message = wire.unpack(wire.pack("returned", value))

    assert message.kind == "returned"
    assert same(message.body, value)


@given(st.binary(max_size=300))
@example(b"")
@example(b"\xff\xff\xff\xff")
@example(struct.pack("<I", 60_000) + b"[" * 60_000)
@example(struct.pack("<I", 9) + b"{" + b"\xff" * 8)
def test_garbage_is_a_fault(data: bytes):
    """Any bytes at all are read or refused; nothing else can happen to the reader."""
    with pytest.raises(wire.Fault):
        wire.unpack(data)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5))
    | st.sampled_from(["l", "t", "d", "a", "p", "f", "x", "<f8", "nan", "|b1"]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=15,
)


@given(JSON, st.binary(max_size=64))
@settings(max_examples=300)
def test_a_forged_body_is_a_value_or_a_fault(body: Any, raw: bytes):
    """Whatever tree a student's code writes by hand, it is a plain value or refused."""
    try:
        message = wire.unpack(lying(body, raw))
    except wire.Fault:
        return
    assert same(wire.unpack(wire.pack("returned", message.body)).body, message.body) or has_opaque(
        message.body
    )


def has_opaque(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(has_opaque, value.values()))
    if isinstance(value, list | tuple):
        return any(map(has_opaque, value))
    return isinstance(value, wire.Opaque)


@given(VALUES, st.data())
def test_a_damaged_frame_is_a_value_or_a_fault(value: Any, data: st.DataObject):
    """One byte changed, anywhere: no other exception than a Fault."""
    sent = bytearray(wire.pack("returned", value))
    place = data.draw(st.integers(0, len(sent) - 1))
    sent[place] = data.draw(st.integers(0, 255))
    with suppress(wire.Fault):
        assert isinstance(wire.unpack(bytes(sent)), wire.Message)


LIES = {
    "negative side": ["a", "<f8", [-1]],
    "side of 10^18": ["a", "<f8", [0, 10**18]],
    "sides that overflow": ["a", "<f8", [2**32, 2**32]],
    "empty with sides of a megabyte": ["a", "<f8", [0, 2**20, 2**20]],
    "more sides than NumPy has": ["a", "<f8", [1] * 65],
    "side that is a float": ["a", "<f8", [1.0]],
    "side that is a truth value": ["a", "<f8", [True]],
    "objects": ["a", "|O", [1]],
    "dates": ["a", "<M8[s]", [1]],
    "big-endian": ["a", ">f8", [1]],
    "no shape": ["a", "<f8"],
    "more bytes than there are": ["a", "<f8", [2]],
    "packed, negative": ["p", "<f8", -1],
    "packed, too long": ["p", "<f8", 2**40],
    "packed, of bytes": ["p", "|u1", 8],
    "unknown mark": ["z", 1],
    "no mark": [1, 2],
    "empty list": [],
    "object": {"a": 1},
    "key without value": ["d", "a"],
    "key twice": ["d", "a", 1, "a", 2],
    "key that is a list": ["d", ["l"], 1],
    "float of no name": ["f", "huge"],
    "type name of a page": ["x", "n" * 81],
    "text of a megabyte": "n" * (wire.TEXT + 1),
}


def nested(depth: int) -> Any:
    return ["l", nested(depth - 1)] if depth else None


@pytest.mark.parametrize("name", sorted(LIES))
def test_a_lying_body_is_a_fault(name: str):
    """Each lie about types, shapes and lengths is told from a value."""
    with pytest.raises(wire.Fault):
        wire.unpack(lying(LIES[name], b"12345678"))


@pytest.mark.parametrize("depth", [wire.DEPTH + 5, 200])
def test_a_body_that_is_too_deep_is_a_fault(depth: int):
    """No reader of values recurses further than an honest value goes."""
    with pytest.raises(wire.Fault, match="deep"):
        wire.unpack(lying(nested(depth)))


@pytest.mark.parametrize(
    "head",
    [
        b'{"kind":"a","bytes":0,"body":NaN}',
        b'{"kind":"a","bytes":0,"body":Infinity}',
        b'{"kind":"a","bytes":0,"body":1e400}',
        b'{"kind":"a","bytes":0,"body":' + b"9" * 5000 + b"}",
        b'{"kind":"a","bytes":0,"body":9223372036854775808}',
        b'{"kind":"a","kind":"a","bytes":0,"body":1}',
        b'{"bytes":0,"kind":"a","body":1}',
        b'{"kind":"a","bytes":0,"body":1,"passed":true}',
        b'{"kind":"a","bytes":true,"body":1}',
        b'{"kind":"a","bytes":-1,"body":1}',
        b'{"kind":"a","bytes":0}',
        b'{"kind":1,"bytes":0,"body":1}',
        b"[]",
        b"null",
        b'"\xc3\xa9"',
        b"[" * 100_000,
    ],
)
def test_a_lying_head_is_a_fault(head: bytes):
    """Numbers beyond reading, keys twice or in another order, and extra keys are refused."""
    with pytest.raises(wire.Fault):
        wire.unpack(frame(head))


def test_an_honest_head_is_read():
    """The refusals above are not for the form as such."""
    head = b'{"kind":"a","bytes":0,"body":9223372036854775807}'
    assert wire.unpack(frame(head)).body == 2**63 - 1


def test_a_length_beyond_the_budget_is_refused_before_it_is_read():
    """A head that announces two gigabytes costs nothing: no byte of them is waited for."""
    inbox = wire.Inbox(1 << 20)
    announced = frame({"kind": "returned", "bytes": 2 << 30, "body": ["a", "<f8", [2**28]]})
    inbox.feed(announced[:4])
    with pytest.raises(wire.Fault, match="limit"):
        inbox.feed(announced[4:])


def test_a_hundred_thousand_frames_end_at_the_budget():
    """Many small frames spend the same budget as a large one."""
    inbox = wire.Inbox(100_000)
    one = lying(1)

    def flood() -> None:
        for _ in range(100_000):
            inbox.feed(one[:4])
            inbox.feed(one[4:])

    with pytest.raises(wire.Fault, match="limit"):
        flood()


def test_arrays_from_the_far_side_cannot_be_changed():
    """An answer stays what it was while it is judged."""
    got = wire.unpack(wire.pack("returned", np.ones(3))).body
    with pytest.raises(ValueError, match="read-only"):
        got[0] = 2


def test_truth_values_are_zero_or_one():
    """A forged byte 2 in an array of truth values would be neither True nor False."""
    got = wire.unpack(lying(["a", "|b1", [3]], b"\x00\x02\xff")).body
    assert got.tolist() == [False, True, True]
    assert got.view(np.uint8).tolist() == [0, 1, 1]


def test_a_lone_surrogate_can_be_written_out():
    """A text that no file could hold is mended on arrival."""
    got = wire.unpack(frame(b'{"kind":"a","bytes":0,"body":"\\ud800x"}')).body
    assert got.encode("utf-8") == b"?x"


# --- values that misbehave ------------------------------------------------------------------


class AlwaysEqual(float):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__

    def __float__(self) -> float:
        return 42.0

    def __repr__(self) -> str:
        return "42.0"


class ForgedArray(np.ndarray[Any, Any]):
    def __array__(self, *options: Any, **more: Any) -> Any:
        return np.full(3, 42.0)

    def tobytes(self, *options: Any) -> bytes:
        return np.full(3, 42.0).tobytes()


class ForgedList(list[Any]):
    def __iter__(self) -> Any:
        return iter([42])

    def __len__(self) -> int:
        return 1


class ForgedDict(dict[Any, Any]):
    def items(self) -> Any:
        return {"forged": 42}.items()


class ForgedText(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "forged"


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (AlwaysEqual(1.5), 1.5),
        (np.ones(3).view(ForgedArray), np.ones(3)),
        (ForgedList([1, 2]), [1, 2]),
        (ForgedDict(a=1), {"a": 1}),
        (ForgedText("mine"), "mine"),
        (np.float64(0.5), np.array(0.5)),
        (np.float32(0.5), np.array(0.5, np.float32)),
        (np.bool_(True), np.array(True)),
        (np.arange(3, dtype=">i4"), np.arange(3, dtype="<i4")),
        (1 + 2j, np.array(1 + 2j)),
    ],
)
def test_a_subclass_loses_its_behaviour(value: Any, plain: Any):
    """Whatever a value's class overrides, what travels is what it is."""
    assert same(wire.unpack(wire.pack("returned", value)).body, plain)


def test_an_array_of_short_words_travels_as_lists():
    """A function may return the picture's own marks."""
    marks = np.where(np.eye(2) > 0, "+", "-")
    assert wire.unpack(wire.pack("returned", marks)).body == [["+", "-"], ["-", "+"]]
    assert wire.unpack(wire.pack("returned", np.str_("+"))).body == "+"


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (len, "builtin_function_or_method"),
        ((i for i in range(3)), "generator"),
        (object(), "object"),
        ({1, 2}, "set"),
        (2**64, "int of more than 64 bits"),
        (np.array([None, 1], dtype=object), "array of object"),
        (np.array(["a" * 2**20]), "array of str33554432"),
        ({(1, 2): 3}, "dict with a key of type tuple"),
        ({float("nan"): 3}, "dict with a key of type float"),
    ],
)
def test_what_has_no_plain_value_travels_as_the_name_of_its_type(value: Any, name: str):
    """It costs only itself: a tuple that holds it beside numbers keeps the numbers."""
    got = wire.unpack(wire.pack("returned", (1, value))).body
    assert got == (1, wire.Opaque(name))


def test_a_generator_is_not_consumed():
    """To look at a value must not run the student's code."""
    seen: list[int] = []
    wire.pack("returned", (seen.append(i) for i in range(3)))
    assert not seen


def cyclic() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (cyclic(), "deeper"),
        ([None] * (wire.NODES + 1), "more than"),
        ([0.0] * (wire.PACKED + 1), "more than"),
        ([[0.0] * 1000] * 2000, "more than"),
        (np.broadcast_to(1.0, (10**9, 10**9)), "too large"),
        (["n" * wire.TEXT] * 20, "text"),
    ],
)
def test_what_is_too_much_is_refused_where_it_is_made(value: Any, why: str):
    """A cyclic list, a million entries or a broadcast exabyte: refused without being written."""
    with pytest.raises(wire.Unsendable, match=why):
        wire.pack("returned", value, budget=1 << 26)


def test_a_tensor_travels_as_its_numbers():
    """Gradients, devices and layouts stay behind."""
    torch = pytest.importorskip("torch")
    weights = torch.nn.Parameter(torch.arange(6.0).reshape(2, 3).T)
    got = wire.unpack(wire.pack("returned", weights)).body
    assert same(got, np.arange(6.0, dtype=np.float32).reshape(2, 3).T)


def test_a_tensor_that_is_none_is_refused():
    """What stands for its array is an array, and nothing else."""
    body = b'{"kind":"returned","bytes":0,"body":["n",["l",1]]}'
    with pytest.raises(wire.Fault, match="no known kind"):
        wire.unpack(len(body).to_bytes(4, "little") + body)


def test_a_bfloat16_tensor_is_widened():
    """NumPy has no such numbers; float32 holds each of them exactly."""
    torch = pytest.importorskip("torch")
    got = wire.unpack(wire.pack("returned", torch.ones(2, dtype=torch.bfloat16))).body
    assert same(got, np.ones(2, np.float32))


@dataclasses.dataclass
class Held:
    x: float
    y: Any = None


@dataclasses.dataclass(slots=True)
class Slotted:
    x: float


class Extended(Held):
    pass


def test_what_is_only_its_fields_travels_as_them():
    """Gradients in a namespace or a data class are values by name; other objects are not."""
    held = {"x": 1.5, "y": [1, 2]}
    for each in (types.SimpleNamespace(**held), Held(**held)):
        assert wire.unpack(wire.pack("k", each)).body == held
    for other in (Slotted(1.5), Extended(1.5), Held):
        assert isinstance(wire.unpack(wire.pack("k", other)).body, wire.Opaque)
