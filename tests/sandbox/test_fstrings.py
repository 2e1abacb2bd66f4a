"""What Python 3.12 reads in an f-string is written so that an older one reads it as well."""

from __future__ import annotations

import ast
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.sandbox import fstrings

NAMES = {"d": {"a": 1.5, "b": [1, 2]}, "x": 3, "xs": ["p", "q"]}

NEW = {
    'f"{d["a"]}"': "1.5",
    "f'{d['a']:.3f}, it is'": "1.500, it is",
    'f"It\'s {d["a"]}"': "It's 1.5",
    r'''f"{"\n".join(xs)}"''': "p\nq",
    r'''f"{"\t"}{'"'}{"it's"}"''': "\t\"it's",
    'f"{f"{f"{x}"}"}"': "3",
    'f"a {{x}} {x!r:>{"4" + "0"[:0]}} {d["a"]=}"': 'a {x}    3 d["a"]=1.5',
    '"p" f"{d["a"]} {xs[0]}" "q"': "p1.5 pq",
    'f"{d["b"][0]:{"0" + str(x)}d} \\" \\n"': '001 " \n',
    'rf"\\d{d["a"]}"': "\\d1.5",
    'f"""{d["a"]}\n{"""x""" "y"}"""': "1.5\nxy",
    'f"{(lambda y: y + 1)(x)} {x if x != 2 else "no"}"': "4 3",
    'f"{", ".join(f"{v:.1f}" for v in [1.0, 2.0])}"': "1.0, 2.0",
    "f'{d['a']} \\N{DIGIT ONE}'": "1.5 1",
    'f"{\n    d["a"]  # the first\n}"': "1.5",
}


@pytest.mark.parametrize("source", NEW)
def test_a_new_form_means_the_same(source: str):
    """Quotes within quotes, backslashes, nested strings, lines and comments within a field."""
    older = fstrings.rewritten(source)
    assert eval(older, dict(NAMES)) == NEW[source].replace('d["a"]=', _echo(older))


# The text of {name=} is written as it stands, so its quotes are those of the rewritten form.
def _echo(source: str) -> str:
    return "d['a']=" if "d['a']=" in source else 'd["a"]='


@pytest.mark.parametrize(
    "source",
    [
        'f"{x} {x:>{x}} {d[\'a\']!r}" + "{not a field" + \'"\'  # f"{',
        'print(f"{x}")\n\n\ndef g(s="#"):\n    """It\'s {x}."""\n    return s % "f"',
        'r\'\\\' + "\\""',
        'bf = rf = 3\nbf""',
    ],
)
def test_what_is_no_new_form_stays_as_it_is(source: str):
    """Old f-strings, other strings, comments and names that end in f."""
    assert fstrings.rewritten(source) == source


def test_lines_keep_their_numbers():
    """An error is still told at the line where the student sees it."""
    source = 'a = f"{d["a"]}"\nb = f"""\n{d["b"]}\n"""\nc = 1 / 0\n'
    assert ast.parse(fstrings.rewritten(source)).body[-1].lineno == 5


@given(st.text(alphabet="fr{}\"'\\:!=#x \n([", max_size=60))
def test_junk_is_left_as_it_is_or_rewritten(source: str):
    """No text at all does more harm than that; what this Python reads means the same after."""
    older = fstrings.rewritten(source)
    try:
        before = ast.dump(ast.parse(source))
    except (SyntaxError, ValueError):
        return
    if sys.version_info < (3, 12):
        assert ast.dump(ast.parse(older)) == before


def test_nesting_without_end_is_left_alone():
    """A text that is nested a hundred thousand deep takes no more of the stack than any other."""
    source = 'f"{' * 100_000
    assert fstrings.rewritten(source) == source
