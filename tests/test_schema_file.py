"""The published JSON Schema of rubrics is the one that the package checks by."""

import json
from pathlib import Path

import jsonschema
import pytest

from grader import course, kinds, rubric, yamltree
from grader.lint import published
from tests import tables

PUBLISHED = Path(rubric.__file__).with_name("rubric.schema.json")


def test_every_option_says_what_it_means():
    """The author's tables have no empty row."""
    empty = [row for kind in kinds.names() for row in tables.table(kind).splitlines()
             if row.endswith("|  |")]  # fmt: skip
    assert empty == []


def test_the_published_schema_is_current():
    """An editor complains of what `grader lint` complains of; see docs/contributor.md."""
    assert PUBLISHED.read_text(encoding="utf-8") == published.text()


@pytest.mark.parametrize("path", course.bundled_rubrics().values(), ids=lambda path: path.stem)
def test_the_bundled_rubrics_conform(path: Path):
    """Another implementation of JSON Schema agrees with ours, and each names the schema."""
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=../grader/rubric.schema.json\n")
    schema = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    value = json.loads(json.dumps(yamltree.parse(text).resolved()))
    jsonschema.Draft202012Validator(schema).validate(value)


def test_what_stands_once_says_the_same():
    """Folding leaves out nothing: with every name put back it is the schema of the package."""
    schema = json.loads(published.text())
    parts = schema.pop("$defs")

    def unfolded(value):
        if isinstance(value, dict) and "$ref" in value:
            return unfolded(parts[value["$ref"].removeprefix("#/$defs/")])
        if isinstance(value, dict):
            return {key: unfolded(item) for key, item in value.items()}
        return [unfolded(item) for item in value] if isinstance(value, list) else value

    assert unfolded(schema) == json.loads(json.dumps(rubric.json_schema(), default=dict))


def test_a_misspelt_key_does_not_conform():
    """The published schema can say no."""
    schema = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    value = {"id": "quiz", "titel": "Quiz", "questions": []}
    assert not jsonschema.Draft202012Validator(schema).is_valid(value)
