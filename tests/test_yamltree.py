"""YAML and JSON become trees that know their places, whatever the text does."""

import json
import math

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import yamltree
from grader.errors import Unreadable

# --- values ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["no", "1:30", "2021-03-07", "0o17", "1e999", "TRUE", ".nan", "1_000", "1,792", "+5"]
)
def test_typed_scalars_stay_what_was_typed(text: str):
    """YAML reads `no` as false and 1:30 as ninety; a student meant what stands there."""
    assert yamltree.parse(f"a: {text}").typed() == {"a": text}


@pytest.mark.parametrize("text", ["", "~", "null", "Null"])
def test_nothing_is_none_unless_it_is_quoted(text: str):
    """An empty entry is no answer, the quoted word null is one."""
    assert yamltree.parse(f"a: {text}").typed() == {"a": None}
    assert yamltree.parse(f"a: '{text}'").typed() == {"a": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("5.0e-3", 0.005),
        ("0.5", 0.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("-12", -12),
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("2021-03-07", "2021-03-07"),
        ("1_000", "1_000"),
        ("1,792", "1,792"),
        ("+.inf", math.inf),
        ("-.INF", -math.inf),
        ("null", None),
        ("nan", "nan"),
        ("'1'", "1"),
        ('"true"', "true"),
        ("| \n  1\n", "1\n"),
    ],
)
def test_resolved_scalars_follow_the_core_schema(text: str, value: object):
    """A rubric's tolerance 1e-3 is a number, its answer `no` is a word."""
    found = yamltree.parse(f"a: {text}").resolved()["a"]
    assert found == value
    assert type(found) is type(value)


def test_not_a_number_resolves():
    """.nan is the one value that does not equal itself."""
    assert math.isnan(yamltree.parse("a: .nan").resolved()["a"])


def test_a_number_of_thousands_of_digits_is_a_complaint():
    """Python would refuse it with an exception of its own."""
    text = "a: 1\nb: " + "9" * 5000
    with pytest.raises(Unreadable, match="digits") as trouble:
        yamltree.parse(text).resolved()
    assert trouble.value.position == text.index("9")


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(PLAIN)
def test_what_json_writes_is_read_back(value: object):
    """JSON's own writer is the second opinion on our reader."""
    assert yamltree.parse_json(json.dumps(value)).resolved() == value
    assert yamltree.parse_json(json.dumps(value, indent=2)).resolved() == value


@settings(deadline=None)
@given(st.dictionaries(st.text(), st.text() | st.lists(st.text())))
def test_what_yaml_writes_is_read_back(value: object):
    """PyYAML's own writer is the second opinion on our composer."""
    assert yamltree.parse(yaml.safe_dump(value, default_style='"')).resolved() == value


# --- places ----------------------------------------------------------------------------------

PLACED = """\
# a comment
title: é first
questions:
  - id: q1
    points: 3
  - {id: q2, points: [4, 5]}
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("title",), (2, 1)),
        (("questions", 0), (4, 5)),
        (("questions", 0, "points"), (5, 5)),
        (("questions", 1, "points"), (6, 14)),
        (("questions", 1, "points", 1), (6, 26)),
        (("questions", 1, "missing"), (6, 5)),
        (("questions", 7), (3, 1)),
        ((), (2, 1)),
    ],
)
def test_every_node_has_a_line_and_a_column(path: tuple[str | int, ...], place: tuple[int, int]):
    """A complaint about a key points at the key; about what is missing, at what is around it."""
    assert yamltree.parse(PLACED).place(path) == place


def test_the_source_of_a_value_can_be_cut_out():
    """Start and end count characters, whatever bytes the text has."""
    source = "é: ü\nb: [1, {c: ö}]\n"
    root = yamltree.parse(source).root
    assert isinstance(root, yamltree.Entries)
    assert [source[node.start : node.end] for _, node in root.entries] == ["ü", "[1, {c: ö}]"]


# --- what is refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("a: &x [1]\nb: 2", "anchor '&x'", 3),
        ("a: *x", r"alias '\*x'", 3),
        ("a: !!python/object/apply:os.system [ls]", "tag", 3),
        ("a: ! x", "tag", 3),
        ("a: 1\nb: 2\na: 3", r"'a' is there twice \(first on line 1\)", 10),
        ("a: 1\n---\nb: 2", "second", 5),
        ("[a]: 1", "as key", 0),
        ("a: b: c", "second ':'", 4),
        ('a: "x', "never closed", 5),
        ("a: \x1b", "U\\+001B", 3),
        ("a: @x", "between quotes", 3),
        ('a: "\\s"', "single quotes", 4),
    ],
)
def test_what_is_no_plain_yaml_is_refused_with_its_place(text: str, message: str, at: int):
    """Each complaint names what to do and points at the character."""
    with pytest.raises(Unreadable, match=message) as trouble:
        yamltree.parse(text)
    assert trouble.value.position == at


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1,}', "a key"),
        ('{"a" 1}', "':'"),
        ("[1 2]", "comma"),
        ("[1,", "found the end"),
        ('["a\nb"]', "a value"),
        ("[01]", "a value"),
        ("[1]]", "expected the end"),
        ("{'a': 1}", "double quotes"),
        ('{"a": 1, "a": 2}', "twice"),
        ("", "a value"),
        ("[1}", "comma"),
    ],
)
def test_what_is_no_json_is_refused(text: str, message: str):
    """The complaint says what was expected and what was found."""
    with pytest.raises(Unreadable, match=message):
        yamltree.parse_json(text)


@pytest.mark.parametrize("repeats", [False, True])
def test_keys_that_repeat_are_kept_where_that_is_asked_for(repeats: bool):
    """A sheet wants to name the question that is answered twice, and grade the others."""
    if not repeats:
        with pytest.raises(Unreadable):
            yamltree.parse("a: 1\na: 2")
        return
    root = yamltree.parse("a: 1\na: 2", repeats=True).root
    assert isinstance(root, yamltree.Entries)
    assert [(again.start, first.start) for again, first in yamltree.repeated(root.entries)] == [
        (5, 0)
    ]


BOMBS = {
    "brackets": "[" * 100_000,
    "dashes": "- " * 100_000,
    "braces": "{a: " * 50_000,
    "questions": "? " * 100_000,
    "indentation": "\n".join(" " * depth + "a:" for depth in range(5_000)),
    "pairs": "[a," * 100_000,
    "one million characters": "a" * 1_000_001,
    "too many values": "[" + "1," * 100_000 + "1]",
}


@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_bombs_are_refused_before_they_go_off(monkeypatch, text: str, loader: str):
    """Deep nesting ends the process of libyaml's composer; ours stops at a depth."""
    monkeypatch.setattr(yamltree, "_Loader", getattr(yaml, loader))
    with pytest.raises(Unreadable, match=r"more than|as key"):
        yamltree.parse(text)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 50_000, "[" + "1," * 100_000 + "1]"])
def test_json_bombs_are_refused_before_they_go_off(text: str):
    """Depth and number of values are counted while reading, without recursion."""
    with pytest.raises(Unreadable, match="more than"):
        yamltree.parse_json(text)


def test_half_a_surrogate_pair_is_no_trouble_later():
    """It would fail wherever the text is written."""
    assert yamltree.parse_json('["\\ud800"]').resolved() == ["?"]


@settings(deadline=None)
@given(st.text(alphabet="ab:-[]{},&*!|>'\"#?%@`\\ \n\t~0é\x00\x1b"))
def test_no_text_raises_anything_but_unreadable(text: str):
    """Whatever a student types ends in a tree or in a sentence with a place."""
    for read in (yamltree.parse, yamltree.parse_json):
        position: int | None = 0
        try:
            read(text).resolved()
        except Unreadable as trouble:
            position = trouble.position
        assert position is not None
        assert 0 <= position <= len(text)


# --- without places --------------------------------------------------------------------------


def outcome(read, text: str) -> object:
    """Return what a text is read as, or the words and the place of what is wrong with it."""
    try:
        return json.dumps(read(text), default=str)
    except Unreadable as trouble:
        return trouble.message, trouble.position


@pytest.mark.parametrize(
    "text",
    [
        *("", "\n", "# only a comment", "---", "a", "--- a\n...\n", "a: 1\n---\nb: 2\n"),
        *("a: 1\na: 2", "a: {b: 1, b: 2}", "? [a]\n: 1", "? {a: 1}\n: 1", "[a: 1, b]"),
        *("a: &x 1", "a: *x", "a: !t 1", "a: !!str 1", "&x a: 1", "- &x [1]", "!!map {a: 1}"),
        *("1: 1\n'1': 2", "true: 1", "~: 1", ": 1", "a:\n- 1\n-\n", "'a': 'no'\nb: no"),
        *("a: |\n  1\nb: >-\n  2", "a: 0x1F\nb: 0o17\nc: .inf\nd: -.INF\ne: .NaN\nf: 1e3"),
        *("\ufeffa: 1", "a: \ufeff", "a: \x07", "a: \ud800", "a: \x85 b", "a: \u2028 b"),
        *("a: " + "1" * 401, "a: '" + "1" * 401 + "'", "a: " + "x" * 401, "9" * 401 + ": 1"),
        *("[" * 32 + "]" * 32, "[" * 33 + "]" * 33, "a: [", "a: 'b", "\ta: 1", "a: @"),
        "[" + "1," * (yamltree.MAX_NODES - 1) + "]",
        "[" + "1," * yamltree.MAX_NODES + "]",
    ],
)
def test_values_alone_are_those_of_the_tree(text: str):
    """A rubric is read without its places; what is wrong with it is told as if it had them."""
    want = outcome(lambda text: yamltree.parse(text).resolved(), text)
    assert outcome(yamltree.load, text) == want


@given(st.text(st.sampled_from("ab1.:-?[]{},&*!|>'\"#~ \n\t%@"), max_size=40))
@settings(max_examples=500)
def test_values_alone_are_those_of_the_tree_for_any_text(text: str):
    """Whatever is typed, the quick way and the careful one agree."""
    want = outcome(lambda text: yamltree.parse(text).resolved(), text)
    assert outcome(yamltree.load, text) == want
