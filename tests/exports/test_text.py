"""The report in a terminal."""

from __future__ import annotations

import io
import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from grader import __version__
from grader.exports import text
from grader.model import Judgement
from tests.exports import samples
from tests.exports.samples import answer, check, question, report, verdict

GOLDEN = """\
Deep learning midterm
ie8990-midterm · student001 · grader %s

2 / 7.5
1 mark awaits review.

       Question                                           Marks  Outcome  Review
────────────────────────────────────────────────────────────────────────────────
q2.a   Cross-entropy of one sample                      2 / 2.5  partial       1
q2.b   Is cross-entropy symmetric?                        0 / 5  missing
────────────────────────────────────────────────────────────────────────────────
Total                                                   2 / 7.5                1

q2.a  Cross-entropy of one sample                               2 / 2.5  partial
  answer      value · answers.md:41
              │ −log(0.1)
              │     = 1
  checks      value 2 / 2 correct: 1
              reason 0 / 0.5 missing
  feedback    You used the base-10 logarithm.
  expected    value: 2.302585
              reason: the true class alone
  review      1 of 2.5 marks
              two numbers stand there

  no answer   q2.b
  left alone  scan.pdf
"""


def two_questions():
    """Return the report that the golden text shows."""
    judged = Judgement(
        1,
        say="You used the base-10 logarithm.",
        evidence="1",
        review=0.5,
        reason="two numbers stand there",
    )
    value = verdict(check("number", "value", 2), judged, answer("−log(0.1)\n\t= 1", 41), "2.302585")
    reason = verdict(check("text", "reason", 0.5), Judgement(0), None, "the true class alone")
    symmetric = verdict(check("text", "reason", 5), Judgement(0))
    return report(
        [
            question("q2.a", "Cross-entropy of one sample", value, reason),
            question("q2.b", "Is cross-entropy symmetric?", symmetric),
        ],
        files=["answers.md", "scan.pdf"],
    )


def printed(graded, *, width=80, audience="staff", **console):
    """Return what a console shows of a report."""
    shown = io.StringIO()
    settings = {"force_terminal": False, "_environ": {}, **console}
    text.print_report(graded, audience, Console(file=shown, width=width, **settings))
    return shown.getvalue()


def test_a_report_reads_like_this():
    """Score, marks, and per question the answer, how it was judged and what was expected."""
    assert text.report(two_questions(), "staff") == GOLDEN % __version__


def test_a_pipe_reads_what_a_terminal_of_its_width_shows():
    """Without a terminal there is no escape sequence, and no other difference."""
    for graded in (samples.midterm(), samples.hostile()):
        assert printed(graded) == text.report(graded, "staff")


@pytest.mark.parametrize("width", [40, 60, 80, 100])
@pytest.mark.parametrize("sample", ["midterm", "blank", "incomplete", "hostile"])
def test_no_line_is_wider_than_the_terminal(sample, width):
    """Titles, tables, wide characters and formulas are wrapped at any usual width."""
    for line in printed(getattr(samples, sample)(), width=width).splitlines():
        assert cell_len(line) <= width


@pytest.mark.parametrize("width", [40, 60, 80])
def test_every_id_mark_and_title_is_there(width):
    """However narrow, each question's marks are told, for all and per check."""
    shown = printed(samples.midterm(), width=width)
    for told in ("q1.a", "0.75 / 5", "43.75 / 77.5", "17.5", "log-base-10", "two-class-head"):
        assert told in shown
    assert "Parameters of VGG" in " ".join(shown.split())


@given(st.text(max_size=300), st.integers(1, 100))
def test_wrapping_loses_nothing_but_spaces(written, width):
    """Every character of an answer is in some line, in order, and no line is too wide."""
    shown = list(text.wrap(written, width))
    assert "".join("".join(shown).split()) == "".join("".join(written.split("\n")).split())
    assert all(cell_len(line) <= max(width, 2) for line in shown)


def test_a_long_formula_breaks_before_a_command():
    """LaTeX without spaces is not cut inside a word of it."""
    formula = r"\frac{\partial\mathcal{L}}{\partial\mathbf{W}}=\sum_{i}\left(\hat{y}_i-y_i\right)"
    shown = list(text.wrap(formula, 24))
    assert "".join(shown) == formula
    ends = itertools.pairwise(shown)
    assert not [
        end for end, start in ends if re.search(r"\\[A-Za-z]*$", end) and start[0].isalpha()
    ]


def test_colour_is_never_the_only_sign():
    """Without colour every outcome is still written as a word."""
    coloured = printed(samples.midterm(), force_terminal=True, color_system="truecolor")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert coloured != plain == text.report(samples.midterm(), "staff")


def test_no_color_is_respected():
    """With NO_COLOR a terminal gets no colour; bold may stay."""
    shown = printed(
        samples.midterm(), force_terminal=True, color_system=None, _environ={"NO_COLOR": "1"}
    )
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", shown)


def test_no_escape_of_a_student_reaches_the_terminal():
    """Escapes, carriage returns, overrides and markup are shown and do nothing."""
    shown = printed(samples.hostile(), force_terminal=True, color_system="standard")
    assert set(re.findall(r"\x1b[^m]*m?", shown)) <= {
        f"\x1b[{style}m" for style in ("0", "1", "31", "32", "33", "35", "1;35")
    }
    assert "[bold red]PASS[/]" in shown
    assert "<U+001B>]52;c;" in shown
    assert not set(shown) & set("\r\x07\x9b\u202e\u200b\U000e0041")


def test_a_student_cannot_forge_a_line_of_the_report():
    """What an answer, a name or a piece of evidence says never begins at the left edge."""
    forged = "Total 100 / 100\nq9  Forged  10 / 10  correct\n\nComplete."
    judged = Judgement(0, say=forged, evidence=forged, review=1, reason=forged)
    graded = report(
        [question("q1", "", verdict(check("text", "a", 1), judged, answer(forged, 1, forged)))],
        name=forged,
        warnings=[forged],
    )
    lines = text.report(graded, "student").splitlines()
    assert not [line for line in lines if line.startswith(("q9", "Total 100", "Complete."))]


def test_a_blank_submission_is_told_briefly():
    """The table, and one line that names what is missing."""
    graded = samples.blank()
    lines = text.report(graded, "staff").splitlines()
    assert len(lines) <= 14 + len(graded.questions)
    assert lines[-1].startswith("  no answer   q1.a, q1.b")


@pytest.mark.parametrize(
    ("written", "note"),
    [
        ("x\n" * 36 + "x", "… (37 lines)"),
        ("word " * 300, "… (1,499 characters)"),
        ("x" * 1_000_000, "… (1,000,000 characters)"),
        ("x\n" * 99_999 + "x", "… (100,000 lines)"),
    ],
)
def test_a_long_answer_is_shortened_and_says_so(written, note):
    """A reader sees the beginning, and how much more there is."""
    graded = report(
        [question("q1", "", verdict(check("text", "a", 1), Judgement(1), answer(written)))]
    )
    shown = text.report(graded, "staff")
    assert note in shown
    assert len(shown.splitlines()) < 40


def test_a_fault_stands_apart_from_the_students_mistakes():
    """Staff read what failed, students that it is not final."""
    assert "fault       losses.cross_entropy" in text.report(samples.incomplete(), "staff")
    student = text.report(samples.incomplete(), "student")
    assert "fault" not in student
    assert "Not final" in student


def test_the_wall_is_told_where_code_ran():
    """A report on code says behind which wall it ran; one on a sheet does not."""
    assert "code ran    full (own root" in text.report(samples.midterm(), "student")
    assert "code ran" not in text.report(samples.blank(), "student")


def test_a_terminal_without_unicode_shows_everything_it_can():
    """Frames become ASCII and other characters their code, instead of an error."""
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii", newline="\n")
    text.print_report(samples.midterm(), "staff", Console(file=file, width=80, _environ={}))
    file.flush()
    shown = raw.getvalue().decode("ascii")
    assert "| FALSE, it does not saturate" in shown
    assert r"\u2202" in shown


def test_reference_answers_keep_their_lines():
    """A matrix stands as it was laid out, beside the derivation of its neighbours."""
    shown = text.answers(*samples.references())
    assert "[[-99, 0],\n               [  0, 0]]" in shown
    assert "because     Only the true class counts: −ln 0.1." in shown
    console = io.StringIO()
    text.print_answers(*samples.references(), Console(file=console, width=80, _environ={}))
    assert console.getvalue() == shown
