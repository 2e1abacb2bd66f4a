"""A homework class as platforms give it out: mixed answers, formats, names and troubles.

`python -m tests.batch.semester canvas 200 FOLDER` writes one to look at.
"""

from __future__ import annotations

import io
import random
import re
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.submissions.planar import mistakes, notebook

RUBRIC = "cie6032-homework1"

Fields = Mapping[str, str]
Files = Mapping[str, bytes]

FIRST = ("Zoë", "José María", "Ann", "Wei", "Olu", "Ibrahim", "Léa", "Mary-Jane", "D'Arcy", "Søren",
         "Nguyễn", "Aoife", "Ali", "Priya", "Jan")  # fmt: skip
LAST = ("O'Neil-Çelik", "de la Cruz", "Li", "Ng", "=SUM(A1)", "Østergård", "Smith", "Müller",
        "Van der Berg", "Adeyemi", "Kowalska", "Singh", "García, Jr.", "Nowak", "Xu", "Dvořák",
        "Haddad")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Student:
    """Somebody in the class, and what they handed in; `late` and `again` as platforms tell it."""

    number: int
    first: str
    last: str
    files: Files
    late: bool = False
    again: bool = False

    @property
    def name(self) -> str:
        """Return the name as lists sort it."""
        return f"{self.last}, {self.first}"

    @property
    def email(self) -> str:
        """Return the address, which is the login as well."""
        return f"student{self.number:03d}@example.edu"


# --- what students answer --------------------------------------------------------------------

_WHY_J = (
    "The samples are independent, so the likelihood is a product over them",
    "Since the data are i.i.d., P(D) factorises into ∏ z_{i,y_i}",
    "We multiply the probabilities of the single samples",
    "J is the usual loss",
)
_THEN = (
    "the negative logarithm makes it the sum −∑ ln z_{i,y_i}",
    "−log turns the product into a sum",
    "we take the log",
)
_AT_LAST = (
    "t is one-hot, so that only the term of the true class is left in ∑_k t_ik ln z_ik",
    "only the true class counts because t is one hot",
    "this is cross entropy",
)
_FOLDS = (
    "n layers; layer j folds both inputs at 2^{n-j}, the largest first; 2n + 3 units, O(n)",
    "Every layer mirrors x1 and x2 at half of the width that is left, starting with 2^(n-1). "
    "That is 2n folds and the three units of the first part.",
    "use many layers",
)
_W2 = (
    "the sigmoid saturates and its slope is at most 1/4; ReLU has slope one where it is active",
    "sigma' goes to zero for large inputs, while relu' stays 1",
    "ReLU is faster",
)
_PICTURE = "+--++--+\n-++--++-\n-++--++-\n+--++--+\n+--++--+\n-++--++-\n-++--++-\n+--++--+"
_GRAD = r"((h_1-h_2)\odot h_1\odot(1-h_1))x_1^T - ((h_1-h_2)\odot h_2\odot(1-h_2))x_2^T"
_BACK = r"W_3^T(\hat{y}-y)"
_GRAD_X = (
    rf"W_1^T[({_BACK})\odot h_1\odot(1-h_1)] + W_2^T[({_BACK})\odot 1[z_2>0]]",
    "W_1.T @ (d * h_1 * (1 - h_1)) + W_2.T @ (d * (z_2 > 0)) with d = W_3.T @ (y_hat - y)",
    rf"W_1^T[({_BACK})\odot h_1\odot(1-h_1)] + W_2^T {_BACK}",
    rf"W_1^T {_BACK}",
)  # fmt: skip

# For each field the right ways to write it, then the wrong ones.
_WAYS: Mapping[str, Mapping[str, tuple[Sequence[str], Sequence[str]]]] = {
    "p1.1": {
        "objective": (
            (r"J = -\sum_i \sum_k t_{ik} \ln z_{ik}", "J = −∑ᵢ ln z_{i,yᵢ}"),
            (r"J = \sum_i \sum_k t_{ik} \ln z_{ik}", "sum((t - z)^2)"),
        ),
        "hidden_output": (
            (r"(Z - T) H^{\top}", "(Z − T)Hᵀ", "(Z - T) @ H.T", r"\sum_i (z_{ik} - t_{ik}) h_{ij}"),
            (r"\frac{1}{N}(Z - T) H^T", "(T - Z) H^T", "Z - T"),
        ),
        "input_hidden": (
            (r"[(W_2^T (Z - T)) \odot f'(net)] X^T", "((W_2.T @ (Z - T)) * df(net)) @ X.T"),
            ("W_2^T (Z - T) X^T", "(Z - T) X^T"),
        ),
    },
    "p2.1": {
        "f11": (("1 if x1 >= 0.5 else -1", "sign(x1 - 0.5)"), ("x1",)),
        "f12": (("1 if x2 >= 0.5 else -1", "sign(x2 - 1/2)"), ("x2",)),
        "g": (("h11 * h12", "1 if h11 == h12 else -1"), ("1 if h11 != h12 else -1",)),
    },
    "p2.2": {
        "z1": (("1 - |x1 - 1|", "min(x1, 2 - x1)"), ("x1 mod 1", "|x1 - 1|")),
        "z2": (("1 - |x2 - 1|", "min(x2, 2 - x2)"), ("x2 mod 1", "x2 - 1")),
    },
    "p2.3": {
        "symmetry": (
            ("mirror symmetric about x1 = 2 and x2 = 2", "left-right and top-bottom reflection"),
            ("it repeats", "a checkerboard"),
        ),
        "picture": (
            (_PICTURE, _PICTURE.replace("+", "1").replace("-", "0")),
            ("-+-+-+-+\n+-+-+-+-\n" * 3 + "-+-+-+-+\n+-+-+-+-", _PICTURE[:35]),
        ),
    },
    "p2.4": {"answer": (_FOLDS[:2], _FOLDS[2:])},
    "p2.5": {
        "answer": (
            ("sign(cos(pi*x1)) * sign(cos(pi*x2))", "(-1)^(floor(x1 + 1/2) + floor(x2 + 1/2))"),
            ("sign(sin(pi*x1)) * sign(sin(pi*x2))", "x1 xor x2"),
        )
    },
    "p3.1": {
        "grad_W": (
            (rf"{_GRAD} + \lambda W", rf"\lambda W + {_GRAD}"),
            (_GRAD, rf"\lambda W - ({_GRAD})", "(h_1 - h_2) x_1^T"),
        ),
        "grad_b": (
            (r"(h_1-h_2)\odot h_1\odot(1-h_1) - (h_1-h_2)\odot h_2\odot(1-h_2)",
             "(h1 - h2) * (h1 * (1 - h1) - h2 * (1 - h2))"),
            ("h_1 - h_2",),
        ),
    },
    "p3.2": {
        "W": ((r"W - \alpha \nabla_W J", "W ← W − α ∇_W J"), (r"W + \alpha \nabla_W J",)),
        "b": ((r"b - \alpha \nabla_b J", "b := b - alpha * grad_b"), (r"b + \nabla_b J",)),
    },
    "p3.3": {"answer": (("60", "10*5 + 10 = 60", "m n + m = 60"), ("120", "50", "110"))},
    "p3.4": {
        "grad_h1": ((_BACK, "W_3.T @ (y_hat - y)"), (r"W_3^T(y-\hat{y})",)),
        "grad_h2": ((_BACK, "W₃ᵀ(ŷ − y)"), (r"(\hat{y}-y)",)),
        "grad_x": (_GRAD_X[:2], _GRAD_X[2:]),
    },
}  # fmt: skip


def answers(draw: random.Random, skill: float) -> dict[str, Fields]:
    """Return what a student of some skill, from 0 to 1, answers; some questions are left out."""
    found: dict[str, Fields] = {}
    for question, fields in _WAYS.items():
        if draw.random() < 0.04 + 0.2 * (1 - skill):
            continue
        found[question] = {
            name: draw.choice(right if draw.random() < skill else wrong)
            for name, (right, wrong) in fields.items()
        }
    parts = (draw.choice(_WHY_J), draw.choice(_THEN), draw.choice(_AT_LAST))
    found["p1.2"] = {"answer": "; ".join(parts[: draw.randint(1, 3)]) + "."}
    choice = "W2" if draw.random() < 0.3 + 0.7 * skill else "W1"
    found["p3.5"] = {"choice": choice, "reason": draw.choice(_W2)}
    return dict(sorted(found.items()))


# --- how they write it down ------------------------------------------------------------------


def yaml(found: Mapping[str, Fields]) -> str:
    """Return a sheet in YAML."""
    lines = ["answers:"]
    for question, fields in found.items():
        lines.append(f"  {question}:")
        for name, text in fields.items():
            lines.append(f"    {name}: |" + "".join(f"\n      {line}" for line in text.split("\n")))
    return "\n".join(lines) + "\n"


def markdown(found: Mapping[str, Fields]) -> str:
    """Return the filled-in template."""
    blocks = ["# Homework 1"]
    for question, fields in found.items():
        blocks.append(f"## {question}")
        blocks += [f"{name}:\n{_fenced(text)}" for name, text in fields.items()]
    return "\n\n".join(blocks) + "\n"


def _fenced(text: str) -> str:
    return f"```\n{text}\n```" if "\n" in text else text


_PRINTED = {
    "1": "Consider the network with one hidden layer and softmax outputs.",
    "2": "Let the target be the picture in Figure 1.",
    "3": "Two branches share their weights.",
}


def scanned(found: Mapping[str, Fields]) -> str:
    """Return the paper as a scanner makes Markdown of it, with the answers after the parts."""
    lines: list[str] = []
    problem = ""
    for question, fields in found.items():
        number, part = question[1], question[3]
        if number != problem:
            problem = number
            lines += ["", f"**Problem {number}**", "", _PRINTED[number]]
        lines += ["", f"({part})"]
        for name, text in fields.items():
            label = "" if name == "answer" else f"{name}:" + ("\n" if "\n" in text else " ")
            lines.append(f"{label}{text}")
    return "\n".join(lines) + "\n"


_TORCH = (notebook.PYTORCH, notebook.ACCURACY)


def planar(draw: random.Random, *, torch: bool) -> bytes:
    """Return the notebook of problem 4, right or with a slip."""
    slip = draw.choice([{}, {}, *(each.cells() for each in mistakes.WRONG)])
    return notebook.notebook(notebook.cells(slip, _TORCH if torch else ()))


def _work(draw: random.Random, number: int, *, torch: bool) -> dict[str, bytes]:
    """Return the files of a student; what kind they are goes round."""
    found = answers(draw, min(1.0, max(0.0, draw.gauss(0.7, 0.25))))
    way = number % 7
    if way == 0:
        return {"answers.yaml": yaml(found).encode()}
    if way == 1:
        return {"homework1.md": markdown(found).encode()}
    if way == 2:
        return {"scan.txt": scanned(found).encode("utf-16")}
    if way == 3:
        return {"answers.yml": yaml(found).encode(), "Planar_MLP.ipynb": planar(draw, torch=torch)}
    if way == 4:
        inside = {"hw/solution.md": scanned(found), "hw/photo.jpg": "not read"}
        return {"my homework (final).zip": zipped(inside)}
    if way == 5:
        return {"HW1_Answers.MD": markdown(found).replace("\n", "\r\n").encode("utf-8-sig")}
    return {"scan.md": scanned(found).encode(), "readme.txt": b"see scan.md"}


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    """Return a zip file of the members, in their order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zip:
        for name, data in members.items():
            zip.writestr(name, data)
    return buffer.getvalue()


def students(count: int, seed: int = 0, *, torch: bool = True) -> Iterator[Student]:
    """Yield a class in which some hand in late, again, a picture of a page, or nothing."""
    draw = random.Random(seed)
    for number in range(count):
        first, last = FIRST[number % len(FIRST)], LAST[number % len(LAST)]
        files = _work(draw, number, torch=torch)
        if number % 23 == 5:
            files = {}
        elif number % 31 == 8:
            files = {"photo of page 1.pdf": b"%PDF-1.7 no text"}
        late, again = number % 17 == 4, number % 19 == 6 and len(files) == 1
        yield Student(number, first, last, files, late, again)


# --- the platforms ---------------------------------------------------------------------------


def _cell(text: str) -> str:
    escaped = text.replace('"', '""')
    return f'"=""{escaped}"""' if text.startswith("=") else f'"{escaped}"'


def canvas(people: Sequence[Student], folder: Path) -> tuple[Path, Path]:
    """Write a gradebook export and a bulk download."""
    lines = [
        "Student,ID,SIS User ID,SIS Login ID,Section,Quiz 1 (40100),Homework 1 (40123),"
        "Homework Current Score,Current Score",
        ",,,,,,Manual Posting,,",
        "    Points Possible,,,,,10.00,100.00,(read only),(read only)",
    ]
    members: dict[str, bytes] = {}
    for each in people:
        id = 900_000 + each.number
        about = f"{id},S{each.number:07d},{each.email},ML-01"
        lines.append(f"{_cell(each.name)},{about},8.50,,95.00,95.00")
        stem = re.sub(r"[^\w]", "", each.name.casefold())
        stem += f"_LATE_{id}" if each.late else f"_{id}"
        for at, (name, data) in enumerate(each.files.items()):
            members[f"{stem}_{70_000 + 10 * each.number + at}_{name}"] = data
            if each.again:
                base, dot, suffix = name.rpartition(".")
                newer = f"{stem}_{70_005 + 10 * each.number}_{base}-1{dot}{suffix}"
                members[newer] = data
    lines.append('"Student, Test",900999,,fedcba,ML-01,,,,')
    members["strangerzed_999999_79999_answers.yaml"] = b"answers: {p3.3: 60}\n"
    roster = folder / "2026-03-05T1212_Grades-ML101.csv"
    roster.write_text("\ufeff" + "\n".join(lines) + "\n", encoding="utf-8")
    return roster, _download(folder, members)


def moodle(people: Sequence[Student], folder: Path) -> tuple[Path, Path]:
    """Write a grading worksheet and a bulk download."""
    lines = [
        'Identifier,"Full name","Email address",Status,Grade,"Maximum grade",'
        '"Grade can be changed","Last modified (submission)","Last modified (grade)",'
        '"Feedback comments"'
    ]
    members: dict[str, bytes] = {}
    for each in people:
        name = f"{each.first} {each.last}"
        status = "Submitted for grading" if each.files else "No submission"
        when = '"Thursday, 5 March 2026, 10:12 PM"' if each.files else "-"
        late = " - 2 days late" if each.late and each.files else ""
        lines.append(
            f'"Participant {12_000 + each.number}",{_cell(name)},{each.email},"{status}{late}",,'
            f"100.00,Yes,{when},-,"
        )
        top = f"{name}_{12_000 + each.number}_assignsubmission_file"
        members |= {f"{top}/{file}": data for file, data in each.files.items()}
    roster = folder / "Grades-ML101-Homework 1-4711.csv"
    roster.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8", newline="")
    return roster, _download(folder, members)


def gradescope(people: Sequence[Student], folder: Path) -> tuple[Path, Path]:
    """Write a roster and an export of the submissions; two students hand in together."""
    lines = ["First Name,Last Name,SID,Email,Role"]
    members: dict[str, bytes] = {}
    about = ["---"]
    for each in people:
        lines.append(
            f"{_cell(each.first)},{_cell(each.last)},S{each.number:04d},{each.email},Student"
        )
        if not each.files:
            continue
        name = f"submission_{300_000 + each.number}"
        members |= {f"assignment_5_export/{name}/{file}": data for file, data in each.files.items()}
        about += [f"{name}:", "  :submitters:"]
        for one in (each, people[5]) if each.number == 0 and len(people) > 5 else (each,):
            about += [f"  - :name: {_cell(one.first + ' ' + one.last)}",
                      f"    :sid: S{one.number:04d}", f"    :email: {one.email}"]  # fmt: skip
        about += ["  :created_at: 2026-03-05 22:12:26.000000000 Z", "  :score: 0.0"]
    lines.append("Tess,Teacher,,tess@example.edu,Instructor")
    members["assignment_5_export/submission_metadata.yml"] = "\n".join(about).encode()
    roster = folder / "roster.csv"
    roster.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return roster, _download(folder, members)


def _download(folder: Path, members: Files) -> Path:
    path = folder / "submissions.zip"
    path.write_bytes(zipped(members))
    return path


PLATFORMS: Mapping[str, Callable[[Sequence[Student], Path], tuple[Path, Path]]] = {
    "canvas": canvas,
    "moodle": moodle,
    "gradescope": gradescope,
}


def main(platform: str, count: int, folder: Path) -> None:
    """Write a class and print where its roster and its submissions are."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in PLATFORMS[platform](list(students(count)), folder):
        print(path)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
