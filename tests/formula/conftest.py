"""Marks the judged formulas that the room is known to get wrong, so that none is forgotten."""

from pathlib import Path

import pytest

KNOWN = Path(__file__).parent / "known_weaknesses.txt"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect the listed tests to fail; `pytest -rX` names those that can leave the list."""
    lines = KNOWN.read_text(encoding="utf-8").splitlines()
    known = {line for line in lines if line.startswith("test_")}
    for item in items:
        if item.name in known:
            item.add_marker(pytest.mark.xfail(reason="a known weakness", strict=False))
