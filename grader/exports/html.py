"""The report as one page: no script, no request to anywhere, light and dark, on screen and paper.

Everything is escaped where it is put into the page; formulas are set as MathML where they can be,
beside what was typed.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from grader import __version__
from grader.exports import Audience, _reading
from grader.exports._mathml import mathml
from grader.model import Outcome, Recognised, ReferenceAnswer, Report, Rubric

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
"""Should something get past the escaping, a browser still runs and fetches nothing."""

# Right answers and feedback are the same in every report of a class, and what a student wrote in
# both reports about it: so many are known as they are set, each bounded before it comes here.
_REMEMBERED = 1_000

SHEET = Path(__file__).with_name("report.css")


def report(report: Report, audience: Audience) -> str:
    """Return the graded submission as a page."""
    return render([_reading.of(report, audience)])[0]


def render(readings: Sequence[_reading.Reading]) -> list[str]:
    """Return what each audience may read of a graded submission as a page."""
    return [_report(reading, parts) for reading, parts in _reading.alike(readings, _parts)]


def _report(reading: _reading.Reading, parts: Sequence[_Parts]) -> str:
    body = [
        _top(reading),
        "<main>",
        _marks(reading.marks, [part.row for part in parts]),
        *[
            _question(question, part)
            for question, part in zip(reading.questions, parts, strict=True)
            if part.heading
        ],
        "</main>",
        _bottom(reading),
    ]
    return _page(f"{reading.submission} · {reading.title}", body)


def answers(rubric: Rubric, answers: Sequence[ReferenceAnswer]) -> str:
    """Return the reference answers as a page."""
    title, name = _reading.one_line(rubric.title), _reading.one_line(rubric.id)
    body = [
        f'<header class="top"><h1>{escape(title)}</h1>',
        f'<p class="of soft">Reference answers · {escape(name)}</p></header>',
        "<main>",
        *(_reference(question) for question in _reading.references(answers)),
        "</main>",
    ]
    return _page(f"{title}: reference answers", body)


def _page(title: str, body: Iterable[str]) -> str:
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{escape(title)}</title>",
        f"<style>\n{_style()}</style>",
        "</head>",
        "<body>",
        *body,
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"


@cache
def _style() -> str:
    return SHEET.read_text(encoding="utf-8")


# The parts of a page


def _top(reading: _reading.Reading) -> str:
    had, of = reading.marks.split(" / ")
    share = 100 * reading.score / reading.max_score if reading.max_score else 0
    return (
        '<header class="top">'
        f"<h1>{escape(reading.title)}</h1>"
        f'<p class="of soft"><bdi>{escape(reading.submission)}</bdi> · {escape(reading.rubric)}</p>'
        f'<p class="score"><strong>{had}</strong> <span class="soft">/ {of}</span></p>'
        f'<div class="bar" aria-hidden="true"><span style="width: {share:.2f}%"></span></div>'
        f'<p class="soft">{escape(" ".join(reading.status))}</p>'
        "</header>"
    )


def _marks(total: str, rows: Sequence[str]) -> str:
    listed = "\n".join(rows)
    return (
        '<table class="marks"><caption class="unseen">Marks per question</caption>\n'
        '<thead><tr><th scope="col">Question</th><th scope="col">Outcome</th>'
        '<th scope="col">Marks</th></tr></thead>\n'
        f"<tbody>\n{listed}\n</tbody>\n"
        '<tfoot><tr><th scope="row">Total</th>'
        f'<td class="number" colspan="2">{total}</td></tr></tfoot></table>'
    )


class _Parts(NamedTuple):
    """What every audience reads of a question: its row in the table, and its section.

    Between `shown` and `review` stands what is for staff. There is no heading where all there is
    to tell is that no answer was found.
    """

    row: str
    heading: str = ""
    shown: str = ""
    review: str = ""


def _parts(question: _reading.QuestionReading) -> _Parts:
    row, heading = _framed(
        question.id,
        question.title,
        question.outcome,
        question.score,
        question.max_score,
        question.marks,
        review=question.needs_review,
        silent=question.silent,
    )
    if question.silent:
        return _Parts(row)
    return _Parts(row, heading, _shown(question), _awaited(question))


@lru_cache(maxsize=_REMEMBERED)  # of which a class has few
def _framed(
    id: str,
    title: str,
    outcome: Outcome,
    score: float,
    points: float,
    marks: str,
    *,
    review: bool,
    silent: bool,
) -> tuple[str, str]:
    """Return a question's row in the table of marks, and its heading."""
    anchor = _anchor(id)
    name = f'<span class="id">{escape(id)}</span>{escape(title)}'
    linked = name if silent else f'<a href="#{anchor}">{name}</a>'
    result = _outcome(outcome, score, points)
    badge = '<span class="review">review</span>' if review else ""
    row = (
        f'<tr><th scope="row">{linked}</th><td>{result} {badge}</td>'
        f'<td class="number">{marks}</td></tr>'
    )
    heading = (
        f'<section class="question" id="{anchor}" aria-labelledby="{anchor}-title">\n'
        f'<div class="head"><h2 id="{anchor}-title">{name}</h2><p class="result">{badge} {result} '
        f'<span class="number">{marks}</span></p></div>\n'
        f"<dl>\n"
    )
    return row, heading


def _question(question: _reading.QuestionReading, part: _Parts) -> str:
    notes = _entry("Note", [_sentence(note) for _, note in question.notes])
    entries = filter(None, (part.shown, _right(question.expected), notes, part.review))
    return part.heading + "\n".join([*entries, "</dl>\n</section>"])


def _shown(question: _reading.QuestionReading) -> str:
    """Return what there is to read of an answer: it, what was found in it, what to say."""
    feedback = question.feedback
    entries = (
        _entry("Answer", [_answer(passage) for passage in question.passages]),
        _judged(question.checks),
        _entry("Feedback", [_sentence(sentence) for sentence in feedback]),
        _entry("Mistakes", [_mistake(found, feedback) for found in question.mistakes]),
    )
    return "\n".join(filter(None, entries))


def _awaited(question: _reading.QuestionReading) -> str:
    if not question.needs_review:
        return ""
    points = f"{_reading.marks(question.review_points)} of {_reading.marks(question.max_score)}"
    reasons = "; ".join(question.reasons)
    return _entry("Review", [_sentence(f"{points} marks{': ' * bool(reasons)}{reasons}")])


def _judged(checks: Sequence[_reading.CheckReading]) -> str:
    """Tell what the judgement went by, check by check where there are several."""
    if len(checks) == 1:
        evidence = checks[0].evidence
        return _entry("Evidence", [_sentence(evidence)] if evidence else [])
    told = "".join(
        [
            f'<li><span class="label">{escape(check.label)}</span><span>{check.marks}</span>'
            f"{_outcome(check.outcome, check.score, check.max_score)}"
            f'<span class="evidence" dir="auto">{escape(check.evidence)}</span></li>'
            for check in checks
        ]
    )
    return _entry("Checks", [f'<ul class="checks">{told}</ul>'] if told else [])


@lru_cache(maxsize=_REMEMBERED)
def _right(expected: tuple[_reading.Passage, ...]) -> str:
    return _entry("Expected", [_expected(passage) for passage in expected])


def _bottom(reading: _reading.Reading) -> str:
    silent = reading.silent
    ran = [] if reading.sandbox == "none needed" else [reading.sandbox]
    entries = [
        _entry("No answer", [escape(", ".join(silent))] if silent else []),
        _entry("Fault", [_sentence(fault) for fault in reading.faults]),
        _entry("Warning", [_sentence(warning) for warning in reading.warnings]),
        _entry("Left alone", [f"<bdi>{escape(name)}</bdi>" for name in reading.left_alone]),
        _entry("Code ran", [escape(wall) for wall in ran]),
    ]
    told = "\n".join(filter(None, entries))
    listed = f"<dl>\n{told}\n</dl>\n" if told else ""
    return (
        f'<footer class="bottom">\n{listed}<p class="colophon">grader {__version__} · '
        f"rubric {escape(reading.rubric_digest[:12])} · "
        f"submission {escape(reading.submission_digest[:12])}</p></footer>"
    )


def _reference(question: _reading.ReferenceReading) -> str:
    anchor = _anchor(question.id)
    derivation = [question.derivation] if question.derivation else []
    entries = (
        _entry("Answer", [_expected(passage) for passage in question.passages]),
        _entry("Fault", [_sentence(fault) for fault in question.faults]),
        _entry("Because", [_sentence(sentence) for sentence in derivation]),
    )
    listed = "\n".join(filter(None, entries))
    return (
        f'<section class="question" id="{anchor}" aria-labelledby="{anchor}-title">\n'
        f'<div class="head"><h2 id="{anchor}-title"><span class="id">{escape(question.id)}</span>'
        f'{escape(question.title)}</h2><p class="number soft">'
        f"{_reading.marks(question.points)} marks</p></div>\n<dl>\n{listed}\n</dl>\n</section>"
    )


# The pieces of a part


def _entry(name: str, pieces: Sequence[str]) -> str:
    if not pieces:
        return ""
    return f'<div class="entry"><dt>{name}</dt><dd>{"</dd><dd>".join(pieces)}</dd></div>'


@lru_cache(maxsize=_REMEMBERED)
def _outcome(outcome: Outcome, score: float, points: float) -> str:
    share = 100 * score / points if points else 0
    return f'<span class="outcome {outcome}" style="--share: {share:.0f}%">{outcome}</span>'


def _answer(passage: _reading.Passage) -> str:
    where = [escape(_reading.at(passage.place))] if passage.place else []
    told = " · ".join([escape(passage.label)] * bool(passage.label) + where)
    place = f'<span class="place"><bdi>{told}</bdi></span>' if told else ""
    more = f'<p class="more">… ({passage.size})</p>' if passage.size else ""
    return f"{place}{_passage(passage.text)}{more}"


def _expected(passage: _reading.Passage) -> str:
    label = f'<span class="label">{escape(passage.label)}</span> ' if passage.label else ""
    if "\n" in passage.text:
        return f"{label}{_passage(passage.text)}"
    return f"{label}{_typeset(passage.text)[0]}"


def _mistake(found: Recognised, feedback: Sequence[str]) -> str:
    before = "" if found.charged else ' <span class="soft">(charged before)</span>'
    told = "" if found.say in feedback else f" {_sentence(found.say)}"
    return f'<code class="mistake">{escape(found.id)}</code>{before}{told}'


def _sentence(text: str) -> str:
    """Return a sentence; further lines (a caret under its place) keep their columns."""
    first, _, rest = text.partition("\n")
    told = f"<bdi>{_typeset(first)[0]}</bdi>"
    return f'{told}<pre class="caret">{escape(rest)}</pre>' if rest.strip() else told


def _passage(text: str) -> str:
    """Return a text that may hold formulas, which are then also shown as they were typed."""
    typed = escape(text)
    if _LAID_OUT.search(text):
        return f'<pre class="passage" dir="auto">{typed}</pre>'
    set_, formulas = _typeset(text)
    source = f"<details><summary>as typed</summary><pre>{typed}</pre></details>" if formulas else ""
    return f'<div class="passage" dir="auto">{set_}</div>{source}'


# Formulas

_LAID_OUT = re.compile(
    r"""\S[ ]{2,}\S | \t | ^[ ]               # columns, indentation
      | ^(?:[-+01#.■□●○x|]{4,}|[-+01#.■□●○](?:[ ][-+01#.■□●○]){3,})$  # a row of a picture
      | ^``` | ^(?:def|import|from|class)[ ]   # code""",
    re.MULTILINE | re.VERBOSE,
)
"""Text whose columns must stay under each other."""

_FORMULA = re.compile(
    r"""\$\$(?P<display>[^$]+)\$\$
      | \\\[(?P<bracket>(?:[^\\]|\\[^\[\]])+)\\\]
      | \\\((?P<paren>(?:[^\\]|\\[^()])+)\\\)
      | \$(?!\s)(?P<inline>[^$\n]+)(?<!\s)\$(?!\d)""",
    re.VERBOSE,
)

_INLINE = 'span class="formula"'
_BLOCK = 'span class="formula block"'

_COMMAND = re.compile(r"\\(?:begin|end|text|mathrm|operatorname)\s*\{[^{}]*\}|\\[A-Za-z]+")
_WORD = re.compile(r"[A-Za-z]{4,}")


@lru_cache(maxsize=_REMEMBERED)
def _typeset(text: str) -> tuple[str, int]:
    """Return `text` with its formulas set, escaped, and how many formulas there were."""
    if "$" not in text and "\\" not in text:
        return escape(text), 0
    pieces, end = [], 0
    for found in _FORMULA.finditer(text):
        formula = _set(found)
        if formula is not None:
            pieces += [text[end : found.start()], formula]
            end = found.end()
    if pieces:
        return _joined([*pieces, text[end:]]), len(pieces) // 2
    lines = text.split("\n")
    set_ = [_bare(line) for line in lines]
    shown = (formula or escape(line) for formula, line in zip(set_, lines, strict=True))
    return "\n".join(shown), len(lines) - set_.count(None)


def _set(found: re.Match[str]) -> str | None:
    display = found["display"] or found["bracket"]
    markup = mathml(display or found["paren"] or found["inline"], display=bool(display))
    if markup is None:
        return None
    return f"<{_BLOCK if display else _INLINE}>{markup}</span>"


def _joined(pieces: Sequence[str]) -> str:
    """Return texts and formulas in turn, without the line ends that a block brings itself."""
    texts = list(pieces[::2])
    for number, formula in enumerate(pieces[1::2]):
        if formula.startswith(f"<{_BLOCK}>"):
            texts[number] = texts[number].rstrip("\n ")
            texts[number + 1] = texts[number + 1].lstrip("\n ")
    between = zip(map(escape, texts), [*pieces[1::2], ""], strict=True)
    return "".join(text + formula for text, formula in between)


def _bare(line: str) -> str | None:
    """Return a line as a formula where it is LaTeX and nothing else."""
    rest, commands = _COMMAND.subn(" ", line)
    markup = mathml(line) if commands and not _WORD.search(rest) else None
    return None if markup is None else f"<{_INLINE}>{markup}</span>"


_ACTIVE = re.compile("[&<>\"']")


def escape(text: str) -> str:
    """Return a text as it stands in a page; most of them mean nothing but themselves there."""
    return html.escape(text) if _ACTIVE.search(text) else text


_ANCHOR = re.compile(r"[^\w.-]")


def _anchor(question_id: str) -> str:
    return f"q-{_ANCHOR.sub('-', question_id)}"
