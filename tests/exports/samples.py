"""Graded submissions made by hand: a realistic midterm, a blank one and a hostile one."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model import (
    Answer,
    Check,
    Judgement,
    Outcome,
    Part,
    Place,
    Question,
    QuestionReport,
    Recognised,
    ReferenceAnswer,
    Report,
    Rubric,
    Submission,
    Verdict,
)

VGG = """\
Layer (type)                 Output Shape              Param #
conv2d (Conv2D)              (None, 224, 224, 64)      1792
conv2d_1 (Conv2D)            (None, 224, 224, 64)      36928
max_pooling2d                (None, 112, 112, 64)      0
conv2d_2 (Conv2D)            (None, 112, 112, 128)     73856
conv2d_3 (Conv2D)            (None, 112, 112, 128)     147584
max_pooling2d_1              (None, 56, 56, 128)       0
conv2d_4 (Conv2D)            (None, 56, 56, 256)       295168
conv2d_5 (Conv2D)            (None, 56, 56, 256)       590080
conv2d_6 (Conv2D)            (None, 56, 56, 256)       590080
max_pooling2d_2              (None, 28, 28, 256)       0
conv2d_7 (Conv2D)            (None, 28, 28, 512)       1180160
conv2d_8 (Conv2D)            (None, 28, 28, 512)       2359808
conv2d_9 (Conv2D)            (None, 28, 28, 512)       2359808
max_pooling2d_3              (None, 14, 14, 512)       0
conv2d_10 (Conv2D)           (None, 14, 14, 512)       2359808
conv2d_11 (Conv2D)           (None, 14, 14, 512)       2359808
conv2d_12 (Conv2D)           (None, 14, 14, 512)       2359808
flatten (Flatten)            (None, 25088)             0
dense (Dense)                (None, 4096)              102764544
dense_1 (Dense)              (None, 4096)              16781312
dense_2 (Dense)              (None, 2)                 8194
Total params: 134,268,738"""

HOSTILE = (
    "[/foo] [bold red]PASS[/] [link=file:///etc/passwd]x[/link]\n"
    "\x1b[2J\x1b]52;c;ZXZpbA==\x07\x1b]8;;http://tracker.example\x1b\\here\r"
    "overwritten \x9b31m\n"
    "right \u202eto\u202c left, zero\u200bwidth, tag \U000e0041, lone \ud800 \udfff\n"
    "</pre></td></style><script>window.pwned = 1</script>"
    '<img src="http://tracker.example/a.png" onerror="window.pwned = 2">\n'
    "```\n# heading\n````html\n<b>bold</b>\n~~~\n| a | b |\n|---|---|\n"
    "![x](http://tracker.example/b.png) [y](javascript:alert(1)) <http://tracker.example>\n"
    r"$\href{javascript:alert(1)}{x}$ $\text{<script>window.pwned = 3</script>}$ {{ 7 * 7 }}"
)
"""What a student might send to the reader's terminal, browser or Markdown viewer."""


WHERE = "answers.md"

RUBRIC_TITLE = "Deep learning midterm"

CORRECT, PARTIAL, WRONG = Outcome.CORRECT, Outcome.PARTIAL, Outcome.WRONG


def check(kind: str, field: str, points: float) -> Check:
    """Return a check without options; no report looks at them."""
    return Check(kind, field, points, options={})


def answer(text: str, line: int | None = 1, file: str = WHERE) -> Answer:
    """Return an answer that stood in `file` at `line`."""
    return Answer(value=text, text=text, place=Place(file, line))


def verdict(
    asked: Check, judgement: Judgement, got: Answer | None = None, expected: str = ""
) -> Verdict:
    """Return a check's share of the report, scored as its judgement says."""
    return Verdict(
        check=asked,
        outcome=_outcome(judgement, got),
        score=judgement.credit * asked.points,
        judgement=judgement,
        answer=got,
        expected=expected,
    )


def question(
    id: str, title: str, *verdicts: Verdict, outcome: Outcome | None = None
) -> QuestionReport:
    """Return a question's share of the report, worth what its checks are worth."""
    points = sum(got.check.points for got in verdicts)
    score = sum(got.score for got in verdicts)
    asked = Question(id, title, "", points, [got.check for got in verdicts])
    outcomes = {got.outcome for got in verdicts}
    told = outcomes.pop() if len(outcomes) == 1 else (PARTIAL if score else WRONG)
    return QuestionReport(asked, outcome or told, score, verdicts)


def report(
    questions: Sequence[QuestionReport],
    *,
    name: str = "student001",
    title: str = RUBRIC_TITLE,
    files: Sequence[str] = (),
    warnings: Sequence[str] = (),
    faults: Sequence[str] = (),
    sandbox: str = "none needed",
) -> Report:
    """Return a report of `questions`."""
    asked = [got.question for got in questions]
    rubric = Rubric("ie8990-midterm", title, asked, "rubrics/ie8990-midterm.yaml", "7f3a91")
    places = [got.answer for part in questions for got in part.verdicts if got.answer is not None]
    parts = {str(number): Part(body=got) for number, got in enumerate(places)}
    submission = Submission(name, parts, files=files, digest="b81c04")
    return Report(rubric, submission, questions, warnings, faults, sandbox)


def _outcome(judgement: Judgement, got: Answer | None) -> Outcome:
    if got is None:
        return Outcome.MISSING
    return CORRECT if judgement.credit == 1 else PARTIAL if judgement.credit else WRONG


def _argued(
    id: str, title: str, text: str, line: int, credits: tuple[float, float]
) -> QuestionReport:
    """Return a true-or-false question, its verdict and reason read from one text."""
    got = answer(text, line)
    sure = credits == (1, 1)
    return question(
        id,
        title,
        verdict(
            check("choice", "verdict", 2),
            Judgement(credits[0], evidence=f"read as {text.split(',')[0].upper()}"),
            got,
            "FALSE",
        ),
        verdict(
            check("text", "reason", 3),
            Judgement(
                credits[1],
                say="" if sure else "The reason does not say why the layers keep their gradient.",
                evidence="found: “gradient”, “saturate”" if sure else "found: “gradient”",
                review=0.0 if sure else 1.0,
                reason=None if sure else "a reason in free text, partly recognised",
            ),
            got,
            "the derivative is 1 for z > 0 [2]; contrast with the sigmoid [1]",
        ),
    )


def midterm() -> Report:
    """Return a typical midterm: most outcomes, several kinds, some marks awaiting review."""
    return report(
        [
            _argued(
                "q1.a",
                "ReLU and the vanishing gradient",
                "FALSE, it does not saturate, so the gradient is passed on unchanged.",
                7,
                (1, 1),
            ),
            _argued(
                "q1.b",
                "Low test accuracy and overfitting",
                "true, because below 50 % the gradient must have gone wrong in training somewhere",
                11,
                (0, 0.25),
            ),
            _argued("q1.c", "Batch normalisation and dropout", "FALSE, not the same", 15, (1, 0.5)),
            question(
                "q1.d",
                "What the discriminator decides",
                verdict(check("choice", "verdict", 5), Judgement(0)),
            ),
            _base_ten(),
            question(
                "q2.b",
                "Is cross-entropy symmetric?",
                verdict(
                    check("choice", "verdict", 1),
                    Judgement(1, evidence="read as NO"),
                    answer("No", 52),
                    "no",
                ),
                verdict(
                    check("text", "reason", 1.5),
                    Judgement(0, review=1, reason="a reason in free text"),
                    answer("Because log 0 shows up: 交叉熵不是对称的，因为对数的自变量为零。", 53),
                    "H(ŷ, y) takes the logarithm of zero",
                ),
            ),
            _carried_forward(),
            _unreadable(),
            _quadratic(),
            _vgg(),
            _gradient(),
        ],
        files=["answers.md", "scan.pdf", "notes/draft.docx"],
        warnings=["answers.md: not UTF-8, read as Windows-1252"],
        sandbox="full (own root, Landlock 7, seccomp); 20 s, 1 GB",
    )


def _base_ten() -> QuestionReport:
    say = "You used the base-10 logarithm; cross-entropy is in nats unless the base is stated."
    return question(
        "q2.a",
        "Cross-entropy of one sample",
        verdict(
            check("number", "value", 2.5),
            Judgement(
                0.8,
                say=say,
                staff="-log10(0.1) = 1 exactly",
                mistakes=[Recognised("log-base-10", say)],
                evidence="1, from the last line of the table",
            ),
            answer("TRUE LABEL  PREDICTED  COMBINED\n1  log(.1)  -1\nNegative SUM: 1", 41),
            "2.302585",
        ),
    )


def _carried_forward() -> QuestionReport:
    return question(
        "q2.c",
        "The better estimate",
        verdict(
            check("number", "value", 2.5),
            Judgement(
                1,
                mistakes=[Recognised("log-base-10", "The base-10 logarithm again.", charged=False)],
                evidence="0.2218",
            ),
            answer("$-\\log(0.6) = 0.2218$", 60),
            "0.510826",
        ),
    )


def _unreadable() -> QuestionReport:
    return question(
        "q3",
        "More training samples",
        verdict(
            check("formula", "text", 10),
            Judgement(
                0,
                say="A bracket is not closed:\n    (a + b\n    ^",
                review=1,
                reason="an answer that could not be understood",
            ),
            answer("(a + b", 66),
            "a + b",
        ),
        outcome=Outcome.UNREADABLE,
    )


def _quadratic() -> QuestionReport:
    return question(
        "q6",
        "Quadratic form",
        verdict(
            check("array", "A", 5),
            Judgement(
                0.4,
                say="The entry A₁₁ is that of the Hessian.",
                mistakes=[
                    Recognised(
                        "hessian-convention",
                        "A holds the second derivatives, twice the quadratic form.",
                    )
                ],
                evidence="a 2 × 2 matrix",
            ),
            answer(r"A = \begin{bmatrix} -198 & 0 \\ 0 & 0 \end{bmatrix}", 120),
            "[[-99, 0],\n [  0, 0]]",
        ),
        verdict(
            check("array", "B", 3),
            Judgement(1, evidence="a vector of 2"),
            answer(r"B = \begin{bmatrix} -2 \\ 100 \end{bmatrix}", 121),
            "[-2, 100]",
        ),
        verdict(check("array", "c", 2), Judgement(0), None, "1"),
    )


def _vgg() -> QuestionReport:
    return question(
        "q5",
        "Parameters of VGG, column D",
        verdict(
            check("table", "table", 20),
            Judgement(
                0.9,
                say="The last layer has two outputs here; the network has 1000 classes.",
                staff="13 of 13 convolutions right",
                mistakes=[
                    Recognised(
                        "two-class-head",
                        "The last layer has two outputs here; the network has 1000 classes.",
                    )
                ],
                evidence="21 rows, matched by name",
            ),
            answer(VGG, 88),
            "conv1_1       1,792\nconv1_2      36,928\nfc3       4,097,000",
        ),
    )


def _gradient() -> QuestionReport:
    return question(
        "q7",
        "Gradient of the logistic loss",
        verdict(
            check("formula", "answer", 10),
            Judgement(
                0.6,
                say="The chain rule stopped at z: expected shape (1, n), found (1, m).",
                mistakes=[Recognised("stopped-at-z", "The factor ∂z/∂W is missing.")],
                evidence="σ(z) − y, as an elementwise difference",
            ),
            answer(
                r"$$-L = \sum_{i=1}^m y_i \log(\hat{y}_i) + (1-y_i)\log(1-\hat{y}_i)$$"
                "\n\n"
                r"$$\frac{\partial L}{\partial W} = \left(\frac{\sigma(z) - y}"
                r"{\sigma(z)(1-\sigma(z))}\right)\sigma(z)(1-\sigma(z))$$"
                "\n\n"
                r"$$\frac{\partial L}{\partial W} = \sigma(z) - y$$",
                140,
            ),
            r"(\hat{y} - y) x^{\top}",
        ),
    )


def full_midterm() -> Report:
    """Return a report of the usual length, for measuring and for looking at."""
    short = midterm()
    again = [
        QuestionReport(
            Question(f"q{number}.z", got.question.title, "", got.question.points, ()),
            got.outcome,
            got.score,
            got.verdicts,
        )
        for number, got in enumerate(short.questions[:5], start=8)
    ]
    return report([*short.questions, *again], warnings=short.warnings)


def blank() -> Report:
    """Return the report of an empty folder."""
    return report(
        [
            question(
                got.question.id,
                got.question.title,
                *(verdict(asked, Judgement(0)) for asked in got.question.checks),
            )
            for got in midterm().questions
        ]
    )


def incomplete() -> Report:
    """Return a report of which a part could not be had, with what only staff may read of it."""
    failed = verdict(
        check("number", "value", 5), Judgement(0, staff="the reference has raised"), answer("2")
    )
    return report(
        [_base_ten(), question("q9", "Ungraded", failed, outcome=Outcome.UNGRADED)],
        warnings=["/srv/courses/ml/student001/answers.md: not UTF-8"],
        faults=["losses.cross_entropy: division by zero in /srv/courses/reference/losses.py"],
    )


def hostile() -> Report:
    """Return a report in which everything that a student wrote is an attack."""
    judged = Judgement(
        0.5,
        say=f"Read as {HOSTILE}",
        staff=f"note {HOSTILE}",
        mistakes=[Recognised("sign", HOSTILE)],
        evidence=HOSTILE,
        review=0.5,
        reason=HOSTILE,
    )
    return report(
        [
            question(
                "q1",
                "An attack",
                verdict(check("text", "reason", 4), judged, answer(HOSTILE, 1, HOSTILE), "right"),
            ),
            question(
                "q2",
                "A flood",
                verdict(check("text", "answer", 6), judged, answer("A" * 1_000_000, 2), "right"),
            ),
            question(
                "q3",
                "Many lines",
                verdict(check("text", "answer", 6), judged, answer("`\n" * 200_000, 3), "right"),
            ),
        ],
        name=HOSTILE,
        files=[HOSTILE, *(f"{number}.bin" for number in range(1000))],
        warnings=[HOSTILE],
    )


def references() -> tuple[Rubric, list[ReferenceAnswer]]:
    """Return a rubric and the right answers to its questions, one of which could not be had."""
    matrix, vector, constant = (check("array", name, 1) for name in "ABc")
    asked = [
        Question(
            "q2.a",
            "Cross-entropy of one sample",
            "",
            2.5,
            [check("number", "value", 2.5)],
            derivation="Only the true class counts: −ln 0.1.",
        ),
        Question("q6", "Quadratic form", "", 3, [matrix, vector, constant]),
        Question(
            "q7",
            "Gradient of the logistic loss",
            "",
            10,
            [check("formula", "answer", 10)],
            derivation="dL/dz = ŷ − y, and z = Wx + b.",
        ),
    ]
    rubric = Rubric("ie8990-midterm", RUBRIC_TITLE, asked, "midterm.yaml", "7f3a91")
    return rubric, [
        ReferenceAnswer(asked[0], asked[0].checks[0], "2.302585"),
        ReferenceAnswer(asked[1], matrix, "[[-99, 0],\n [  0, 0]]"),
        ReferenceAnswer(asked[1], vector, "[-2, 100]"),
        ReferenceAnswer(asked[1], constant, "", fault="quadratic.form is not there"),
        ReferenceAnswer(asked[2], asked[2].checks[0], r"(\hat{y} - y) x^{\top}"),
    ]
