"""What the documentation shows is what happens."""

import re
from pathlib import Path

import pytest

from grader import kinds, lint, scaffold
from tests import consoles, tables

_YAML = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PYTHON = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


def named(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("document", consoles.DOCUMENTS, ids=named)
def test_every_console_block_prints_what_it_shows(document: Path, tmp_path: Path):
    """Commands are run in order, in a copy, as a reader would type them."""
    place = consoles.workspace(tmp_path)
    for step in consoles.steps(document.read_text(encoding="utf-8")):
        got = consoles.run(step.command, place)
        assert consoles.matches(step.printed, got), f"$ {step.command}\n{got}"


def test_the_comparison_can_fail():
    """An ellipsis stands for whole lines, and for nothing else."""
    assert consoles.matches("a\n...\nc\n", "a\nb\nb\nc\n")
    assert consoles.matches("a\n...\n", "a\n")
    assert not consoles.matches("a\n...\nc\n", "a\nb\n")
    assert not consoles.matches("a\n", "a b\n")


def test_the_tables_of_options_are_current():
    """Every kind's options and lint's rules stand in the author's guide, as they are."""
    text = tables.AUTHOR.read_text(encoding="utf-8")
    assert tables.current(text) == text
    assert sorted(tables.marked(text)) == list(kinds.names())


def questions() -> list[str]:
    text = tables.AUTHOR.read_text(encoding="utf-8")
    return [found[1] for found in _YAML.finditer(text) if found[1].startswith("- id:")]


def functions() -> list[str]:
    return _PYTHON.findall(tables.AUTHOR.read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", questions(), ids=lambda text: text.split()[2])
def test_the_questions_of_the_guide_are_fair(text: str, tmp_path: Path):
    """What an author copies from the guide into the scaffolded course has nothing unfair in it."""
    scaffold.write(tmp_path / "course")
    with (tmp_path / "course" / "reference" / "topic.py").open("a", encoding="utf-8") as topic:
        topic.write("\n\n".join(functions()))
    path = tmp_path / "course" / "rubrics" / "guide.yaml"
    indented = "".join(f"  {line}\n" for line in text.splitlines())
    path.write_text(f"id: guide\ntitle: Guide\nquestions:\n{indented}", encoding="utf-8")
    findings = lint.lint(str(path)).found
    assert [str(each.problem) for each in findings] == []


def test_there_is_an_example_of_every_kind():
    """The guide leaves no kind out."""
    text = "\n".join(questions())
    assert [kind for kind in kinds.names() if not re.search(rf"- {kind}:", text)] == []


@pytest.mark.parametrize("document", consoles.DOCUMENTS, ids=named)
def test_links_lead_somewhere(document: Path):
    """A link to a file of the repository names one that is there."""
    for target in _LINK.findall(document.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), target
