"""What the student wrote is kept, however much of it stands in the question as well."""

from textwrap import dedent

import pytest

from grader.readers import markdown_sheet
from tests.readers.courses import MIDTERM


def texts(text: str) -> dict[str, str]:
    parts = markdown_sheet.read("a.md", dedent(text), MIDTERM).parts
    return {id_: part.body.text for id_, part in parts.items() if part.body and part.body.text}


Q4A = "Does the accuracy on the training data improve with more training data?"
Q4A_AS_WELL = "When do training and testing accuracy become similar?"
Q4B = "What does a larger regularisation parameter do to training and testing accuracy?"


@pytest.mark.parametrize(
    "marks", ["", " [10 pts]", " (10 points)", " (20 pts)", " [5 marks]", " [4 Punkte]"]
)
@pytest.mark.parametrize(
    ("id_", "answer"),
    [
        ("q4.b", "Training accuracy falls and testing accuracy improves with the parameter."),
        ("q4.b", "A larger regularisation parameter lowers training and testing accuracy"),
        ("q4.b", "Both accuracies become similar with a larger regularisation parameter?"),
        ("q4.a", "The accuracy on the training data gets lower with more training data."),
        ("q3", "No. It converges with a high training loss, doesn't it? So the network underfits."),
        ("q2.d", "The categorical cross-entropy is infinite if a value of the estimate is zero"),
        ("q4.b", "La précision diminue. Training accuracy diminue, testing accuracy augmente."),
    ],
)  # fmt: skip
def test_an_answer_is_never_thrown_away_for_the_marks_behind_it(id_: str, answer: str, marks: str):
    """Nor for a question mark, nor for standing in the question's words; the marks are not its."""
    assert texts(f"## {id_}\n\n{answer}{marks}\n") == {id_: answer}


@pytest.mark.parametrize(
    "answer",
    [
        f"Training accuracy decreases. {Q4A_AS_WELL} With strong regularisation.",
        "It falls for training. And testing accuracy? It rises, then falls.",
        "On training accuracy? It falls. On testing accuracy? It rises first.",
        f"Die Genauigkeit im Training sinkt. {Q4A_AS_WELL} Bei einem sehr großen Parameter.",
        f"Lower training accuracy, higher testing accuracy. {Q4A_AS_WELL} Never.",
        f"Lower training accuracy.\n\n{Q4A_AS_WELL}\n\nNever.",
        f"No effect on training, I think. {Q4A_AS_WELL} Never.",
    ],
)
def test_what_is_said_before_a_repeated_question_is_kept(answer: str):
    """The student answers the first half, writes the second half of the question, answers it."""
    assert texts(f"## q4.b\n\n{answer}\n") == {"q4.b": answer}
    assert texts(f"## q4.b\n\n{Q4B}\n\n{answer}\n") == {"q4.b": answer}
    assert texts(f"## q4.b\n\n{Q4B} {answer}\n") == {"q4.b": answer}


@pytest.mark.parametrize("marks", ["", " (5 pts)"])
@pytest.mark.parametrize("between", [" ", "\n", "\n\n"])
def test_only_the_first_question_is_cut_from_question_and_answer(marks: str, between: str):
    """What stands behind the student's first sentence is the student's text."""
    rest = f"No, it gets lower.{between}{Q4A_AS_WELL}{marks} With very much data."
    assert texts(f"## q4.a\n\n{Q4A}{marks} {rest}\n") == {"q4.a": rest}


@pytest.mark.parametrize("marks", ["", " [10 pts]"])
@pytest.mark.parametrize("between", [" ", "\n", "\n\n"])
def test_a_printed_question_without_an_answer_is_no_answer(marks: str, between: str):
    """However many sentences ask."""
    assert texts(f"## q4.a\n\n{Q4A}{between}{Q4A_AS_WELL}{marks}\n\n## q6\n\nc = 1\n") == {
        "q6": "c = 1"
    }


@pytest.mark.parametrize(
    "row", ["conv1_1: 64 (64 params)", "c = f(1) (12 px)", "[10 pts]", "z [3]"]
)
def test_a_bracket_that_is_no_marks_stays(row: str):
    """A count of something else, a reference, and marks that are all there is."""
    assert texts(f"## q6\n\nc = 1\n\n{row}\n")["q6"] == f"c = 1\n\n{row}"


@pytest.mark.parametrize(
    "answer",
    [
        "(0,0), (0,1/3), (0,2/3), (0.5,2/3), (1,1)",
        "(0,2/3), (1,1)",
        "(1,1); (0,2/3); (0,1/3)",
        "log2(1/10) = -3.32",
    ],
)
@pytest.mark.parametrize("marks", ["", " (5/5)", " [2.5/5]"])
def test_points_in_a_list_are_no_marks(answer: str, marks: str):
    """With a decimal comma (0,1/3) would be a tenth of three marks."""
    assert texts(f"## q2.d{marks}\n\n{answer}\n") == {"q2.d": answer}
