"""Two assignments, written out as students of many schools, countries and tools lay out a sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from grader.model import Rubric
from grader.readers import markdown_sheet
from tests.readers.courses import HOMEWORK, MIDTERM

MIDTERM_ANSWERS = {
    "q1.a": "False. Its slope is one wherever a unit is alive,\nand one to the tenth is one.",
    "q1.b": "No: a coin would get half of them right, so something is upside down.",
    "q1.c": "False, one scales and the other drops.",
    "q1.d": "False. It learns which pictures were made up.",
    "q2.a": "-ln(0.1) = 2.302585",
    "q2.b": "No, log 0 turns up when they trade places.",
    "q2.c": "-ln(0.6) = 0.510826",
    "q2.d": "It blows up at the true class. One clips, in practice.",
    "q3": "No. Even fifty are not learnt, so take a wider net\nand a longer run.",
    "q4.a": "It sinks a little, since more has to be fitted.",
    "q4.b": "The one on the seen data sinks; the other has a best place.",
    "q5": "conv1_1: 1792\nconv1_2: 36928\nconv2_1: 73856",
    "q6": "A = [[-99, 0], [0, 0]]\nB = [-2, 100]\nc = 1",
    "q7": "dL/dW = (a - y) x^T",
}
HOMEWORK_ANSWERS = {
    "p1.1": "J = -sum t ln z\nhidden_output = (Z - T) H^T\ninput_hidden = (V^T (Z - T)) X^T",
    "p1.2": "Samples do not depend on each other, so chances multiply and logs add.",
    "p2.1": "f11 = 1 if x1 >= 0.5 else -1\nf12 = 1 if x2 >= 0.5 else -1\ng = h11 * h12",
    "p2.2": "z1 = 1 - |x1 - 1|\nz2 = min(x2, 2 - x2)",
    "p2.3": "symmetry: both axes fold.\npicture:\n+--+\n-++-\n-++-\n+--+",
    "p3.1": "grad_W = d x^T + r W\ngrad_b = d",
    "p3.2": "W = W - s G\nb = b - s g",
    "p3.3": "10*5 + 10 = 60",
}
ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII")
CHINESE = "零一二三四五六七"


class Item(NamedTuple):
    """One answer: the number of its question, and of its part in each way of numbering."""

    number: int
    part: str
    text: str

    @property
    def digit(self) -> str:
        return str("abcdefgh".index(self.part) + 1) if self.part.isalpha() else self.part

    @property
    def letter(self) -> str:
        return self.part if self.part.isalpha() else "abcdefgh"[int(self.part) - 1]

    @property
    def roman(self) -> str:
        return ROMAN[int(self.digit)].lower()

    @property
    def native(self) -> str:
        return f"({self.part}) " if self.part else ""


def items(answers: dict[str, str]) -> list[Item]:
    split = ((id_[1:].partition("."), text) for id_, text in answers.items())
    return [Item(int(number), part, text) for (number, _, part), text in split]


def grouped(answers: dict[str, str]) -> Iterator[tuple[int, list[Item]]]:
    every = items(answers)
    for number in dict.fromkeys(each.number for each in every):
        yield number, [each for each in every if each.number == number]


Layout = Callable[[dict[str, str]], str]


def headed(head: str, part: str, *, above: str = "", after: str = "", gap: str = "\n\n") -> Layout:
    """Return the layout with a line above each question and a label before each part."""

    def written(answers: dict[str, str]) -> str:
        rows = []
        for number, group in grouped(answers):
            rows.append(head.format(n=number, roman=ROMAN[number], chinese=CHINESE[number]))
            rows += [
                (part.format(p=each) if each.part else "") + each.text + after for each in group
            ]
        return above + gap.join(rows) + "\n"

    return written


def single(question: str, part: str, *, after: str = "") -> Layout:
    """Return the layout with the whole label before each answer."""

    def written(answers: dict[str, str]) -> str:
        return "\n\n".join(
            (part if each.part else question).format(n=each.number, p=each) + each.text + after
            for each in items(answers)
        )

    return written


def listed(mark: str, head: str = "## Problem {}\n\n", gap: str = "\n") -> Layout:
    """Return the layout of lists; what goes on is indented."""

    def written(answers: dict[str, str]) -> str:
        rows = []
        for number, group in grouped(answers):
            texts = (
                mark.format(p=each) + each.text.replace("\n", "\n      ")
                if each.part
                else each.text
                for each in group
            )
            rows.append(head.format(number) + gap.join(texts))
        return "\n\n".join(rows)

    return written


def tabled(answers: dict[str, str]) -> str:
    rows = (
        f"| {each.number}{each.native} | " + each.text.replace("|", "\\|").replace("\n", "<br>")
        for each in items(answers)
    )
    return "| Question | Answer |\n|---|---|\n" + "\n".join(f"{row} |" for row in rows)


def underlined(sign: str) -> Layout:
    """Return the layout with titles that are underlined."""
    return headed(f"Question {{n}}\n{sign * 10}", "({p.part}) ", above=f"Answers\n{sign * 7}\n\n")


NATIVE = "({p.part}) "
FRONT = "---\ntitle: My answers, part 2\nauthor: Kim\ndate: 2024-05-06\ntags:\n  - ml\n---\n\n"
TYPST = '#set page(paper: "a4")\n#import "@preview/cetz:0.2.0"\n\n= Answers\n\n'
LATEX = "\\documentclass{article}\n\\begin{document}\n"

LAYOUTS: dict[str, Layout] = {
    # the name of the sheet in front of the number
    "HW1 Q1.2": single("## HW1 Q{n}\n\n", "## HW1 Q{n}.{p.part}\n\n"),
    "Homework 1 Problem 1.2": single(
        "### Homework 1 Problem {n}\n", "### Homework 1 Problem {n}.{p.part}\n"
    ),
    "Assignment 1 - Question 1(b)": single(
        "**Assignment 1 - Question {n}**\n", "**Assignment 1 - Question {n}({p.part})**\n"
    ),
    "Midterm Q1b:": single("Midterm Q{n}: ", "Midterm Q{n}{p.letter}: "),
    "[HW 2] Problem": headed("## [HW 2] Problem {n}", NATIVE),
    # languages
    "一、（1）": headed("## {chinese}、", "（{p.digit}）"),
    "一、 1.": headed("## {chinese}、", "{p.digit}. "),
    "一、 1、": headed("{chinese}、", "{p.digit}、"),
    "第一题": headed("## 第{chinese}题", "({p.digit}) "),
    "問1": headed("## 問{n}", "({p.digit}) "),
    "문제 1": headed("## 문제 {n}", "({p.digit}) "),
    "Задача 1": headed("## Задача {n}", NATIVE),
    "Zadanie 1": headed("Zadanie {n}.", "{p.part}) "),
    "Câu 1": headed("Câu {n}:", "{p.letter}) "),
    "Aufgabe 2b)": single("Aufgabe {n}) ", "Aufgabe {n}{p.letter}) "),
    "Übung 1, Teil": headed("## Übung {n}", "Teil {p.part}: "),
    "Ejercicio, inciso": headed("## Ejercicio {n}", "Inciso {p.part}) "),
    "Exercice, a/": headed("**Exercice {n}**", "{p.part}/ "),
    "Exercice n°, 1°)": headed("Exercice n° {n} :", "{p.digit}°) "),
    # Roman and other numbers
    "I.": headed("{roman}.", NATIVE),
    "## II": headed("## {roman}", NATIVE),
    "Question II (ii)": headed("## Question {roman}", "({p.roman}) "),
    "ii)": headed("## Problem {n}", "{p.roman}) "),
    "No. 1": headed("No. {n}", NATIVE),
    "#1": headed("#{n}", NATIVE),
    "a]": headed("## Question {n}", "{p.letter}] "),
    "A.": headed("## Question {n}", "{p.letter}. "),
    "Ex. 3": headed("Ex. {n}", NATIVE),
    "Ex. 3, ad (b)": headed("Ex. {n}", "Ad ({p.part}): "),
    "Task": headed("Task {n}:", "{p.part}) "),
    "Task 2.1": single("Task {n}\n", "Task {n}.{p.digit}\n"),
    # lists
    "1. 1. 1.": listed("1. "),
    "1. 1. 1. loose": listed("1. ", gap="\n\n"),
    "1) 1) 1)": listed("1) ", "**Question {}**\n"),
    "tasks ticked": listed("- [x] ({p.part}) "),
    "bullets": listed("- ({p.part}) "),
    "a table": tabled,
    # tools for notes
    "front matter": headed("## Q{n}", NATIVE, above=FRONT),
    "callouts": headed("## Question {n}", "> [!NOTE] ({p.part})\n"),
    "titled callouts": single("> [!question] Q{n}\n\n", "> [!question]- Q{n} ({p.part})\n\n"),
    "blocks that fold": single(
        "<details>\n<summary>Q{n}</summary>\n\n",
        "<details>\n<summary>Q{n} ({p.part})</summary>\n\n",
        after="\n\n</details>",
    ),
    "answers that fold": single(
        "## Q{n}\n<details><summary><b>Answer</b></summary>\n\n",
        "## Q{n} ({p.part})\n<details open><summary>Answer</summary>\n\n",
        after="\n\n</details>",
    ),
    "colons": headed("## Q{n}", ":::info\n({p.part}) ", after="\n:::"),
    "quarto": headed(
        "## Question {n} {{#sec-{n}}}", "::: {{.callout-note}}\n({p.part}) ", after="\n:::"
    ),
    "anchors": headed('<a id="q{n}"></a>\n## Q{n}', NATIVE),
    # other markup
    "underlined ~": underlined("~"),
    "underlined =": underlined("="),
    "underlined -": underlined("-"),
    "underlined +": underlined("+"),
    "org": headed("* Question {n}", "** ({p.part})\n", above="#+TITLE: Answers\n"),
    "typst": headed("== Question {n}", "=== ({p.part})\n", above=TYPST),
    "typst, top": headed("= Question {n}", NATIVE, above=TYPST),
    "typst +": listed("+ ", "#set enum(tight: true)\n== Question {}\n\n"),
    "asciidoc": headed("== Question {n}", "=== Part {p.part}\n\n", above="= Answers\n:toc:\n\n"),
    "textile": headed("h2. Question {n}", NATIVE),
    "latex": headed("\\section*{{Question {n}}} % not sure", NATIVE, above=LATEX),
    "latex subsections": headed(
        "\\section{{Question {n}}}", "\\subsection{{Part {p.part}}}\n", above=LATEX
    ),
    # what is pasted from other programs
    "hard spaces": headed("Question\xa0{n}", "({p.part})\xa0\xa0"),
    "soft hyphens": headed("Ques\xadtion {n}", NATIVE),
    "no width": headed("\u200bQuestion {n}", "\u200b({p.part})\u200b "),
    "a mark within": headed("\ufeff## Q{n}", NATIVE),
    "tabs": headed("Question {n}", "{p.letter})\t", gap="\n"),
    "bullets of Word": headed("Question {n}", "•\t({p.part}) ", gap="\n"),
    "pages": headed("Page {n} of 9\nQuestion {n}", NATIVE),
}  # fmt: skip
# A callout holds the label of a part in its title; a list of `+` is one only beside Typst's signs.
_TYPST_ONLY = '#set enum(numbering: "(a)")\n\n'


@pytest.mark.parametrize(
    ("rubric", "answers"),
    [
        pytest.param(MIDTERM, MIDTERM_ANSWERS, id="midterm"),
        pytest.param(HOMEWORK, HOMEWORK_ANSWERS, id="homework"),
    ],
)
@pytest.mark.parametrize("name", LAYOUTS)
def test_each_answer_arrives_whole_and_alone(name: str, rubric: Rubric, answers: dict[str, str]):
    """However a sheet is laid out, each answer is found at its own question, with nothing else."""
    sheet = markdown_sheet.read("a.md", LAYOUTS[name](answers), rubric)
    found = {id_: part.body.text for id_, part in sheet.parts.items() if part.body}
    assert {id_: bare(text) for id_, text in found.items()} == {
        id_: bare(text) for id_, text in answers.items()
    }


def bare(text: str) -> list[str]:
    """Return the words of a text: how its lines are indented and parted is another matter."""
    return text.split()


@pytest.mark.parametrize("before", ["```\n", "p2.3:\n", "(b)\n", ""])
def test_a_picture_in_rows_of_signs_is_no_underlined_title(before: str):
    """Its first row may be all alike; each sign arrives as it was typed."""
    picture = "++++\n+++-\n+---\n----"
    text = f"## p2.3 A picture\n\n{before}{picture}\n"
    sheet = markdown_sheet.read("a.md", text, HOMEWORK)
    body = sheet.parts["p2.3"].body
    assert body is not None
    assert picture in body.text
