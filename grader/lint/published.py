"""The JSON Schema of rubrics as it is published for editors: what repeats stands there once.

python -m grader.lint.published > grader/rubric.schema.json
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from grader import rubric

# Shorter schemas are easier read in place.
_WORTH_A_NAME = 300


def text() -> str:
    """Return the schema as it stands in the file."""
    schema = rubric.json_schema()
    counts = Counter(_key(each) for each in _schemas(schema))
    names: dict[str, str] = {}
    for number, key in enumerate(key for key, count in counts.items() if count > 1):
        names[key] = f"part-{number + 1}"
    folded = {key: _folded(item, names) for key, item in schema.items()}
    parts = {name: _inside(json.loads(key), names) for key, name in names.items()}
    return json.dumps({**folded, "$defs": parts}, indent=1, ensure_ascii=False) + "\n"


def _schemas(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the schemas in a schema that are long enough for a name."""
    if isinstance(value, Mapping):
        if _is_schema(value) and len(_key(value)) > _WORTH_A_NAME:
            yield value
        for item in value.values():
            yield from _schemas(item)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from _schemas(item)


def _is_schema(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("type"), str) or isinstance(value.get("anyOf"), list)


def _key(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=dict)


def _folded(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        name = names.get(_key(value)) if _is_schema(value) else None
        return {"$ref": f"#/$defs/{name}"} if name else _inside(value, names)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_folded(item, names) for item in value]
    return value


def _inside(value: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {key: _folded(item, names) for key, item in value.items()}


if __name__ == "__main__":
    sys.stdout.write(text())
