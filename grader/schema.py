"""The part of JSON Schema that rubrics use, checked with complaints a teacher can act on."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
Complaint: TypeAlias = tuple[Path, str]
"""Where in the value (keys and indices), and what to do about it."""
Test: TypeAlias = Callable[[Any], bool]
"""Whether a value is an instance of a schema."""

_NAMES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
}


def complaints(
    value: Any,
    schema: Mapping[str, Any] | bool,
    root: Mapping[str, Any] | None = None,
    at: Path = (),
) -> Iterator[Complaint]:
    """Yield what keeps `value` from being an instance of `schema`.

    Understands type, enum, const, properties, required, additionalProperties, propertyNames,
    minProperties, maxProperties, items, minItems, maxItems, minLength, pattern, minimum, maximum,
    exclusiveMinimum, anyOf, and $ref to `#/$defs/NAME` of `root`. A `title` says in words what is
    expected. Other keywords are notes to the reader.
    """
    if isinstance(schema, bool):
        if not schema:
            yield at, "nothing may stand here"
        return
    root = schema if root is None else root
    schema = _resolved(schema, root)
    if "title" in schema and not _is_like(value, schema, root):
        yield at, f"expected {schema['title']}, found {describe(value)}"
        return
    if "anyOf" in schema:
        yield from _any_of(value, schema["anyOf"], root, at)
    wanted = schema.get("type")
    if wanted is not None and not _is_type(value, wanted):
        yield at, f"expected {_type_names(wanted)}, found {describe(value)}"
        return
    yield from _of_value(value, schema, at)
    if isinstance(value, dict):
        yield from _of_mapping(value, schema, root, at)
    elif isinstance(value, list | tuple):
        yield from _of_list(value, schema, root, at)


def _is_like(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    """Return whether a value is of the type, or of one of the types, that a schema names."""
    branches = [_resolved(each, root) for each in schema.get("anyOf", ())] or [schema]
    fitting = [each for each in branches if "type" not in each or _is_type(value, each["type"])]
    words = isinstance(value, str) and not any("enum" not in each for each in fitting)
    if words and not any(value in each["enum"] for each in fitting):
        return False
    pattern = schema.get("pattern")
    return bool(fitting) and (pattern is None or re.search(pattern, str(value)) is not None)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` (did you mean 'rtol'?)`` for the nearest known word, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" (did you mean '{near[0]}'?)" if near else ""


def describe(value: Any) -> str:
    """Return what a value is, in words, with the value where it is short."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None:
        return "nothing"
    shown = "true" if value is True else "false" if value is False else str(value)
    kind = "text" if isinstance(value, str) else "the value"
    return f"{kind} '{shown if len(shown) <= 40 else shown[:39] + '…'}'"


def _resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        schema = root["$defs"][name]
    return schema


def _is_type(value: Any, wanted: str | Sequence[str]) -> bool:
    if isinstance(wanted, str):
        return _is_one_type(value, wanted)
    return any(_is_one_type(value, name) for name in wanted)


def _is_one_type(value: Any, wanted: str) -> bool:
    match wanted:
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list | tuple)
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case _:
            return value is None


def _type_names(wanted: str | Sequence[str]) -> str:
    return " or ".join(_NAMES[name] for name in ([wanted] if isinstance(wanted, str) else wanted))


def _any_of(
    value: Any, branches: Sequence[Mapping[str, Any]], root: Mapping[str, Any], at: Path
) -> Iterator[Complaint]:
    if any(
        _may_fit(value, _resolved(branch, root))
        and next(complaints(value, branch, root, at), None) is None
        for branch in branches
    ):
        return
    found = [list(complaints(value, branch, root, at)) for branch in branches]
    # The branch that understood the most of the value complains about the deepest place.
    yield from max(found, key=lambda each: (max(len(path) for path, _ in each), -len(each)))


def _may_fit(value: Any, schema: Mapping[str, Any]) -> bool:
    """Return whether a first look finds nothing against a value; complaints take longer."""
    if "type" in schema and not _is_type(value, schema["type"]):
        return False
    return not isinstance(value, dict) or all(key in value for key in schema.get("required", ()))


def _of_value(value: Any, schema: Mapping[str, Any], at: Path) -> Iterator[Complaint]:
    if "const" in schema and value != schema["const"]:
        yield at, f"expected '{schema['const']}', found {describe(value)}"
    if "enum" in schema and value not in schema["enum"]:
        known = ", ".join(str(each) for each in schema["enum"])
        hint = did_you_mean(str(value), map(str, schema["enum"]))
        yield at, f"expected one of {known}, found {describe(value)}{hint}"
    if isinstance(value, str):
        if len(value.strip()) < schema.get("minLength", 0):
            yield at, "expected some text, found none"
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield at, f"{describe(value)} is not of the form {schema['pattern']}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value < schema.get("minimum", value):
            yield at, f"expected at least {schema['minimum']}, found {value}"
        if value > schema.get("maximum", value):
            yield at, f"expected at most {schema['maximum']}, found {value}"
        if "exclusiveMinimum" in schema and not value > schema["exclusiveMinimum"]:
            yield at, f"expected more than {schema['exclusiveMinimum']}, found {value}"


def _of_mapping(
    value: Mapping[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], at: Path
) -> Iterator[Complaint]:
    properties: Mapping[str, Any] = schema.get("properties", {})
    more = schema.get("additionalProperties", True)
    for key, item in value.items():
        if key in properties:
            yield from complaints(item, properties[key], root, (*at, key))
        elif more is False:
            known = [name for name in properties if name not in value]
            yield (*at, key), f"unknown key '{key}'{did_you_mean(str(key), known)}"
        elif more is not True:
            yield from complaints(item, more, root, (*at, key))
        if "propertyNames" in schema:
            yield from complaints(key, schema["propertyNames"], root, (*at, key))
    for key in schema.get("required", ()):
        if key not in value:
            yield at, f"the key '{key}' is missing"
    if len(value) < schema.get("minProperties", 0):
        yield at, f"expected at least {schema['minProperties']} key"
    if len(value) > schema.get("maxProperties", len(value)):
        yield (
            at,
            f"expected at most {schema['maxProperties']} key, found {', '.join(map(str, value))}",
        )


def _of_list(
    value: Sequence[Any], schema: Mapping[str, Any], root: Mapping[str, Any], at: Path
) -> Iterator[Complaint]:
    if len(value) < schema.get("minItems", 0):
        yield at, f"expected at least {schema['minItems']} items, found {len(value)}"
    if len(value) > schema.get("maxItems", len(value)):
        yield at, f"expected at most {schema['maxItems']} items, found {len(value)}"
    if "items" in schema:
        for index, item in enumerate(value):
            yield from complaints(item, schema["items"], root, (*at, index))


# --- whether there is anything to complain of ------------------------------------------------


def test(schema: Mapping[str, Any] | bool) -> Test:
    """Return the test whether `complaints` has none of a value.

    It costs as much to make as to run twice, and then a tenth of the complaints.
    """
    return _Tests({} if isinstance(schema, bool) else schema).of(schema)


class _Tests:
    """The tests of the schemas within a schema, by their identity: one may hold itself."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = root
        self.made: dict[int, Test] = {}

    def of(self, schema: Mapping[str, Any] | bool) -> Test:
        """Return the test of a schema."""
        if isinstance(schema, bool):
            return lambda value: bool(schema)
        schema = _resolved(schema, self.root)
        key = id(schema)
        if key not in self.made:
            self.made[key] = lambda value: self.made[key](value)
            tests = list(self._tests(schema))
            self.made[key] = reduce(_both, tests) if tests else self.of(True)
        return self.made[key]

    def _tests(self, schema: Mapping[str, Any]) -> Iterator[Test]:
        if "type" in schema:
            yield _type_test(schema["type"])
        if "title" in schema:
            yield lambda value: _is_like(value, schema, self.root)
        if "anyOf" in schema:
            branches = [self.of(branch) for branch in schema["anyOf"]]
            yield lambda value: any(fits(value) for fits in branches)
        if "minLength" in schema:
            least = schema["minLength"]
            yield lambda value: not isinstance(value, str) or len(value.strip()) >= least
        if not _OF_VALUES.isdisjoint(schema):
            yield lambda value: next(_of_value(value, schema, ()), None) is None
        if not _OF_MAPPINGS.isdisjoint(schema):
            yield self._mapping_test(schema)
        if not _OF_LISTS.isdisjoint(schema):
            yield self._list_test(schema)

    def _mapping_test(self, schema: Mapping[str, Any]) -> Test:
        tests = {key: self.of(each) for key, each in schema.get("properties", {}).items()}
        more = self.of(schema.get("additionalProperties", True))
        is_name = self.of(schema.get("propertyNames", True))
        required = schema.get("required", ())
        least, most = schema.get("minProperties", 0), schema.get("maxProperties", math.inf)

        def fits(value: Any) -> bool:
            if not isinstance(value, dict):
                return True
            for key in required:
                if key not in value:
                    return False
            for key, item in value.items():
                if not (tests.get(key, more)(item) and is_name(key)):
                    return False
            return bool(least <= len(value) <= most)

        return fits

    def _list_test(self, schema: Mapping[str, Any]) -> Test:
        is_item = self.of(schema.get("items", True))
        least, most = schema.get("minItems", 0), schema.get("maxItems", math.inf)

        def fits(value: Any) -> bool:
            if not isinstance(value, (list, tuple)):
                return True
            return least <= len(value) <= most and all(map(is_item, value))

        return fits


_OF_VALUES = frozenset({"const", "enum", "pattern", "minimum", "maximum", "exclusiveMinimum"})
_OF_MAPPINGS = frozenset(
    {
        *("properties", "required", "additionalProperties"),
        *("propertyNames", "minProperties", "maxProperties"),
    }
)
_OF_LISTS = frozenset({"items", "minItems", "maxItems"})


_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list, tuple),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}


def _type_test(wanted: str | Sequence[str]) -> Test:
    names = [wanted] if isinstance(wanted, str) else wanted
    types = tuple(each for name in names for each in _TYPES[name])
    if int in types and bool not in types:
        return lambda value: isinstance(value, types) and not isinstance(value, bool)
    return lambda value: isinstance(value, types)


def _both(first: Test, second: Test) -> Test:
    return lambda value: first(value) and second(value)
