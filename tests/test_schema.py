"""Complaints about a rubric's shape name the place and the remedy."""

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import schema
from grader.schema import complaints, did_you_mean

NUMBER = {
    "type": "object",
    "required": ["expect"],
    "additionalProperties": False,
    "properties": {
        "expect": {"type": "string", "minLength": 1},
        "rtol": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        "among": {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 1},
    },
}


def test_a_right_value_has_no_complaints():
    """A value that fits its schema is left in peace."""
    assert not list(complaints({"expect": "f", "rtol": 0.1, "among": ["a"]}, NUMBER))


@pytest.mark.parametrize(
    ("value", "path", "message"),
    [
        ({"expect": "f", "rtoll": 1}, ("rtoll",), "unknown key 'rtoll' (did you mean 'rtol'?)"),
        ({"rtol": 0.1}, (), "the key 'expect' is missing"),
        ({"expect": 3}, ("expect",), "expected text, found the value '3'"),
        ({"expect": " "}, ("expect",), "expected some text, found none"),
        ({"expect": "f", "rtol": 0}, ("rtol",), "expected more than 0, found 0"),
        ({"expect": "f", "rtol": 2}, ("rtol",), "expected at most 1, found 2"),
        ({"expect": "f", "rtol": True}, ("rtol",), "expected a number, found the value 'true'"),
        ({"expect": "f", "among": []}, ("among",), "expected at least 1 items, found 0"),
        (["expect"], (), "expected a mapping, found a list"),
    ],
)
def test_a_complaint_says_where_and_what(value, path, message):
    """Each complaint carries the path to the place and one sentence."""
    assert list(complaints(value, NUMBER)) == [(path, message)]


def test_of_several_forms_the_nearest_complains():
    """Where several forms are allowed, the one that understood most of the value speaks."""
    schema = {"anyOf": [{"type": "string"}, NUMBER]}
    assert [path for path, _ in complaints({"expect": "f", "rtol": "x"}, schema)] == [("rtol",)]


def test_no_hint_where_nothing_is_near():
    """A word far from all that is known gets no suggestion."""
    assert did_you_mean("zzz", ["rtol", "expect"]) == ""


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(-2, 2)
    | st.sampled_from(["", "a", "f"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["expect", "rtol", "among", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES)
def test_agrees_with_a_full_validator(value):
    """What this part of JSON Schema refuses, a full validator refuses, and the other way round."""
    full = jsonschema.Draft202012Validator(NUMBER)
    assert full.is_valid(value) == (not list(complaints(value, NUMBER)))


# --- a quick look ----------------------------------------------------------------------------

SCHEMAS = st.recursive(
    st.sampled_from(
        [
            True,
            False,
            {},
            {"type": "string", "minLength": 1},
            {"minLength": 2},
            {"type": ["number", "null"], "exclusiveMinimum": 0, "maximum": 3},
            {"type": "integer", "minimum": 1},
            {"type": "boolean"},
            {"enum": ["a", "b", 1]},
            {"const": "a"},
            {"pattern": "^a+$", "title": "a word"},
            {"title": "a number or a", "anyOf": [{"type": "number"}, {"enum": ["a"]}]},
        ]
    ),
    lambda inner: st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("array"), "items": inner},
            optional={"minItems": st.just(1), "maxItems": st.just(2)},
        ),
        st.fixed_dictionaries(
            {"properties": st.dictionaries(st.sampled_from("ab"), inner)},
            optional={
                "type": st.just("object"),
                "additionalProperties": inner,
                "propertyNames": st.just({"enum": ["a", "c"]}),
                "required": st.just(["a"]),
                "minProperties": st.just(1),
                "maxProperties": st.just(1),
            },
        ),
        st.builds(
            lambda branches: {"anyOf": branches},
            st.lists(inner.filter(lambda each: isinstance(each, dict)), min_size=1, max_size=3),
        ),
    ),
    max_leaves=5,
)
VALUES = st.recursive(
    st.sampled_from(["", " ", "a", "aa", "b", 0, 1, 2.5, 4, True, False, None]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=6,
)


@given(VALUES, SCHEMAS)
def test_the_quick_look_agrees_with_the_complaints(value: object, wanted: object):
    """What is let pass unread is what would not be complained of, and nothing else."""
    assert schema.test(wanted)(value) == (not list(complaints(value, wanted)))


def test_the_quick_look_follows_a_schema_that_holds_itself():
    """A tree of concepts is described by a schema within itself."""
    tree = {
        "$ref": "#/$defs/tree",
        "$defs": {"tree": {"type": "array", "items": {"$ref": "#/$defs/tree"}}},
    }
    is_tree = schema.test(tree)
    assert is_tree([[], [[]]])
    assert not is_tree([[], [["leaf"]]])
