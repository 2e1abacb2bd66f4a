"""Sheets of a build that is seldom thought of: each answer is found, and nothing beside it."""

from textwrap import dedent

import pytest

from grader.model import Answer, Part, Place
from grader.readers import markdown_sheet
from grader.readers.paper import swallowed
from tests.readers.courses import MIDTERM
from tests.readers.test_layouts import FRONT


def texts(text: str) -> dict[str, str]:
    parts = markdown_sheet.read("a.md", dedent(text), MIDTERM).parts
    return {id_: part.body.text for id_, part in parts.items() if part.body and part.body.text}


@pytest.mark.parametrize("head", ["| Question | Answer |", "| No. | My solution |", "| | |"])
def test_a_table_before_the_first_heading_holds_answers(head: str):
    """The short answers in a table, the long ones under headings of their own."""
    sheet = f"{head}\n|---|---|\n| 1a | False |\n| 2 (a) | 2.3026 |\n| q3 | No |\n\n## 6\n\nc = 1\n"
    assert texts(sheet) == {"q1.a": "False", "q2.a": "2.3026", "q3": "No", "q6": "c = 1"}


def test_a_grid_of_marks_holds_no_answers():
    """The cover of an exam lists how much each question is worth."""
    cover = "| Question | Points | Score |\n|---|---|---|\n| 3 | 10 | |\n| 5 | 20 | |\n"
    assert texts(f"{cover}\n## Q6\n\nc = 1\n") == {"q6": "c = 1"}


def test_an_answer_under_a_heading_stands_over_one_in_a_table():
    """What is answered at length is not answered by the table."""
    sheet = "| Q | A |\n|---|---|\n| 3 | see below |\n| 5 | n/a |\n\n## Q3\n\nNo.\n"
    assert texts(sheet)["q3"] == "No."


@pytest.mark.parametrize("opening", ["\\begin{questions}\n", ""])
def test_the_exam_class_of_latex_is_read(opening: str):
    """What stands in brackets behind a question or a part are its marks, not its label."""
    sheet = (
        "\\documentclass{exam}\n\\begin{document}\n" + opening + "\\question[20]\n\\begin{parts}\n"
        "\\part[5] True.\n\\part[5] False.\n\\part False, too.\n\\part[5] No.\n\\end{parts}\n"
        "\\question[10]\n\\begin{parts}\n\\part 2.3\n\\part no\n\\part 0.5\n\\part infinite\n"
        "\\end{parts}\n\\question[10] It underfits.\n\\end{document}\n"
    )
    assert texts(sheet) == {
        "q1.a": "True.", "q1.b": "False.", "q1.c": "False, too.", "q1.d": "No.",
        "q2.a": "2.3", "q2.b": "no", "q2.c": "0.5", "q2.d": "infinite", "q3": "It underfits.",
    }  # fmt: skip


def test_parts_with_dots_on_one_line_are_told_apart():
    """As with brackets: all of them, in their order."""
    found = texts("## Q2\n\na. 2.3 b. No, since log 0. c. 0.5 d. infinite\n")
    assert found == {"q2.a": "2.3", "q2.b": "No, since log 0.", "q2.c": "0.5", "q2.d": "infinite"}


@pytest.mark.parametrize(
    "text", ["e.g. a. and b. are alike", "a. one, b. two", "see fig. a. or d."]
)
def test_letters_with_dots_in_a_sentence_are_no_parts(text: str):
    """An abbreviation, or some of the parts only."""
    assert "q2.d" not in texts(f"## Q2\n\n(a) {text}\n")


@pytest.mark.parametrize(
    "end",
    ["Best regards,\nJo\nID 12345678", "Thank you very much!\n\nJo Doe, 1234",
     "Mit freundlichen Grüßen\nJo",
     "---\nIE 8990 Midterm    Page 7 of 7", "Midterm | Page 3/7", "Kind regards"],
)  # fmt: skip
def test_a_greeting_or_the_foot_of_a_page_is_no_answer(end: str):
    """The last answer ends where the sheet takes its leave."""
    assert texts(f"## Q6\n\nc = 1\n\n## Q7\n\n(a - y) x^T\n\n{end}\n")["q7"] == "(a - y) x^T"


@pytest.mark.parametrize(
    "text",
    ["Thanks to the chain rule\n\n(a - y) x^T", "best of all:\nz = 1", "Many\n\nfew",
     "We turn to page 7 of the book\n\nz = 1", "Thank you\n\nL' = (a - y) x^T"],
)  # fmt: skip
def test_an_answer_in_such_words_is_whole(text: str):
    """A sentence that only begins so, and an answer that goes on."""
    assert texts(f"## Q7\n\nz\n\n{text}\n")["q7"] == f"z\n\n{text}"


def test_an_instruction_in_the_words_of_every_question_is_none_of_them():
    """What all of them ask (true or false, with a reason) tells nothing of which is meant."""
    sheet = """
        ### Q1
        Say whether each is true or false, and give your reason.

        - Can rectified linear units make the gradients of a deep network vanish?

        No. The slope is one.

        - Twenty percent on the test set of a task with two classes come from overfitting.

        False. A coin does better.

        - Is batch normalisation another form of dropout?

        False. It normalises.

        - A discriminator of a GAN for pictures of faces tells pictures with a face from others.

        False. Real ones from made ones.
    """
    found = texts(sheet)
    assert all(found[f"q1.{part}"].endswith(last) for part, last in zip(
        "abcd", ("slope is one.", "does better.", "normalises.", "made ones."), strict=True
    ))  # fmt: skip


# --- answers that went under in another ----------------------------------------------------------


def troubled(**answers: str) -> list[str]:
    """Return the questions whose answer may stand in the text of another."""
    parts = {
        id_.replace("_", "."): Part(Answer(text, text, Place("a.md", 1)))
        for id_, text in answers.items()
    }
    return list(swallowed.found(parts, MIDTERM))


@pytest.mark.parametrize(
    ("answers", "lost"),
    [
        ({"q1_a": "a. False\nb. False\nc. No"}, ["q1.b", "q1.c"]),
        ({"q1_a": "a. False\nb. False\nc. No", "q1_b": "x"}, ["q1.c"]),
        ({"q2_a": "2.303\n3 No, it underfits", "q2_b": "no"}, ["q3"]),
        ({"q4_a": "It falls.\n5: conv1_1: 1792\n\n**Q7** z"}, ["q5", "q7"]),
        ({"q4_a": "It falls.\n(2) (b) no\n"}, ["q2.b"]),
    ],
)
def test_a_missing_answer_whose_number_stands_in_another_is_not_called_missing(answers, lost):
    """Nobody but a person can tell whether it is a list or the next question."""
    assert troubled(**answers) == lost


def test_the_sheet_says_so_of_what_went_under():
    """It is no answer, and not missing either."""
    sheet = "## True or False\nFirst, no.\nc. True\nb. False\n"
    part = markdown_sheet.read("a.md", sheet, MIDTERM).parts["q1.b"]
    assert part.body is not None
    assert part.body.trouble == "the text read as q1.a holds what may be the number of q1.b"


def test_where_headings_name_the_questions_nothing_went_under():
    """The blank sheet, filled in: a number in an answer is a number."""
    parts = markdown_sheet.read("a.md", "## q1.a x\n\n0\n3\n\n## q2.a y\n\n1\n", MIDTERM).parts
    assert list(parts) == ["q1.a", "q2.a"]


@pytest.mark.parametrize(
    "text",
    ["Because\n1. it falls\n2. it rises\n3. they meet",
     "1. conv1_1: 1792\n2. conv1_2: 36928\n3. conv2_1: 73856\n4. x\n5. y\n6. z\n7. w",
     "No, 50 samples\n\n50 are few", "2.5 times\n\n3.25 in all", "It holds that\n\n$$\nz\n$$"],
)  # fmt: skip
def test_a_list_that_counts_from_one_hides_nothing(text: str):
    """Reasons and layers are numbered, too, and numbers begin lines."""
    assert troubled(q3=text) == []


# --- numbers and parts that complete each other --------------------------------------------------

WHOLE = {
    "q1.a": "False", "q1.b": "True", "q1.c": "No", "q1.d": "Yes", "q2.a": "2.3", "q2.b": "no",
    "q2.c": "0.5", "q2.d": "inf", "q3": "No.", "q4.a": "falls", "q4.b": "rises", "q5": "1792",
    "q6": "c = 1", "q7": "(a-y)x^T",
}  # fmt: skip


@pytest.mark.parametrize(
    ("part", "further", "bare"),
    [
        ("{n} ({p}) {t}", "{n} ({p}) {t}", "{n} {t}"),
        ("{n} ({p}) {t}", "({p}) {t}", "{n} {t}"),
        ("**{n} ({p})** {t}", "**({p})** {t}", "**{n}** {t}"),
        ("{n}{p}) {t}", "{n}{p}) {t}", "{n}) {t}"),
        ("{n}{p} {t}", "{n}{p} {t}", "{n} {t}"),
        ("{n}.{p}: {t}", "{n}.{p}: {t}", "{n}: {t}"),
    ],
)
def test_bare_numbers_fill_the_gaps_between_numbers_with_parts(part, further, bare):
    """A question with parts is numbered in one way, one without in a poorer one."""
    rows = []
    for id_, text in WHOLE.items():
        number, _, letter = id_[1:].partition(".")
        form = (part if letter == "a" else further) if letter else bare
        rows.append(form.format(n=number, p=letter, t=text))
    assert texts("\n".join(rows)) == WHOLE
    assert texts("\n\n".join(rows)) == WHOLE


def test_what_latex_does_not_print_is_no_answer():
    """Comments, in all of their forms; a percent sign in Markdown is one of hundred."""
    body = (
        "\\section*{Q2}\n(a) 2.303 % not 5\n\\iffalse\n(a) 5\n\\fi\n(b) no, 20\\% less\n"
        "\\begin{comment}\n(b) yes\n\\end{comment}\n(c) 0.5\n"
    )
    document = f"\\documentclass{{article}}\n\\begin{{document}}\n{body}\\end{{document}}\n"
    found = texts(document)
    assert found == {"q2.a": "2.303", "q2.b": "no, 20\\% less", "q2.c": "0.5"}
    assert texts("## Q3\n\n\\textbf{No}: 20 % is low\n")["q3"].endswith("20 % is low")


@pytest.mark.parametrize("sign", ["=", "≈"])
@pytest.mark.parametrize("result", ["2.303", "-0.7", "∞", "$\\infty$", "12,5"])
def test_a_result_behind_the_printed_order_is_the_answer(sign: str, result: str):
    """The student wrote on the line of the question."""
    question = MIDTERM.questions[4]
    sheet = f"## {question.id}\n\n{question.prompt.strip().rstrip('.')} {sign} {result}\n"
    assert result.strip("$") in texts(sheet)[question.id]


@pytest.mark.parametrize("label", ["（{}）", "（{}） ", "({}) "])
def test_wide_brackets_need_no_space_behind_them(label: str):
    """As a Chinese keyboard types them."""
    rows = [label.format(part) + text for part, text in zip("abcd", "wxyz", strict=True)]
    found = texts("## Problem 2\n\n" + "\n".join(rows))
    assert found == dict(zip(("q2.a", "q2.b", "q2.c", "q2.d"), "wxyz", strict=True))


def test_a_lone_label_under_a_title_names_its_part():
    """Who answers only (b) writes only (b)."""
    sheet = "## True or False\n\nb. False, one drops.\n\n## Cross-entropy\n\na. 2.303\n"
    assert texts(sheet) == {"q1.b": "False, one drops.", "q2.a": "2.303"}


def context(id_: str, text: str) -> str:
    part = markdown_sheet.read("a.md", dedent(text), MIDTERM).parts[id_]
    assert part.body is not None
    return part.body.context


@pytest.mark.parametrize(
    "remark", ["All logs are base 10.", "I write log for the logarithm to base 2"]
)
@pytest.mark.parametrize("head", ["## Q2", "**Question 2** Cross-entropy"])
@pytest.mark.parametrize("quoted", ["", "Compute the cross-entropy H(y, ŷ). "])
def test_a_remark_in_front_of_the_parts_reaches_each(remark: str, head: str, quoted: str):
    """What holds for all parts is said once; the printed question is no remark."""
    sheet = f"{head}\n\n{quoted}{remark}\n\n(a) 1\n\n(c) 0.2218\n"
    assert texts(sheet)["q2.a"] == "1"
    assert context("q2.a", sheet) == f"{remark}\n\n1"
    assert context("q2.c", sheet) == f"{remark}\n\n0.2218"


def test_where_nothing_is_said_in_front_an_answer_stands_alone():
    """The printed question and the instructions are no remark of the student's."""
    sheet = "## Q2\n\nCompute the cross-entropy H(y, ŷ). [5 pts]\n\n(a) 1\n\n(c) 0.2218\n"
    assert context("q2.a", sheet) == ""


LEFT_OVER = (
    "Primero: nothing shrinks, since each factor is one wherever a unit is alive, and the others "
    "take no part in the sum at all.\nSegundo: a fair coin would do better, so that there must be "
    "something upside down between the labels and the predictions, as one sees at once when they "
    "are turned around.\n\n"
)


@pytest.mark.parametrize(
    ("left_over", "line"),
    [(LEFT_OVER, 1), ("a. False\nb. False\n\n", 1), ("# Answers\n\n1) no\n2) 2.3\n\n", 3)],
)
def test_a_missing_answer_may_be_in_the_text_before_the_first_question(left_over: str, line: int):
    """No question is called missing while so much of the sheet was not read."""
    sheet = markdown_sheet.read("a.md", f"{left_over}## Question 6\n\nc = 1\n", MIDTERM)
    assert list(sheet.parts) == ["q6"]
    assert sheet.trouble is not None
    assert sheet.trouble.place == Place("a.md", line)
    assert any("left out" in warning for warning in sheet.warnings)


@pytest.mark.parametrize("above", ["", "Kim, 12345678\n\n", "I worked on this alone.\n\n", FRONT])
def test_a_name_above_the_questions_hides_no_answer(above: str):
    """Who answers one question has not answered the others."""
    assert markdown_sheet.read("a.md", f"{above}## Question 6\n\nc = 1\n", MIDTERM).trouble is None


def test_a_missing_answer_may_stand_under_a_number_that_there_is_not():
    """Question 9 of a rubric of seven is one of the seven."""
    sheet = markdown_sheet.read("a.md", "## Q6\n\nc = 1\n\n## Q9\n\nIt falls.\n", MIDTERM)
    assert sheet.trouble is not None
    assert sheet.trouble.place == Place("a.md", 5)


def test_text_beside_a_table_of_answers_is_told_of():
    """The table holds the answers, and nothing is left out in silence."""
    table = "| Question | Answer |\n|---|---|\n| 1a | False |\n\nSee the board of Monday.\n"
    sheet = markdown_sheet.read("a.md", table, MIDTERM)
    assert "See the board of Monday." in sheet.warnings[0]


def test_a_bar_in_a_cell_is_written_with_a_backslash():
    """In a table, Markdown takes a bar for the end of a cell."""
    found = texts("| Question | Answer |\n|---|---|\n| q4.a | It is 1 - \\|x\\|. |\n")
    assert found == {"q4.a": "It is 1 - |x|."}


@pytest.mark.parametrize("above", ["", "\\documentclass{article}\n\\begin{document}\n"])
def test_a_comment_of_latex_is_no_answer(above: str):
    """Also in a piece of a document, where what stands behind a number is a share."""
    rows = "\\section*{Question 1}\n(a) False % not true?\n% (b) True\n(c) 50\\% of it\n"
    assert texts(above + rows) == {"q1.a": "False", "q1.c": "50\\% of it"}


def test_a_share_is_no_comment():
    """Who writes 50 % in a piece of LaTeX, or the sign in Markdown, means it."""
    found = texts("\\section*{Question 1}\n(a) 50 % of it, 20% too\n")
    assert found == {"q1.a": "50 % of it, 20% too"}
    found = texts("## Q3\n\nNo, \\textbf{the} error in % is high.\n")
    assert found == {"q3": "No, **the** error in % is high."}


DRAWN = """
## Q6

```
      | -99  0 |
A  =  |   0  0 |

      {open}  -2 {close}
{name}  =  {open} 100 {close}
      {open}   7 {close}
c = 1
```
"""


@pytest.mark.parametrize(("open_", "close"), ["||", "[]", "()", "⎡⎤"])
def test_a_drawn_matrix_has_its_name_beside_any_row(open_: str, close: str):
    """On paper the name stands at half height."""
    sheet = DRAWN.format(open=open_, close=close, name="B")
    part = markdown_sheet.read("a.md", sheet, MIDTERM).parts["q6"]
    rows = {name: answer.text.split("\n") for name, answer in part.fields.items()}
    assert [row.split()[1:-1] for row in rows["A"]] == [["-99", "0"], ["0", "0"]]
    assert [row.split()[1:-1] for row in rows["B"]] == [["-2"], ["100"], ["7"]]
    assert rows["c"] == ["1"]


def test_the_rows_of_the_matrix_before_stay_with_it():
    """Where each name stands in the first row, all rows below are its own."""
    sheet = "## Q6\n\nA = | -99 0 |\n    | 0 0 |\nB = | -2 |\n    | 100 |\nc = 1\n"
    part = markdown_sheet.read("a.md", sheet, MIDTERM).parts["q6"]
    assert part.fields["A"].text.split() == ["|", "-99", "0", "|", "|", "0", "0", "|"]
    assert part.fields["B"].text.split() == ["|", "-2", "|", "|", "100", "|"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("J = -sum t ln z", "Samples do not depend on each other"),
        ("Because the chances multiply", "p = 3"),
        ("x^T d", "Since the logs add"),
    ],
)
def test_numbers_before_dashes_label_the_parts(first: str, second: str):
    """Some answers are formulas; what is left out may be the last."""
    assert texts(f"Q1 -\n1 - {first}\n2 - {second}\n") == {"q1.a": first, "q1.b": second}


def test_a_difference_in_a_part_labels_none():
    """`1 - p` in an answer is a formula, where a dash behind a number labels the parts."""
    sheet = "Q4\n1 - It sinks: what is left is\n1 - p\n2 - It rises\n"
    assert texts(sheet) == {"q4.a": "It sinks: what is left is\n1 - p", "q4.b": "It rises"}


@pytest.mark.parametrize("label", ["a.", "b)", "(b)", "1."])
@pytest.mark.parametrize(
    "answer", ["2 / sqrt(9 + 16)", "3 / 5", "0.4, or 40 %", "2 / sqrt(25) = 0.4"]
)
def test_a_part_of_a_slash_or_comma_is_not_two(label: str, answer: str):
    """Who labels an answer does not list those to all parts."""
    id_ = "q4.a" if label in ("a.", "1.") else "q4.b"
    assert texts(f"Q4\n{label} {answer}\n") == {id_: answer}


@pytest.mark.parametrize("line", ["a) F, b) T", "F, T", "1. F / 2. T", "F / T"])
def test_answers_to_all_parts_may_be_listed_on_a_line(line: str):
    """With a label before each, or before none."""
    assert texts(f"Q4\n{line}\n") == {"q4.a": "F", "q4.b": "T"}


def test_latex_numbers_sections_without_titles():
    """So does the reader; a subsection is a part."""
    sheet = (
        "\\documentclass{article}\n\\begin{document}\n\\section{}\n(a) False\n\n(b) True\n"
        "\\section{}\n\\subsection{}\n2.3\n\\subsection{ }\nNo\n\\section{}\nIt underfits.\n"
        "\\section*{}\n\\section{}\n\\subsection{}\nIt sinks\n\\section{}\nconv1_1: 7\n"
        "\\end{document}\n"
    )
    assert texts(sheet) == {
        "q1.a": "False", "q1.b": "True", "q2.a": "2.3", "q2.b": "No", "q3": "It underfits.",
        "q4.a": "It sinks", "q5": "conv1_1: 7",
    }  # fmt: skip


@pytest.mark.parametrize("order", ["textbf", "emph", "underline"])
@pytest.mark.parametrize("label", ["({})", "{})", "{}.", "Part {}", "({}) "])
def test_an_emphasised_label_may_stand_before_a_formula(order: str, label: str):
    """LaTeX has the part in bold; the formula behind it keeps its own bold letters."""
    answers = ["$2.3$", "No, $\\textbf{y}$ is 0", "\\(0.51\\)", "$\\to \\infty$"]
    rows = [f"\\{order}{{{label.format(x)}}} {y}" for x, y in zip("abcd", answers, strict=True)]
    found = texts("\\section{Question 2}\n" + "\n\n".join(rows) + "\n")
    assert list(found.values()) == answers
    assert list(found) == ["q2.a", "q2.b", "q2.c", "q2.d"]


@pytest.mark.parametrize(
    "answer",
    ["H = 2.3026", "2.3026", "-ln(0.1)", "y = (0.1, 0.4)", "$\\frac{23}{10}$", "H(y, ŷ) ≈ 2,3"],
)
@pytest.mark.parametrize("below", ["", "\nas computed above\n"])
def test_the_answer_may_stand_in_the_heading(answer: str, below: str):
    """Behind the number, also where its letters and digits are those of the question."""
    assert texts(f"## q2.a: {answer}\n{below}\n## q3\n\nNo\n")["q2.a"].startswith(answer)
