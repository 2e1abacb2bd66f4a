"""A whole sheet means the same in every manner of numbering, also with lists in its answers."""

import re

import pytest

from grader.readers import markdown_sheet
from tests.readers.courses import HOMEWORK, MIDTERM

PLAIN = {
    "q1.a": "False. The slope is 1 for positive inputs.",
    "q1.b": "False, 20 % is worse than guessing",
    "q1.c": "False - the one scales, the other drops",
    "q1.d": "True",
    "q2.a": "-ln(0.1) = 2.3026",
    "q2.b": "No. A log of 0 appears.",
    "q2.c": "0.51",
    "q2.d": "It becomes infinite.",
    "q3": "No, it underfits.",
    "q4.a": "No, it goes down.",
    "q4.b": "Training goes down. Testing goes up first.",
    "q5": "conv1_1: 1792\nconv1_2: 36928",
    "q6": "A = [[-99, 0], [0, 0]]\nB = [-2, 100]\nc = 1",
    "q7": "(a - y) x^T",
}
# Numbers and letters inside of the answers, as lists, products and references have them.
LISTS = PLAIN | {
    "q1.a": "False, for this reason:\n1. the slope is 1\n2. so the product stays\n3. and so on",
    "q1.b": "False: (1) guessing gives 50 %, (2) 20 % is less, so (3) labels are swapped",
    "q1.c": "False, as in Q1 above they differ: a) one scales b) the other drops",
    "q2.b": "No, see 2a: a log of 0 appears",
    "q2.c": "0.51, that is 2 (5) times smaller",
    "q2.d": "Two cases:\na) at the true class it is infinite\nb) elsewhere nothing happens",
    "q3": "No.\n1. It underfits.\n2. More data does not help.\n3. Better:\n4. more layers",
    "q5": "1. conv1_1: 1792\n2. conv1_2: 36928\n3. conv2_1: 73856",
    "q7": "1) dL/dz = a - y\n2) dz/dW = x^T\nso (a - y) x^T",
}
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII")
NAMES = ("One", "Two", "Three", "Four", "Five", "Six", "Seven")


def sheet(with_part: str, alone: str, answers: dict[str, str], between: str = "\n") -> str:
    """Return a sheet: `n` is the number, `p` the part, `x` the answer of each question."""
    return between.join(
        _labelled(with_part if "." in id_ else alone, id_, text) for id_, text in answers.items()
    )


def _labelled(label: str, id_: str, text: str) -> str:
    number, _, part = id_[1:].partition(".")
    words = {
        "n": number,
        "p": part,
        "P": part.upper(),
        "d": str("abcd".find(part) + 1),
        "i": ("", "i", "ii", "iii", "iv")["abcd".find(part) + 1 if part else 0],
        "R": ROMAN[int(number) - 1],
        "W": NAMES[int(number) - 1],
        "x": text,
    }
    return re.sub(r"_([npPdiRWx])_", lambda found: words[found[1]], label)


MANNERS = {
    "letters and points": ("_n__p_. _x_", "_n_. _x_"),
    "number, point, letter, bracket": ("_n_._p_) _x_", "_n_) _x_"),
    "colons": ("_n__p_: _x_", "_n_: _x_"),
    "hyphens": ("_n_-_p_) _x_", "_n_) _x_"),
    "slashes": ("_n_/_p_: _x_", "_n_: _x_"),
    "brackets": ("(_n__p_) _x_", "(_n_) _x_"),
    "square brackets": ("[_n__p_] _x_", "[_n_] _x_"),
    "two brackets": ("_n_) _p_) _x_", "_n_) _x_"),
    "arrows": ("_n__p_ -> _x_", "_n_ -> _x_"),
    "dashes": ("_n__p_ - _x_", "_n_ - _x_"),
    "equals signs": ("_n__p_ = _x_", "_n_ = _x_"),
    "decimals": ("_n_._d_ _x_", "_n_ _x_"),
    "decimals with points": ("_n_._d_. _x_", "_n_. _x_"),
    "Q and decimals": ("Q_n_._d_: _x_", "Q_n_: _x_"),
    "Q and Roman parts": ("Q_n_-_i_: _x_", "Q_n_: _x_"),
    "Q and capitals": ("## Q_n__P_\n_x_", "## Q_n_\n_x_"),
    "Q without a colon": ("Q_n__p_ _x_", "Q_n_ _x_"),
    "Roman numbers": ("_R_._p_) _x_", "_R_. _x_"),
    "Roman numbers and brackets": ("_R_ (_p_) _x_", "_R_. _x_"),
    "number signs": ("#_n_ _p_) _x_", "#_n_ _x_"),
    "number signs on a line": ("#_n_ _p_)\n_x_", "#_n_\n_x_"),
    "A for answer": ("A_n__p_: _x_", "A_n_: _x_"),
    "Ans": ("Ans _n__p_: _x_", "Ans _n_: _x_"),
    "my answer for": ("My answer for _n__p_: _x_", "My answer for _n_: _x_"),
    "for question": ("For question _n__p_, _x_", "For question _n_: _x_"),
    "regarding": ("Regarding Q_n_(_p_): _x_", "Regarding Q_n_: _x_"),
    "numbers in words": ("Question _W_ (_p_)\n_x_", "Question _W_\n_x_"),
    "Que": ("Que-_n_ (_p_) :- _x_", "Que-_n_ :- _x_"),
    "bold": ("**_n_ _p_)** _x_", "**_n_)** _x_"),
    "bold on a line": ("**_n__p_**\n_x_", "**_n_**\n_x_"),
    "marks": ("_n_ (_p_) (5 pts) _x_", "_n_ (10 pts) _x_"),
    "Spanish": ("Pregunta _n_, inciso _p_) _x_", "Pregunta _n_: _x_"),
    "German": ("Aufgabe _n_, Teil _p_: _x_", "Aufgabe _n_: _x_"),
    "Russian": ("Вопрос _n_ (_p_): _x_", "Вопрос _n_: _x_"),
    "Chinese": ("第_n_题（_p_）：_x_", "第_n_题：_x_"),
    "ideographic commas": ("_n_、(_p_) _x_", "_n_、_x_"),
    "bold in HTML": ("<b>Q_n_(_p_)</b> _x_<br>", "<b>Q_n_</b> _x_<br>"),
    "headings in HTML": ("<h3>Question _n_ _p_</h3><p>_x_</p>", "<h3>Question _n_</h3><p>_x_</p>"),
    "headings in LaTeX": ("\\subsection*{Q_n_ (_p_)}\n_x_", "\\section*{Question _n_}\n_x_"),
    "bold in LaTeX": ("\\textbf{_n_(_p_)} _x_", "\\textbf{_n_} _x_"),
    "items in LaTeX": ("\\item[(_n__p_)] _x_", "\\item[(_n_)] _x_"),
}  # fmt: skip


def texts(text: str, rubric=MIDTERM) -> dict[str, str]:
    parts = markdown_sheet.read("answers.md", text, rubric).parts
    return {id_: part.body.text for id_, part in parts.items() if part.body}


@pytest.mark.parametrize("between", ["\n", "\n\n"], ids=["close", "apart"])
@pytest.mark.parametrize("manner", MANNERS, ids=MANNERS.keys())
def test_a_sheet_in_any_manner_holds_the_same_answers(manner: str, between: str):
    """Nothing is lost, and nothing is given to another question."""
    assert texts(sheet(*MANNERS[manner], PLAIN, between)) == PLAIN


@pytest.mark.parametrize("manner", MANNERS, ids=MANNERS.keys())
def test_lists_and_references_in_the_answers_begin_no_question(manner: str):
    """Numbered steps, `a)` in an answer to (d), products and cross-references stay in place."""
    assert texts(sheet(*MANNERS[manner], LISTS)) == LISTS


def shuffled(answers: dict[str, str]) -> dict[str, str]:
    """Return the questions in another order, each with its parts."""
    return {id_: text for n in "3172645" for id_, text in answers.items() if id_[1] == n}


@pytest.mark.parametrize(
    ("with_part", "alone"),
    [("_n__p_) _x_", "_n_) _x_"), ("_n_ (_p_) _x_", "_n_. _x_"), ("**_n__p_** _x_", "**_n_** _x_")],
)
@pytest.mark.parametrize("answers", [PLAIN, LISTS], ids=["plain", "lists"])
def test_questions_may_stand_in_any_order(with_part: str, alone: str, answers: dict[str, str]):
    """Who begins with the easy ones loses nothing."""
    assert texts(sheet(with_part, alone, shuffled(answers), "\n\n")) == answers


def test_numbers_alone_may_stand_in_any_order():
    """Set apart by blank lines, each but once."""
    text = "3. No.\n\n1.\na) False\nb) True\n\n7. (a - y) x^T\n\n2.\nc) 0.51\n"
    want = {"q3": "No.", "q1.a": "False", "q1.b": "True", "q7": "(a - y) x^T", "q2.c": "0.51"}
    assert texts(text) == want


def test_numbers_alone_on_their_lines_may_stand_in_any_order():
    """Nothing but the parts stands under them."""
    text = "3.\n   1) x\n   2) y\n1.\n   1) u\n   2) v\n"
    assert texts(text, HOMEWORK) == {"p3.1": "x", "p3.2": "y", "p1.1": "u", "p1.2": "v"}


def test_a_numbered_part_out_of_order_is_a_label():
    """`2 (3)` behind `3 (2)` begins the answer to Problem 2 (3)."""
    assert texts("P3 (2) W - a G\n\n2 (3) mirrors\n", HOMEWORK) == {
        "p3.2": "W - a G",
        "p2.3": "mirrors",
    }
    assert texts("3 (2) W - a G\n\n2 (3) mirrors\n", HOMEWORK) == {
        "p3.2": "W - a G",
        "p2.3": "mirrors",
    }


@pytest.mark.parametrize(
    "line", ["2 (5) = 10 of them", "2 (5) + 1 = 11", "2 · (5) = 10", "and 2 (5)"]
)
def test_a_product_is_no_label(line: str):
    """Where an operator goes on behind the bracket."""
    assert texts(f"P3 (3)\n{line}\n\n60\n", HOMEWORK) == {"p3.3": f"{line}\n\n60"}


ON_ONE_LINE = {
    "commas": "Q1a F, Q1b T, Q1c F",
    "brackets": "1a) F 1b) T 1c) F",
    "the number once": "Q1: a) F b) T c) F",
    "bold": "**1a)** F **1b)** T **1c)** F",
    "bars": "Q1(a) F | Q1(b) T | Q1(c) F",
    "semicolons": "1.a F; 1.b T; 1.c F",
    "equals signs": "Q1a = F, Q1b = T, Q1c = F",
}


@pytest.mark.parametrize("line", ON_ONE_LINE.values(), ids=ON_ONE_LINE.keys())
def test_several_answers_may_stand_on_one_line(line: str):
    """As on a sheet that was filled in haste."""
    want = {"q1.a": "F", "q1.b": "T", "q1.c": "F"}
    assert texts(f"{line}\n") == want
    assert texts(f"{line}\n\nQ3: No.\n") == want | {"q3": "No."}


def test_a_whole_sheet_may_be_one_paragraph():
    """Each question is announced where the one before ends."""
    text = (
        "Question 1: (a) F (b) T (c) F (d) F "
        "Question 2: (a) 2.3 (b) No (c) 0.5 (d) inf "
        "Question 3: No."
    )
    assert texts(text) == {
        "q1.a": "F", "q1.b": "T", "q1.c": "F", "q1.d": "F",
        "q2.a": "2.3", "q2.b": "No", "q2.c": "0.5", "q2.d": "inf", "q3": "No.",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Q1a: False, see Q1b for more",
        "Q1a: False, Q1b shows it, too",
        "Q1a: it is like Q1b: the slope",
        "1a) 2 layers, 3 b of them",
    ],
)
def test_a_reference_on_a_line_begins_nothing(text: str):
    """A sentence may speak of another question."""
    assert list(texts(text)) == ["q1.a"]


PARTS = {
    "dashes": "Q1\na- F\nb- T\nc- F\nd- F\n",
    "circles": "Q1\n① F\n② T\n③ F\n④ F\n",
    "ordinals": "Q1\nFirst: F\nSecond: T\nThird: F\nFourth: F\n",
    "numbers before dashes": "Q1 -\n1 - F\n2 - T\n3 - F\n4 - F\n",
    "letters before dashes": "Q1 –\na – F\nb – T\nc – F\nd – F\n",
    "letters": "Q1\na F\nb T\nc F\nd F\n",
    "tabs": "Q1\n\ta)\tF\n\tb)\tT\n\tc)\tF\n\td)\tF\n",
    "a table of Roman numbers": "Q1\n\n| i | F |\n|---|---|\n| ii | T |\n| iii | F |\n| iv | F |\n",
    "bullets": "Q1\n- F\n- T\n- F\n- F\n",
    "a list in LaTeX": "\\section{Q1}\n\\begin{enumerate}[label=(\\alph*)]\n\\item F\n\\item T\n"
    "\\item F\n\\item F\n\\end{enumerate}\n",
    "a list in HTML": "<h2>Q1</h2><ol><li>F</li><li>T</li><li>F</li><li>F</li></ol>\n",
    "a table in HTML": "<h2>Q1</h2><table><tr><td>a</td><td>F</td></tr>"
    "<tr><td>b</td><td>T</td></tr><tr><td>c</td><td>F</td></tr><tr><td>d</td><td>F</td></tr></table>\n",
}


@pytest.mark.parametrize("text", PARTS.values(), ids=PARTS.keys())
def test_parts_are_labelled_in_many_ways(text: str):
    """Under one number."""
    assert texts(text) == {"q1.a": "F", "q1.b": "T", "q1.c": "F", "q1.d": "F"}


def test_a_word_that_ends_with_a_point_is_no_label():
    """Parts without labels keep every letter of their answers."""
    found = texts("Q1\n- False. It stays 1.\n- True. So.\n- False. No.\n- False. It is.\n")
    assert found["q1.a"] == "False. It stays 1."


@pytest.mark.parametrize(
    ("labels", "inner"), [("1234", "ab"), ("abcd", "1234"), (("i", "ii", "iii", "iv"), "ab")]
)
def test_a_list_within_a_part_begins_no_part(labels, inner):
    """Another kind of numbers, behind the last label or between two of them."""
    listed = "\n".join(f"{label}) step" for label in inner)
    for at in range(4):
        rows = [
            f"({label}) x" + (f"\n{listed}" if index == at else "")
            for index, label in enumerate(labels)
        ]
        found = texts("Q1\n" + "\n".join(rows))
        assert list(found) == ["q1.a", "q1.b", "q1.c", "q1.d"]
        assert found[f"q1.{'abcd'[at]}"] == f"x\n{listed}"


def test_letters_that_begin_anew_behind_the_last_part_are_its_list():
    """(a) to (d), then a) and b) in the answer to (d)."""
    found = texts("Q2\na) 2.3\nb) no\nc) 0.5\nd) two cases\na) true class\nb) others\n")
    assert found["q2.d"] == "two cases\na) true class\nb) others"
    assert found["q2.a"] == "2.3"


def test_a_correction_behind_the_last_part_is_no_list():
    """Who comes back to (a) means (a)."""
    found = texts("Q2\na) 2.3\nb) no\nc) 0.5\nd) inf\na) EDIT: 2.30\n")
    assert "EDIT: 2.30" in found["q2.a"]
    assert found["q2.d"] == "inf"


def test_entities_are_letters():
    """As a word processor saves them."""
    assert texts("<p><b>Q3</b> No, 50&nbsp;samples &lt; 50,000</p>") == {
        "q3": "No, 50 samples < 50,000"
    }


def test_a_page_break_ends_a_line():
    """A form feed stands where paper was torn off."""
    assert texts("Q3 No.\fQ7 (a - y) x^T") == {"q3": "No.", "q7": "(a - y) x^T"}


def test_code_in_html_signs_stays():
    """What stands in a block of code is nobody's markup."""
    assert (
        texts("Q3\n```\na<b>c</b>\n\\item x\n```\nno")["q3"] == "```\na<b>c</b>\n\\item x\n```\nno"
    )


@pytest.mark.parametrize("label", ["Ql", "Q l.", "第一题", "第一题：", "Question One:", "QI."])
def test_numbers_may_be_scanned_or_written_out(label: str):
    """An l for a 1, and the numerals of other scripts."""
    assert texts(f"{label}\n(a) F\n(b) T\n\nQ3: No.\n") == {"q1.a": "F", "q1.b": "T", "q3": "No."}


def test_the_numbers_may_stand_in_quoted_questions():
    """The question is quoted with its number, and the answer stands below."""
    text = (
        "> **Q2 (a)** Compute the cross-entropy H(y, ŷ).\n\n2.303\n\n"
        "> **Q2 (b)** Is cross-entropy symmetric?\n\nNo.\n"
    )
    assert texts(text) == {"q2.a": "2.303", "q2.b": "No."}


def test_an_exam_in_latex_numbers_its_questions_itself():
    """The class that exams are set in: questions and parts without a number in the source."""
    text = (
        "\\documentclass{exam}\n\\begin{document}\n\\begin{questions}\n\\question\n\\begin{parts}\n"
        "\\part F\n\\part T\n\\end{parts}\n\\question\n\\begin{parts}\n\\part 2.3\n\\end{parts}\n"
        "\\question No, it underfits.\n\\end{questions}\n\\end{document}\n"
    )
    assert texts(text) == {"q1.a": "F", "q1.b": "T", "q2.a": "2.3", "q3": "No, it underfits."}


OTHER_MARKS = {
    "wiki": "== Question 2 ==\n=== a ===\n2.303\n=== c ===\n0.511\n== Question 3 ==\nNo.\n",
    "outline": "* Question 2\n** a\n2.303\n** c\n0.511\n* Question 3\nNo.\n",
    "square brackets": "[Q2a] 2.303\n[Q2c] 0.511\n[Q3] No.\n",
    "pictures": "✅ Q2a: 2.303\n👉 Q2c: 0.511\n📝 Q3: No.\n",
}


@pytest.mark.parametrize("text", OTHER_MARKS.values(), ids=OTHER_MARKS.keys())
def test_headings_of_other_programs_are_headings(text: str):
    """Wikis, outlines and chats."""
    assert texts(text) == {"q2.a": "2.303", "q2.c": "0.511", "q3": "No."}


@pytest.mark.parametrize("text", ["2.303 (Compute the cross-entropy)", "0.5, calculate: -ln 0.6"])
def test_a_value_before_the_words_of_the_question_is_no_question(text: str):
    """Who repeats the question behind the answer has answered it."""
    assert texts(f"Q2a) {text}\nQ3 No.\n")["q2.a"] == text
