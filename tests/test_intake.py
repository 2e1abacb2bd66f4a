"""What a student hands in becomes a submission, whatever state it is in."""

import os
from pathlib import Path

import pytest

from grader import intake, sheet
from grader.errors import UsageError
from grader.model import Check, Submission
from tests.readers.courses import HOMEWORK, MIDTERM, check, question, rubric


def receive(path: Path) -> Submission:
    return intake.receive(path, MIDTERM)


def typed(text: str) -> Submission:
    return intake.receive(None, MIDTERM, stdin_text=text)


def texts(submission: Submission) -> dict[str, str]:
    return {
        id_: part.body.text
        for id_, part in submission.parts.items()
        if part.body is not None and part.body.trouble is None
    }


def troubles(submission: Submission) -> dict[str, str]:
    return {
        id_: part.body.trouble
        for id_, part in submission.parts.items()
        if part.body is not None and part.body.trouble is not None
    }


def write(folder: Path, **contents: str | bytes) -> Path:
    """Write files; `__` in a name stands for a point, as keywords hold none."""
    for name, content in contents.items():
        path = folder / name.replace("__", ".")
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(data)
    return folder


# --- files and their order -------------------------------------------------------------------


def test_a_folder_is_a_submission_with_its_name(tmp_path: Path):
    """Answers, code and the names of all files."""
    folder = tmp_path / "student001"
    folder.mkdir()
    write(folder, answers__md="Q3: No.", model__py="x = 1", plot__png=b"\x89PNG")
    submission = receive(folder)
    assert submission.name == "student001"
    assert texts(submission) == {"q3": "No."}
    assert [(file.name, file.data) for file in submission.code] == [("model.py", b"x = 1")]
    assert list(submission.files) == ["answers.md", "model.py", "plot.png"]
    assert list(submission.warnings) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("sheet.md", "Q3: No."),
        ("sheet.TXT", "Q3: No."),
        ("sheet.yaml", "q3: No."),
        ("sheet.json", '{"q3": "No."}'),
        ("sheet", "Q3: No."),
        ("sheet", "answers:\n  q3: No."),
        ("sheet", '{"q3": "No."}'),
    ],
)
def test_a_single_file_is_a_submission_with_its_stem(tmp_path: Path, name: str, content: str):
    """The format follows from the suffix, or from the looks where there is none."""
    (tmp_path / name).write_text(content)
    submission = receive(tmp_path / name)
    assert submission.name == "sheet"
    assert texts(submission) == {"q3": "No."}


def test_a_single_file_of_code_is_a_submission(tmp_path: Path):
    """A notebook alone answers the questions of code."""
    write(tmp_path, work__ipynb="{}")
    submission = receive(tmp_path / "work.ipynb")
    assert submission.code[0].data == b"{}"
    assert list(submission.warnings) == []


def test_a_sheet_may_come_through_standard_input():
    """As Markdown, YAML or JSON; a name in it is the submission's."""
    assert texts(typed("Q3: No.")) == {"q3": "No."}
    assert texts(typed('{"q3": "No."}')) == {"q3": "No."}
    submission = typed("student: s007\nanswers: {q3: No.}")
    assert (submission.name, texts(submission)) == ("s007", {"q3": "No."})


def test_numbers_may_be_the_keys_of_a_typed_sheet():
    """A brace before a number and a colon opens entries."""
    assert texts(typed("{3: No., 5: table}")) == {"q3": "No.", "q5": "table"}


@pytest.mark.parametrize(
    "first", ["{{1, 2}, {3, 4}}", "{1, 2}", "{'conv1_1': 1792, 'fc': 8}", "{x: 1}", "{ -1, 2 }"]
)
def test_what_begins_with_a_brace_may_be_prose(first: str):
    """A set or a dictionary on top of a sheet on standard input is no answer file."""
    assert texts(typed(f"{first}\n\nQ3: No.\n\nQuestion 5\n\ntable")) == {
        "q3": "No.",
        "q5": "table",
    }


def test_yaml_wins_over_markdown_for_the_ids_that_it_holds(tmp_path: Path):
    """The report says what was left out; the other ids come from Markdown."""
    write(tmp_path, answers__yaml="q3: from YAML", answers__md="Q3: no\n\nQ5: table")
    submission = receive(tmp_path)
    assert texts(submission) == {"q3": "from YAML", "q5": "table"}
    assert any("answers.yaml counts" in warning for warning in submission.warnings)


def test_answers_come_before_other_names_and_names_in_order(tmp_path: Path):
    """Of two files that answer the same, the first counts."""
    write(tmp_path, a__md="Q3: a\n\nQ5: a", b__md="Q5: b\n\nQ7: b", answers__md="Q3: first")
    submission = receive(tmp_path)
    assert texts(submission) == {"q3": "first", "q5": "a", "q7": "b"}
    assert len(submission.warnings) == 2


def test_what_lies_less_deep_comes_first(tmp_path: Path):
    """A folder of old versions does not win by its name."""
    (tmp_path / "a_old").mkdir()
    write(tmp_path / "a_old", answers__md="Q3: old")
    write(tmp_path, answers__md="Q3: new")
    assert texts(receive(tmp_path)) == {"q3": "new"}


def test_one_file_per_question(tmp_path: Path):
    """Names such as q3.md say which question a file answers."""
    write(tmp_path, q3__md="No.", q5__txt="table", q10__md="what?")
    assert texts(receive(tmp_path)) == {"q3": "No.", "q5": "table"}


def test_texts_that_come_with_a_project_answer_only_what_nothing_else_does(tmp_path: Path):
    """A README may hold the answers, or only copy the questions."""
    write(tmp_path, README__md="# Q3\nfrom the README\n# Q5\nalso", answers__md="Q3: mine")
    assert texts(receive(tmp_path)) == {"q3": "mine", "q5": "also"}


def test_other_texts_of_a_project_are_left_alone(tmp_path: Path):
    """Requirements and settings are no answers and no complaint."""
    write(
        tmp_path,
        answers__md="Q3: No.",
        requirements__txt="numpy==2.0\n",
        config__yaml="lr: 0.1\nlayers: [1, 2]\n",
        list__yaml="- 1\n- 2\n",
    )
    submission = receive(tmp_path)
    assert texts(submission) == {"q3": "No."}
    assert list(submission.warnings) == []


def test_files_in_sub_folders_count(tmp_path: Path):
    """Unpacked archives often bring a folder of their own."""
    (tmp_path / "inner" / "deeper").mkdir(parents=True)
    write(tmp_path / "inner" / "deeper", answers__md="Q3: No.", m__py="")
    submission = receive(tmp_path)
    assert texts(submission) == {"q3": "No."}
    assert submission.parts["q3"].body is not None
    assert submission.parts["q3"].body.place.file == "inner/deeper/answers.md"
    assert [file.name for file in submission.code] == ["inner/deeper/m.py"]


# --- nothing ---------------------------------------------------------------------------------


def test_an_empty_folder_is_a_submission_of_nothing(tmp_path: Path):
    """All is missing, nothing is unreadable, and one sentence says so."""
    submission = receive(tmp_path)
    assert submission.parts == {}
    assert "empty" in submission.warnings[0]


def test_a_folder_without_answers_says_what_was_expected(tmp_path: Path):
    """A scan as PDF is the usual reason."""
    write(tmp_path, exam__pdf=b"%PDF-1.7")
    submission = receive(tmp_path)
    assert submission.parts == {}
    assert any("export it as Markdown" in warning for warning in submission.warnings)


@pytest.mark.parametrize("rubric", [MIDTERM, HOMEWORK], ids=["midterm", "homework"])
def test_the_untouched_template_answers_nothing(tmp_path: Path, rubric):
    """A blank sheet is a blank sheet."""
    write(tmp_path, answers__md=sheet.template(rubric))
    submission = intake.receive(tmp_path, rubric)
    assert submission.parts == {}
    assert list(submission.warnings) == []


@pytest.mark.parametrize("name", ["nowhere", "with\0zero", "a" * 5000])
def test_what_is_not_there_cannot_be_graded(tmp_path: Path, name: str):
    """The command could not start: exit code 2."""
    with pytest.raises(UsageError, match="no such submission"):
        receive(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("paper.pdf", "export"), ("all.zip", "unpack"), ("data.csv", "expected a folder")],
)
def test_a_single_file_of_another_kind_cannot_be_graded(tmp_path: Path, name: str, hint: str):
    """The sentence says which kinds can be, and what to do."""
    (tmp_path / name).write_text("x")
    with pytest.raises(UsageError, match=hint):
        receive(tmp_path / name)


def test_links_and_pipes_cannot_be_graded(tmp_path: Path):
    """Nothing is followed and nothing blocks."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "link.md").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe.md")
    for name in ("link", "link.md", "pipe.md"):
        with pytest.raises(UsageError, match=r"symbolic link|named pipe"):
            receive(tmp_path / name)


# --- broken files ----------------------------------------------------------------------------


def big(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10**9)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: path.symlink_to("/etc/passwd"), "symbolic link"),
        (lambda path: path.mkdir(), "folder"),
        (os.mkfifo, "named pipe"),
        (big, "1 GB"),
        (lambda path: path.write_bytes(b"PK\x03\x04" + bytes(100)), "Word"),
        (lambda path: path.write_bytes(bytes(range(256)) * 9), "binary"),
    ],
    ids=["link", "folder", "pipe", "big", "docx", "binary"],
)
def test_a_file_that_cannot_be_read_costs_only_what_it_alone_answers(tmp_path: Path, make, why):
    """The other file is graded; the rest is unreadable with the reason, not missing."""
    make(tmp_path / "answers.md")
    write(tmp_path, more__md="Q3: No.")
    submission = receive(tmp_path)
    assert texts(submission) == {"q3": "No."}
    assert set(troubles(submission)) == {each.id for each in MIDTERM.questions} - {"q3"}
    assert all(why in trouble for trouble in troubles(submission).values())
    assert any(why in warning for warning in submission.warnings)


def test_what_one_broken_file_lost_another_may_hold(tmp_path: Path):
    """A broken entry in YAML is answered by Markdown."""
    write(tmp_path, answers__yaml='q3: "it"s\nq5: table\n', answers__md="Q3: No.")
    submission = receive(tmp_path)
    assert texts(submission) == {"q3": "No.", "q5": "table"}
    assert troubles(submission) == {}


def test_other_encodings_are_read_with_a_warning(tmp_path: Path):
    """A sheet of an old editor costs nothing."""
    write(tmp_path, answers__md="Q3: Nein, für größere Netze".encode("cp1252"))
    submission = receive(tmp_path)
    assert texts(submission) == {"q3": "Nein, für größere Netze"}
    assert "not UTF-8" in submission.warnings[0]


def test_a_flood_of_sheets_is_cut(tmp_path: Path):
    """A thousand files of junk do not take a thousand times as long."""
    for index in range(120):
        (tmp_path / f"{index}.md").write_text("- a\n" * 200)
    write(tmp_path, answers__md="Q3: No.")
    submission = receive(tmp_path)
    assert texts(submission) == {"q3": "No."}
    assert len(submission.warnings) < 120


# --- the digest ------------------------------------------------------------------------------


def test_the_digest_is_that_of_names_and_content(tmp_path: Path):
    """The same files give the same digest, in whatever order they were written."""
    one, two, three = (tmp_path / name for name in ("one", "two", "three"))
    for folder, order in ((one, "ab"), (two, "ba"), (three, "ab")):
        folder.mkdir()
        for name in order:
            (folder / f"{name}.md").write_text(name)
    assert receive(one).digest == receive(two).digest
    write(three, b__md="B")
    assert receive(three).digest != receive(one).digest
    (three / "b.md").rename(three / "c.md")
    assert len({receive(folder).digest for folder in (one, three)}) == 2


def test_receiving_twice_gives_the_same(tmp_path: Path):
    """Same inputs, same outputs, warnings included."""
    write(tmp_path, answers__yaml="q1.a: [x\nq3: no\nfoo: 1", z__md="Q5: x", b__pdf=b"%PDF")
    assert receive(tmp_path) == receive(tmp_path)


# --- notebooks and functions in Markdown -------------------------------------------------------

CODE_COURSE = rubric(
    question("q1", "One", "Write f.", Check(kind="function", field="f", points=1, options={})),
    question("q2", "Two", "Why?", check("text")),
)
CELL = "```{.python .input  n=1}\ndef f(x):\n    return x\n```\n"
HEADER = (
    "---\njupyter:\n  jupytext:\n    formats: md\n---\n\n```python\ndef f(x):\n    return x\n```\n"
)


@pytest.mark.parametrize("text", [f"# Notebook\n\n{CELL}", HEADER], ids=["cells", "header"])
def test_a_notebook_in_markdown_is_code(tmp_path: Path, text: str):
    """Where the rubric asks for functions; it is no sheet of answers."""
    write(tmp_path, Planar__md=text, answers__md="## q2\nBecause.")
    submission = intake.receive(tmp_path, CODE_COURSE)
    assert [file.name for file in submission.code] == ["Planar.md"]
    assert texts(submission) == {"q2": "Because."}
    assert "Planar.md is a notebook in Markdown and was read as code" in submission.warnings


def test_a_notebook_in_markdown_is_text_where_nobody_asks_for_code(tmp_path: Path):
    """A rubric without functions."""
    write(tmp_path, answers__md=f"Q3: No.\n{CELL}")
    submission = receive(tmp_path)
    assert list(submission.code) == []
    assert texts(submission)["q3"].startswith("No.")


def test_a_function_in_a_sheet_is_code_as_well(tmp_path: Path):
    """Typed under its question, in a block of Python."""
    write(tmp_path, answers__md="## q1\n```python\ndef f(x):\n    return x\n```\n## q2\nSo.\n")
    submission = intake.receive(tmp_path, CODE_COURSE)
    assert [file.name for file in submission.code] == ["answers.md"]
    assert texts(submission)["q2"] == "So."


def test_a_formula_in_python_is_no_code(tmp_path: Path):
    """A block without a function is the answer as it stands."""
    write(tmp_path, answers__md="## q2\n```python\nx @ W.T\n```\n")
    assert list(intake.receive(tmp_path, CODE_COURSE).code) == []


# --- what is no sheet -----------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", " \n\t\r\n", "\ufeff"])
@pytest.mark.parametrize("name", ["answers__md", "answers__yaml", "answers__txt"])
def test_an_empty_sheet_is_said_to_be_empty(tmp_path: Path, name: str, text: str):
    """Nothing in it is not the same as nothing handed in."""
    submission = receive(write(tmp_path, **{name: text}))
    assert f"{name.replace('__', '.')}: the file is empty" in submission.warnings
    assert not submission.parts


def test_answers_without_any_number_await_a_person(tmp_path: Path):
    """A text that could be answers is unreadable, not missing."""
    submission = receive(write(tmp_path, answers__md="I think that it underfits, so no.\n"))
    assert set(troubles(submission)) == {question.id for question in MIDTERM.questions}


def test_a_text_beside_the_code_is_no_sheet_that_failed(tmp_path: Path):
    """Two texts of a project say nothing on questions that nobody answered."""
    write(tmp_path, plan__md="We shall train it for an hour.", log__txt="It ran well today, too.")
    assert not receive(tmp_path).parts


@pytest.mark.parametrize("suffix", ["docx", "xlsx", "html", "csv", "heic", "pages"])
def test_other_documents_are_to_be_exported(tmp_path: Path, suffix: str):
    """The report says what to do."""
    submission = receive(write(tmp_path, **{f"answers__{suffix}": b"x"}))
    assert any("export it as Markdown or plain text" in each for each in submission.warnings)


def test_a_latex_document_is_a_sheet(tmp_path: Path):
    """As courses of mathematics hand it in."""
    write(tmp_path, answers__tex="\\section*{Question 3}\nNo, it underfits.\n\\section*{Q7}\n$x$\n")
    assert texts(receive(tmp_path)) == {"q3": "No, it underfits.", "q7": "$x$"}


@pytest.mark.parametrize("name", ["scan__pdf", "rest__zip", "rest__docx", "q5__jpg", "table__png"])
def test_a_document_beside_a_sheet_may_hold_what_is_missing(tmp_path: Path, name: str):
    """Who wrote out two answers and photographed the third has answered three."""
    submission = receive(write(tmp_path, answers__md="Q3: No.", **{name: "?"}))
    assert texts(submission) == {"q3": "No."}
    assert "q5" in troubles(submission)
    assert any(name.replace("__", ".") in warning for warning in submission.warnings)


def test_pictures_beside_code_are_what_it_drew(tmp_path: Path):
    """A plot is no answer that somebody has to look for."""
    write(tmp_path, answers__md="Q3: No.", plot__png="?", data__csv="1,2", net__py="x = 1\n")
    submission = receive(tmp_path)
    assert not troubles(submission)
    assert list(submission.warnings) == []
