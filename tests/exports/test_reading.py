"""What one audience may read, whatever the format."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import exports
from grader.exports import _reading
from grader.model import Judgement, Outcome, Place, Recognised, Report
from tests.exports import samples
from tests.exports.samples import answer, check, question, report, verdict

SECRET = "SECRET"

texts = st.text(max_size=60).filter(lambda text: SECRET not in text)
shares = st.sampled_from([0.0, 0.25, 1.0])
places = st.sampled_from(["answers.md", f"/{SECRET}/a.md", f"..\\{SECRET}", f"C:\\{SECRET}\\a.md"])


@st.composite
def guarded_reports(draw: st.DrawFn) -> Report:
    """Return a report whose every staff word is a secret."""
    verdicts = [
        verdict(
            check("text", draw(st.sampled_from(["value", "reason"])), 2),
            Judgement(
                credit=draw(shares),
                say=draw(texts),
                staff=SECRET,
                mistakes=[Recognised("sign", draw(texts), draw(st.booleans()))],
                evidence=draw(texts),
                review=draw(shares),
                reason=draw(st.none() | texts),
            ),
            answer(draw(texts), draw(st.none() | st.integers(1, 9)), draw(places)),
            expected=f"{SECRET}\n{SECRET}",
        )
        for _ in range(draw(st.integers(1, 3)))
    ]
    return report(
        [question(draw(texts), draw(texts), *verdicts)],
        name=f"/home/{SECRET}/student001",
        files=[f"/home/{SECRET}/left.bin"],
        warnings=[f"/home/{SECRET}/answers.md: not UTF-8", f"see ~/{SECRET}/x.md"],
        faults=[f"{SECRET} has raised"],
        sandbox=f"full, in /tmp/{SECRET}/box",
    )


@given(guarded_reports())
def test_a_student_reads_no_expected_value_and_no_staff_note(guarded):
    """Expected values, staff notes, faults and outside paths are in no format for students."""
    for name in ("html", "json", "markdown", "text"):
        assert SECRET not in exports.load(name).report(guarded, "student")


@given(guarded_reports())
def test_staff_read_all_of_it(guarded):
    """The same words are there for staff, so their absence above is no accident."""
    for name in ("html", "json", "markdown", "text"):
        written = exports.load(name).report(guarded, "staff")
        assert f"{SECRET} has raised" in written
        assert written.count(SECRET) >= 3


@given(guarded_reports())
def test_both_audiences_at_once_read_what_each_reads_alone(guarded):
    """What is made once for students and staff is the same as what is made for either."""
    audiences: list[exports.Audience] = ["student", "staff"]
    readings = _reading.each(guarded, audiences)
    for name in ("html", "json", "markdown", "text"):
        format = exports.load(name)
        alone = [format.report(guarded, audience) for audience in audiences]
        assert format.render(readings) == alone
        assert format.render(readings[::-1]) == alone[::-1]


@pytest.mark.parametrize(
    ("points", "written"),
    [
        (61.5, "61.5"),
        (10.0, "10"),
        (100.0, "100"),
        (2.5, "2.5"),
        (0.0, "0"),
        (-0.0, "0"),
        (-0.001, "0"),
        (1 / 3, "0.33"),
        (2.0000001, "2"),
        (0.1 + 0.2, "0.3"),
    ],
)
def test_marks_have_no_trailing_zeros(points, written):
    """Marks are written as a teacher writes them: two decimals at most."""
    assert _reading.marks(points) == written


@pytest.mark.parametrize(
    ("file", "inside"),
    [
        ("answers.md", True),
        ("week 1/answers.md", True),
        ("..answers.md", True),
        ("-", True),
        ("/srv/answers.md", False),
        ("../other/answers.md", False),
        ("a/../../b", False),
        ("~/answers.md", False),
        ("C:\\x\\answers.md", False),
        ("C:answers.md", False),
        ("\\\\host\\share\\a.md", False),
        ("..\\a.md", False),
    ],
)
def test_a_student_sees_only_places_in_the_submission(file, inside):
    """A place outside the folder that was handed in is not told, as any system writes it."""
    graded = report(
        [question("q1", "", verdict(check("text", "a", 1), Judgement(1), answer("x", 3, file)))]
    )
    where = _reading.of(graded, "student").questions[0].where
    assert where == (Place(file, 3) if inside else None)
    assert _reading.of(graded, "staff").questions[0].where == Place(file, 3)


@pytest.mark.parametrize(
    ("warning", "told"),
    [
        ("/srv/a/b/answers.md: not UTF-8", "answers.md: not UTF-8"),
        ("cannot read C:\\class\\s1\\a.md", "cannot read a.md"),
        ("cannot read '../s2/a.md'", "cannot read 'a.md'"),
        ("week1/answers.md:3: unknown id q9/a", "week1/answers.md:3: unknown id q9/a"),
        ("dL/dW, (a)/(b)/c and 1 / 2 / 3 km/h", "dL/dW, (a)/(b)/c and 1 / 2 / 3 km/h"),
    ],
)
def test_a_warning_names_no_folder_of_the_machine(warning, told):
    """A student reads the file's name without the folders above it; quotients stay whole."""
    assert _reading.of(report([], warnings=[warning]), "student").warnings == (told,)
    assert _reading.of(report([], warnings=[warning]), "staff").warnings == (warning,)


def test_one_text_read_for_several_fields_is_shown_once():
    """A verdict and a reason taken from one sentence do not repeat the sentence."""
    passages = _reading.of(samples.midterm(), "staff").questions[0].passages
    assert [passage.label for passage in passages] == [""]


def test_fields_that_stood_apart_are_told_apart():
    """Each field has its own text and place."""
    [question_read] = [
        got for got in _reading.of(samples.midterm(), "staff").questions if got.id == "q6"
    ]
    assert [(got.label, got.place) for got in question_read.passages] == [
        ("A", Place("answers.md", 120)),
        ("B", Place("answers.md", 121)),
    ]


def test_checks_of_one_field_are_told_apart_by_their_kind():
    """A value and its working, both read from the field `value`, have different labels."""
    both = [
        verdict(check(kind, "value", 1), Judgement(1), answer("1"), expected=kind)
        for kind in ("number", "text")
    ]
    [asked] = _reading.of(report([question("q1", "", *both)]), "staff").questions
    assert [got.label for got in asked.checks] == ["value (number)", "value (text)"]
    assert [got.label for got in asked.expected] == ["value (number)", "value (text)"]


def test_a_mistake_found_twice_is_named_once():
    """The charged one is told where a mistake was recognised twice."""
    twice = [
        verdict(
            check("number", name, 1),
            Judgement(0, mistakes=[Recognised("sign", "The sign.", charged)]),
            answer("1"),
        )
        for name, charged in (("a", False), ("b", True))
    ]
    [asked] = _reading.of(report([question("q1", "", *twice)]), "staff").questions
    assert asked.mistakes == (Recognised("sign", "The sign.", True),)


def test_a_missing_field_of_several_is_told_by_its_outcome_alone():
    """`No answer was found` is feedback for a blank question, not beside an answered field."""
    blank = Judgement(0, say="No answer was found.")
    half = [
        verdict(check("array", "A", 1), Judgement(1, say="Right."), answer("1")),
        verdict(check("array", "B", 1), blank),
    ]
    asked, whole = _reading.of(
        report([question("q6", "", *half), question("q7", "", half[1])]), "student"
    ).questions
    assert asked.feedback == ("Right.",)
    assert whole.feedback == ("No answer was found.",)


def test_marks_awaiting_review_are_weighed_by_the_points_of_the_check():
    """Half of a check worth 3 and all of one worth 2 are 3.5 marks."""
    [asked] = _reading.of(
        report(
            [
                question(
                    "q1",
                    "",
                    verdict(check("text", "a", 3), Judgement(1, review=0.5), answer("x")),
                    verdict(check("text", "b", 2), Judgement(1, review=1), answer("y")),
                    verdict(check("text", "c", 9), Judgement(1, reason="unused"), answer("z")),
                )
            ]
        ),
        "staff",
    ).questions
    assert asked.review_points == 3.5
    assert asked.reasons == ()


def test_a_fault_of_ours_is_not_shown_as_a_zero():
    """An ungraded question has a dash for its marks, and the score is called not final."""
    reading = _reading.of(samples.incomplete(), "student")
    [ungraded] = [got for got in reading.questions if got.outcome is Outcome.UNGRADED]
    assert ungraded.marks == "– / 5"
    assert reading.status[0].startswith("Not final")


def test_a_file_that_was_read_is_not_listed_as_left_alone():
    """Only the files from which nothing was taken are left alone."""
    assert _reading.of(samples.midterm(), "staff").left_alone == ("scan.pdf", "notes/draft.docx")


def test_a_thousand_files_are_counted_not_listed():
    """A submission full of files does not fill the report."""
    left_alone = _reading.of(samples.hostile(), "staff").left_alone
    assert len(left_alone) == _reading.LISTED + 1
    assert left_alone[-1] == "and 970 more"


def test_a_name_cannot_forge_a_line():
    """A line end in a file's name is made visible."""
    assert _reading.one_line("a\nb\tc\rd\x1b[0m") == "a<U+000A>b<U+0009>c<U+000D>d<U+001B>[0m"


@given(st.text())
def test_what_is_shown_is_safe_and_bounded(text):
    """No control character, no half of a pair and no more than asked for is left."""
    shown = _reading.safe(text, 20)
    assert all(char.isprintable() or char in "\n\t" or char.isspace() for char in shown)
    assert not any(char in shown for char in "\x1b\r\x0b\x0c\x85\u2028\u2029")
    assert len(shown) <= 20 * len("<U+10FFFF>") + 1


def test_a_long_answer_says_how_long_it_is():
    """The first page is shown, and the number of lines or characters of the whole."""
    [_, flood, lines] = _reading.of(samples.hostile(), "staff").questions
    assert [flood.passages[0].size, lines.passages[0].size] == [
        "1,000,000 characters",
        "200,000 lines",
    ]
    assert len(flood.passages[0].text) == _reading.ANSWER_CHARACTERS
