"""The tables of options in docs/author.md, made from the schemas of the kinds.

python -m tests.tables brings them up to date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from grader import kinds
from grader.kinds import formula
from grader.lint.notes import RULES

AUTHOR = Path(__file__).resolve().parent.parent / "docs" / "author.md"
_MARKED = re.compile(r"<!-- options: (\w+) -->\n.*?<!-- end -->", re.DOTALL)
_SLIPS = re.compile(r"<!-- slips -->\n.*?<!-- end -->", re.DOTALL)
_RULES = re.compile(r"<!-- rules -->\n.*?<!-- end -->", re.DOTALL)

_SLIPS_OF_OTHERS = (
    ("number", "`sign`, `percent`, `log-base-2`, `log-base-10`, `log-base-e`", "50%"),
    ("number", "`rounding`", "75%"),
    ("array", "`sign`, `transposed`", "50%"),
    ("array", "`not-symmetric`", "80%"),
    ("function", "`sign`, `constant-factor`", "50%"),
    ("function", "`transposed-layout`", "70%"),
    ("grid", "`sign`: all signs exchanged", "50%"),
)


def current(text: str) -> str:
    """Return a document with every marked table as the schemas have it."""
    text = _SLIPS.sub(lambda _: f"<!-- slips -->\n{slips()}<!-- end -->", text)
    text = _RULES.sub(lambda _: f"<!-- rules -->\n{rules()}<!-- end -->", text)
    return _MARKED.sub(
        lambda found: f"<!-- options: {found[1]} -->\n{table(found[1])}<!-- end -->", text
    )


def slips() -> str:
    """Return what is left of the points for the slips that are recognised without being listed."""
    left: dict[float, list[str]] = {}
    for name, credit in sorted(formula.CREDITS.items(), key=lambda item: -item[1]):
        left.setdefault(credit, []).append(f"`{name}`")
    rows = [("formula", ", ".join(ids), f"{credit:.0%}") for credit, ids in left.items()]
    body = "".join(f"| {' | '.join(row)} |\n" for row in (*_SLIPS_OF_OTHERS, *rows))
    return f"| kind | slips | left |\n|---|---|---|\n{body}"


def rules() -> str:
    """Return what lint finds, a row for each rule."""
    body = "".join(f"| `{rule}` | {means} |\n" for rule, means in RULES.items())
    return f"| rule | finds |\n|---|---|\n{body}"


def marked(text: str) -> list[str]:
    """Return the kinds whose options a document lists."""
    return [found[1] for found in _MARKED.finditer(text)]


def table(kind: str) -> str:
    """Return the options of a check, then those of its mistakes, a row each."""
    module = kinds.load(kind)
    rows = [*_rows(module.SCHEMA, ""), *_rows(module.MISTAKE, "mistake: ")]
    body = "".join(f"| {name} | {type_} | {means} |\n" for name, type_, means in rows)
    return f"| option | holds | means |\n|---|---|---|\n{body}"


def _rows(schema: Mapping[str, Any], before: str) -> Iterator[tuple[str, str, str]]:
    required = schema.get("required", ())
    for name, option in schema.get("properties", {}).items():
        needed = " (required)" if name in required else ""
        yield f"{before}`{name}`{needed}", _holds(option), option.get("description", "")
        inner = option.get("items", option)
        if "properties" in inner:
            yield from _rows(inner, f"{before}`{name}`: ")


def _holds(option: Mapping[str, Any]) -> str:
    if "enum" in option:
        return ", ".join(dict.fromkeys(f"`{_shown(each)}`" for each in option["enum"]))
    if "anyOf" in option:
        return " or ".join(dict.fromkeys(_holds(each) for each in option["anyOf"][:2]))
    types = option.get("type", "anything")
    return " or ".join(
        _NAMES.get(each, each) for each in ([types] if isinstance(types, str) else types)
    )


_NAMES = {
    "object": "mapping", "array": "list", "string": "text", "integer": "whole number",
    "boolean": "true or false",
}  # fmt: skip


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    AUTHOR.write_text(current(AUTHOR.read_text(encoding="utf-8")), encoding="utf-8")
