"""A verdict is found in whatever words people give it, and its contradictions are noticed."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import ReferenceFault, Unreadable
from grader.kinds import Case, choice
from grader.model import Answer, Check, Judgement, Mistake, Place, Question

FALSE = {"expect": False}
W2 = {"of": ["W1", "W2"], "expect": "W2"}
SYMMETRIC = {
    "expect": False,
    "words": {True: ["symmetric", "the same"], False: ["asymmetric", "not the same"]},
}
REASON = Check(
    "text",
    "reason",
    3,
    {"criteria": [{"id": "dead", "points": 1, "say": "Say what.", "any": ["dead unit"]}]},
)


def asked(options: Mapping[str, Any], *more: Check, mistakes: Sequence[Mistake] = ()) -> Question:
    check = Check("choice", "verdict", 2, options, mistakes=tuple(mistakes))
    return Question("q", "Q", "?", 2, (check, *more))


def read(value: Any, question: Question) -> choice.Got | None:
    answer = Answer(value, value if isinstance(value, str) else "", Place("a.md", 1))
    return choice.read(answer, question.checks[0], question)


def option(value: Any, options: Mapping[str, Any]) -> tuple[str | None, bool]:
    """Return the option that is read, and whether it is in doubt."""
    got = read(value, asked(options))
    assert got is not None, "blank"
    return got.option, got.doubt is not None


def judged(value: Any, question: Question, **others: Any) -> Judgement:
    got = read(value, question)
    assert got is not None, "blank"
    check = question.checks[0]
    want = choice.expect(check, question, lambda name, arguments: name)
    found = {("text", name): text for name, text in others.items()}
    return choice.judge(got, want, Case(check, question, others=found))


@pytest.mark.parametrize(
    "text",
    [
        "False", "FALSE", "false.", "F", "f", "F.", "No", "no.", "n", "nope", "Not true", "untrue",
        "incorrect", "wrong", "falsch", "faux", "错误", "Flase", "✗", "✘", "❌", "×", "0",
        "FALSE, because the slope is one", "F - the slope is one", "false,because", "FALSE.The",
        "No, since the labels are correct", "no because it is", "No it does not", "No - true story",
        "(b) False", "a. FALSE, it does", "2. No", "Q1b: False", "Q1(b) FALSE", "Answer: False",
        "Answer (b): False", "Ans. F", "My answer is no", "verdict: false\nreason: true gradients",
        "T/F: F", "True or False? False", "True/False: false", "~~True~~ False", "~~T~~ F",
        "[ ] True [x] False", "☐ True ☑ False", "( ) True (x) False", "- [x] False\n- [ ] True",
        "I think it is false", "I'd say no; more data is no remedy.", "I would say this is false.",
        "This is not correct", "The statement is incorrect.", "The claim is not entirely correct.",
        "Not necessarily true", "not really", "Absolutely not.", "Of course not", "isn't true",
        "I don't think it is true", "I do not agree", "I disagree with the statement", "Disagree.",
        "It is not the case that it's true.", "That is not the case.", "This is a false statement.",
        "It's not a correct approach.", "He is wrong.", "No, he's wrong", "Statement (c) is false",
        "It is true that it regularises, but it is no dropout, so FALSE.",
        "The slope is 1 for positive inputs so it is false.", "It does not saturate -> FALSE",
        "The slope is 1.\nFalse.", "The accuracy is below chance. Therefore false.",
        "**False**", "*False*", "__False__", "`false`", "'false'", '"False"', "<b>False</b>",
        r"\text{False}", r"$\textbf{FALSE}$", "> False", "False — it's not true.",
        "False. This is true for the sigmoid, but not here.", "False, true labels are needed",
        "FALSE: The correct statement is that it tells real from fake.",
        "False. If the statement were true, dropout would be useless.",
        "No, because of the table:\n\nTRUE LABEL\tPREDICTED\n1\t0.5",
        "False because it is true only at 0",
    ],
)  # fmt: skip
def test_false_is_said_in_many_ways(text: str):
    """Letters, words, marks, boxes, denials and conclusions all say false, beyond doubt."""
    assert option(text, FALSE) == ("false", False)


@pytest.mark.parametrize(
    "text",
    [
        "True", "TRUE", "T", "yes", "Yes.", "y", "correct", "It's correct", "I agree",
        "✓", "1",
        "not false", "not wrong", "Yes, this is moving in the right direction", "wahr", "right",
        "TRUE, for two classes it should be around 50 %. It is below, so the model is in error.",
        "True: if the label is wrong, it fails", "Yes - no problem here",
        "The approach is correct.",
        "Yes, but the wrong learning rate would ruin it",
    ],
)  # fmt: skip
def test_true_is_said_in_many_ways(text: str):
    """The same for true: a later word of the reason does not turn it round."""
    assert option(text, FALSE) == ("true", False)


@pytest.mark.parametrize(
    "text",
    [
        "True because it is flat, so the statement is false", "True. FALSE.", "Yes, it is false",
        "True for the sigmoid, false for others", "True and false", "Both true and false",
        "Partially true", "sometimes true", "maybe true", "True but not always", "yes and no",
        "It depends", "both", "because it has slope one", "True positives are counted",
        "No reason to believe", "The gradient vanishes in deep networks",
    ],
)  # fmt: skip
def test_no_clear_verdict_goes_to_a_person(text: str):
    """Contradictions, hedges and bare reasons are proposed, and flagged with why."""
    judgement = judged(text, asked(FALSE))
    assert judgement.review == 1.0
    assert judgement.reason


def test_a_reason_without_a_verdict_is_told_what_is_missing():
    """Where no verdict is found, the student is told to give one."""
    judgement = judged("because it has slope one", asked(FALSE))
    assert judgement.credit == 0.0
    assert judgement.say == "No verdict was found: begin with True or False."


@pytest.mark.parametrize("text", ["", "  ", "?", "-", "I don't know", "idk", "no idea", "n/a"])
def test_a_blank_answer_says_nothing(text: str):
    """What is there but says nothing is no verdict, also where it begins with no."""
    assert read(text, asked(FALSE)) is None


# --- named options ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "W2", "w2", "W_2", "$W_2$", "W₂", "$W^{(2)}$", "W^2", "W 2", "W[2]", r"\mathbf{W}_2",
        "W2.", "weights W2", "the second one", "The second", "The latter", "Not W1", "answer: W2",
        "option 2", "W2, because it does not saturate while W1 does", "I think W2 rather than W1",
        "The gradient of W2 is larger", "It is easier to train W2 than W1.", "W2 > W1",
        "Compared to W1, W2 trains faster", "It does not saturate, so W2 learns better",
        "since it saturates in W1, W2 gets larger gradients", "$\\mathbf{W}_{2}$ is easier",
        "W2, W1's gradient vanishes",
    ],
)  # fmt: skip
def test_a_named_option_is_known_in_any_dress(text: str):
    """Indices, superscripts, fonts, ordinals and denials of the other name an option."""
    assert option(text, W2) == ("W2", False)


@pytest.mark.parametrize("text", ["W1 and W2", "both", "neither", "W1 learns slower than W2", "it"])
def test_an_unclear_option_goes_to_a_person(text: str):
    """Two names, none, or a comparison the other way round are flagged."""
    assert option(text, W2)[1]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("B", "B"), ("b", "B"), ("(b)", "B"), ("b)", "B"), ("B.", "B"), ("Option B", "B"),
        ("answer: b", "B"), ("The answer is B", "B"), ("B because A larger network helps", "B"),
        ("A", "A"), ("A.", "A"), ("(a)", "A"), ("C, since b is too small", "C"),
    ],
)  # fmt: skip
def test_a_letter_is_an_option_and_not_an_article(text: str, found: str):
    """Of several letters the one that stands as an answer counts."""
    assert option(text, {"of": ["A", "B", "C"], "expect": "B"})[0] == found


@pytest.mark.parametrize(
    "text",
    [
        "Cross-entropy is not symmetric", "it is asymmetric", "We will not get the same value",
        "No, not symmetric", "It isn't symmetric, since the roles differ",
        "Asymmetric: to be symmetric it would need H(p,q) = H(q,p)",
    ],
)  # fmt: skip
def test_the_rubric_may_add_words(text: str):
    """A verdict given in the question's own words counts, denied or not."""
    assert option(text, SYMMETRIC)[0] == "false"


# --- judging ---------------------------------------------------------------------------------


def test_a_wrong_verdict_earns_nothing_and_reveals_nothing_more():
    """The wrong option gets no credit."""
    judgement = judged("True", asked(FALSE))
    assert (judgement.credit, judgement.say) == (0.0, "The verdict is not right.")


def test_an_option_may_show_a_mistake():
    """A wrong option that the rubric names is told in its words."""
    slip = Mistake("cheapness", "Cheap is not fast.", 0.25, {"value": "W1"})
    judgement = judged("W1", asked(W2, mistakes=[slip]))
    assert (judgement.credit, judgement.say) == (0.25, "Cheap is not fast.")


def test_another_verdict_is_right_for_a_recognised_reason():
    """Where the text gives the reason for it, the other verdict counts in full."""
    from grader.kinds import text

    question = asked({**FALSE, "accept": [{"value": True, "when": "dead"}]}, REASON)
    for reason, credit in (("There are dead units.", 1.0), ("It just is.", 0.0)):
        answer = Answer(reason, reason, Place("a.md", 2))
        judgement = judged("True", question, reason=text.read(answer, REASON, question))
        assert judgement.credit == credit
        assert judgement.review == 1.0 - credit
    assert judged("False", question).credit == 1.0


def test_without_the_reason_the_other_verdict_is_wrong():
    """No text, no exception: the verdict is proposed as wrong, and a person looks."""
    question = asked({**FALSE, "accept": [{"value": True, "when": "dead"}]}, REASON)
    judgement = judged("True", question)
    assert (judgement.credit, judgement.review) == (0.0, 1.0)


@pytest.mark.parametrize("value", [False, "false", "no", "No", np.bool_(False)])
def test_a_rubric_may_write_false_as_it_likes(value: Any):
    """YAML's yes, no, true and false are options by the same name."""
    question = asked({"expect": value})
    assert choice.expect(question.checks[0], question, lambda name, arguments: None) == "false"


def test_a_reference_may_choose():
    """An expected option of the form topic.function is asked of the reference."""
    question = asked({"of": ["W1", "W2"], "expect": "t.larger"})
    assert choice.expect(question.checks[0], question, lambda name, arguments: "W2") == "W2"


def test_an_expected_option_that_is_none_is_a_fault_of_ours():
    """A rubric that expects what cannot be chosen is reported, not graded."""
    question = asked({"of": ["W1", "W2"], "expect": "W3"})
    with pytest.raises(ReferenceFault, match="W3"):
        choice.expect(question.checks[0], question, lambda name, arguments: None)


@pytest.mark.parametrize("options", [FALSE, {"expect": True}, W2, SYMMETRIC], ids=str)
def test_the_right_answer_as_shown_is_right(options: Mapping[str, Any]):
    """What staff read as the right answer gets full marks when it is handed in."""
    question = asked(options)
    want = choice.expect(question.checks[0], question, lambda name, arguments: None)
    assert judged(choice.show(want), question).credit == 1.0


@pytest.mark.parametrize("value", [True, "x" * 1_000_000, ["No"], {"verdict": "no"}, {"a": {}}, 3])
def test_odd_values_of_a_sheet_are_read_or_refused(value: Any):
    """Booleans, lists, mappings and endless texts end in a verdict, blank or one sentence."""
    try:
        got = read(value, asked(FALSE))
    except Unreadable as trouble:
        got = choice.Got(None, trouble.message)
    assert got is None or isinstance(got, choice.Got)


WORDS = (
    "true false not no yes because so it is the statement . , ; : \n and isn't W1 W2 > than TRUE"
)


@given(st.lists(st.sampled_from(WORDS.split(" ")), max_size=20) | st.text(max_size=40))
def test_no_text_breaks_the_reading(words: list[str] | str):
    """Any jumble of words is read as an option, as none, or as blank."""
    text = words if isinstance(words, str) else " ".join(words)
    for options in (FALSE, W2, SYMMETRIC):
        got = read(text, asked(options))
        assert got is None or got.option in (None, *options.get("of", ("true", "false")))


@given(st.sampled_from(["True", "False"]), st.integers(0, 4))
def test_every_negation_turns_it_round(word: str, times: int):
    """Two denials cancel, three do not."""
    denied = (word == "True") != (times % 2 == 1)
    text = "It is " + "not " * times + word.lower()
    assert option(text, FALSE)[0] == ("true" if denied else "false")


def test_the_example_is_true():
    """The kind's own example holds: its right answers are right, the wrong ones are not."""
    question = asked(choice.EXAMPLE["question"]["checks"][0]["choice"])
    for text in choice.EXAMPLE["right"]:
        assert judged(text, question).credit == 1.0, text
    for text in choice.EXAMPLE["wrong"]:
        assert judged(text, question).credit < 1.0, text


# --- yes and no, corrections ------------------------------------------------------------------

YES_NO = {"of": ["Yes", "No"], "expect": False}


@pytest.mark.parametrize("text", ["No", "no.", "Nope, since", "N", "not really", "false", "нет"])
def test_yes_and_no_may_be_the_names_of_the_options(text: str):
    """They are read as people write them, and shown as they are named."""
    assert option(text, YES_NO) == ("No", False)
    assert judged(text, asked(YES_NO)).credit == 1
    assert choice.show("No") == "No"


def test_the_feedback_names_yes_and_no():
    """Not true and false, where the question asks for the others."""
    say = judged("purple", asked(YES_NO)).say
    assert "Yes or No" in say


def test_a_reference_may_answer_yes_or_no():
    """A boolean is the option that affirms or denies."""
    question = asked({"of": ["no", "yes"], "expect": "t.is_convex"})
    assert choice.expect(question.checks[0], question, lambda name, arguments: True) == "yes"


@pytest.mark.parametrize(
    "text",
    [
        "True -> False", "T. EDIT: F", "I say true... no wait, false", "Sorry, I meant false",
        "True, oops: false", "T → F", "True. Correction: it is false", "true; scratch that, false",
    ],
)  # fmt: skip
def test_a_corrected_verdict_is_the_last(text: str):
    """And there is no doubt about it."""
    assert option(text, FALSE) == ("false", False)


@pytest.mark.parametrize(
    "text",
    [
        "False. Sorry for my hand, the rest is true to the lecture",
        "False. x -> true positives rise",
        "False, since more data -> less variance",
    ],
)
def test_not_every_arrow_or_apology_corrects(text: str):
    """What follows has to be a verdict, and an arrow to stand between two."""
    assert option(text, FALSE)[0] == "false"


@pytest.mark.parametrize("text", ["non-symmetric", "It is non symmetric", "not symmetric"])
def test_a_denied_word_of_the_rubric_is_the_other_option(text: str):
    """`non-symmetric` is not symmetric."""
    assert option(text, SYMMETRIC)[0] == "false"


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Неверно, потому что", "false"), ("Нет", "false"), ("да", "true"), ("Верно", "true"),
        ("sí", "true"), ("Correcto", "true"), ("incorrecto", "false"), ("真", "true"),
        ("偽", "false"), ("fales", "false"),
    ],
)  # fmt: skip
def test_verdicts_have_words_in_more_languages(text: str, want: str):
    """As students write around a lecture in English."""
    assert option(text, FALSE) == (want, False)


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("W1 is slower: its gradient vanishes. So W2.", "W2"),
        ("W1 learns slowly since the sigmoid saturates. Therefore W2.", "W2"),
        ("W1 gets small gradients, hence W2 is trained better.", "W2"),
        ("$W_1$ saturates. Conclusion: $W_2$", "W2"),
        ("So W2 at first sight, but it dies; thus W1.", "W1"),
        ("W2 is slower: so W1.", "W1"),
        ("W2, so W1 is slower.", "W2"),
        ("W2. Hence W1 gets weaker gradients.", "W2"),
    ],
)
def test_a_conclusion_counts_more_than_what_is_said_before(text, option):
    """An answer may speak of the other option first; what follows from that is the verdict."""
    asked = Check("choice", "choice", 2, options={"of": ["W1", "W2"], "expect": "W2"})
    got = choice.read(Answer(text, text, Place("a.md", 1)), asked, None)
    assert (got.option, got.doubt) == (option, None)


TEST = {"of": ["two-sample", "paired"], "expect": "two-sample"}
GROWTH = {"of": ["linear", "quadratic", "exponential", "linear in pieces"], "expect": "quadratic"}


@pytest.mark.parametrize(
    ("text", "options", "found"),
    [
        ("two-sample", TEST, "two-sample"),
        ("two-sample t-test", TEST, "two-sample"),
        ("The two sample test, since no one is in both groups", TEST, "two-sample"),
        ("Two-Sample Welch test", TEST, "two-sample"),
        ("paired t-test", TEST, "paired"),
        ("the two-sample one, not the paired one", TEST, "two-sample"),
        ("quadratically", GROWTH, "quadratic"),
        ("The cost grows quadratically in the length", GROWTH, "quadratic"),
        ("Quadratic growth", GROWTH, "quadratic"),
        ("exponentially!", GROWTH, "exponential"),
        ("It rises linearly", GROWTH, "linear"),
        ("quadratically, not linearly", GROWTH, "quadratic"),
        ("linear in pieces", GROWTH, "linear in pieces"),
        ("quadratic, though at first it rises linearly", GROWTH, "quadratic"),
    ],
)
def test_an_option_may_go_on(text: str, options: Mapping[str, Any], found: str):
    """A noun after it, an ending for the verb, a space for the hyphen: it is the same option."""
    assert option(text, options) == (found, False)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("not quadratically", GROWTH),
        ("sub-linear", GROWTH),
        ("it grows super-linearly", GROWTH),
        ("nonlinear", GROWTH),
        ("linearly or quadratically", GROWTH),
        ("really", {"of": ["real", "complex"], "expect": "real"}),
        ("It generally grows", {"of": ["general", "special"], "expect": "general"}),
        ("unpaired", TEST),
    ],
)
def test_a_word_made_of_an_option_may_be_another(text: str, options: Mapping[str, Any]):
    """What no one can be sure of goes to a person."""
    assert option(text, options)[1]


@pytest.mark.parametrize(
    "text",
    [
        "W1 is not better", "W1 isn't the better one", "W1 is not as good", "W_1 is worse",
        "W1 would not be preferred by the penalty", "W1 cannot be better", "W1 is a bad choice",
        "W1 does not look like the right choice", "W1 is never the best", "W1 is no better",
    ],
)  # fmt: skip
def test_an_option_that_is_spoken_against_goes_to_a_person(text: str):
    """Who says only what is not better may mean the other one, and has not said so."""
    assert option(text, W2)[1]
    assert option(text.replace("1", "2"), W2)[1]


@pytest.mark.parametrize(
    "text",
    [
        "W2", "W2 is better", "W2 is better, not W1", "W2 is better because W1 is not as good",
        "W2, which is not large", "W2 since the other is worse", "W2: no entry is large",
        "W2 is the better one and it does not matter how the inputs are scaled",
        "W2 does not rest on one input, so it is preferred", "not W1",
    ],
)  # fmt: skip
def test_a_reason_with_a_negation_leaves_an_option_as_it_is(text: str):
    """Only what is said of the option itself, and of its being better, makes it doubtful."""
    assert option(text, W2) == ("W2", False)
