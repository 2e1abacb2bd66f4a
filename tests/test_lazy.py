"""Patterns that wait for their first use behave as compiled ones do."""

import importlib
import pkgutil
import re

import pytest

import grader
from grader import lazy


def waiting() -> list[tuple[str, object]]:
    """Return the lazy patterns that stand in a module of the package, by their full names."""
    names = [found.name for found in pkgutil.walk_packages(grader.__path__, "grader.")]
    modules = [importlib.import_module(name) for name in names if not name.endswith("__main__")]
    return [
        (f"{module.__name__}.{name}", value)
        for module in modules
        for name, value in vars(module).items()
        if type(value) is type(lazy.pattern(""))
    ]


def test_every_pattern_of_the_house_compiles():
    """A typing error in a pattern shows here, not in the first answer that meets it."""
    found = waiting()
    assert len(found) > 100
    for name, pattern in found:
        try:
            re.compile(pattern.pattern, pattern._flags)
        except re.error as error:
            pytest.fail(f"{name}: {error}")


def test_a_pattern_finds_what_the_compiled_one_finds():
    """The methods and attributes are those of the pattern that it stands for."""
    text = "one 12, two 345"
    late, early = lazy.pattern(r"(?P<n>\d)+", re.I), re.compile(r"(?P<n>\d)+", re.I)
    assert late.pattern == early.pattern
    assert late.findall(text) == early.findall(text)
    assert [found.span() for found in late.finditer(text)] == [(4, 6), (12, 15)]
    assert late.search(text, 6)[0] == "345"
    assert late.match(text) is None
    assert late.match(text, 4, 5)[0] == "1"
    assert late.fullmatch("12")["n"] == "2"
    assert late.sub("#", text) == "one #, two #"
    assert late.subn("#", text) == ("one #, two #", 2)
    assert late.split("a1b") == ["a", "1", "b"]
    assert late.groupindex == early.groupindex
    assert late.flags == early.flags


def test_a_pattern_is_compiled_at_its_first_use_only():
    """A wrong pattern is no trouble until it is used, and a right one keeps its methods."""
    wrong = lazy.pattern("(")
    with pytest.raises(re.error):
        wrong.match("x")
    right = lazy.pattern("x")
    assert "match" not in vars(right)
    assert right.match("x")
    assert right.search is right.search
