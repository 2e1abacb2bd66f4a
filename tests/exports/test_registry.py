"""The folder is the list of formats."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from grader import exports
from tests.exports import samples

REPORTS = ("html", "json", "markdown", "text")


def test_a_file_in_the_folder_is_a_format():
    """The four formats of a report are found by their files' names, private rooms are not."""
    assert set(REPORTS) <= set(exports.names())
    assert not [name for name in exports.names() if name.startswith("_")]


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("audience", ["student", "staff"])
def test_every_format_writes_every_report(name, audience):
    """A typical, a blank, an incomplete and a hostile submission all become text that ends well."""
    export = exports.load(name)
    for report in (
        samples.midterm(),
        samples.blank(),
        samples.incomplete(),
        samples.hostile(),
        samples.report([]),
    ):
        written = export.report(report, audience)
        assert written.endswith("\n")
        written.encode("utf-8")
        assert written == export.report(report, audience)


@pytest.mark.parametrize("name", REPORTS)
def test_every_format_writes_the_reference_answers(name):
    """Each question's id, title, answer and derivation is there, and each fault."""
    written = exports.load(name).answers(*samples.references())
    for told in ("q2.a", "Cross-entropy of one sample", "2.302585", "q6", "[-2, 100]", "q7"):
        assert told in written
    assert "quadratic.form is not there" in written
    assert "Only the true class counts" in written


@pytest.mark.parametrize("name", REPORTS)
def test_one_reference_answer_stands_alone(name):
    """Where one question is asked for, no other is told."""
    rubric, answers = samples.references()
    written = exports.load(name).answers(rubric, answers[:1])
    assert "q2.a" in written
    assert "q6" not in written


@pytest.mark.parametrize("name", ["nothing", "_reading", "__init__", "../text", "", "text.x"])
def test_an_unknown_format_is_refused(name):
    """Only a name that stands in the folder is loaded; a private room is no format."""
    with pytest.raises(KeyError):
        exports.load(name)


def test_our_json_does_not_hide_pythons():
    """The format called json uses the standard library's module of the same name."""
    assert exports.load("json").json is json  # type: ignore[attr-defined]  # the module's import


@pytest.mark.parametrize("name", REPORTS)
def test_no_format_imports_what_is_slow(name):
    """A report is written without NumPy, torch, rich's tables or a Markdown parser."""
    heavy = ["numpy", "torch", "sympy", "yaml", "markdown_it", "rich.table", "rich.markdown"]
    heavy += [] if name == "text" else ["rich"]
    code = (
        f"import sys; from grader import exports; exports.load({name!r});"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
