"""Submissions as platforms give them out, and as nobody should."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.batch import submissions
from grader.batch.cases import Kind
from grader.errors import UsageError

SPECIMENS = Path(__file__).parent / "specimens"


def find(path: Path, *known: str) -> submissions.Found:
    return submissions.find(path, lambda name: name in known)


def held(handed: submissions.Handed) -> submissions.files.Folder:
    return submissions.gather(handed, submissions.Shelf())


def zipped(path: Path, members: Mapping[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w") as zip:
        for name, data in members.items():
            zip.writestr(name, data)
    return path


def data_of(members: Mapping[str, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zip:
        for name, data in members.items():
            zip.writestr(name, data)
    return buffer.getvalue()


# --- shapes ----------------------------------------------------------------------------------


def test_a_folder_per_student(tmp_path):
    """The folder's name is the claim; hidden files of the system are nobody's."""
    for name in ("s1", "s2", ".git", "__MACOSX"):
        (tmp_path / name).mkdir()
    (tmp_path / "s1" / "answers.md").write_text("x", encoding="utf-8")
    (tmp_path / "s3.yaml").write_text("answers: {}", encoding="utf-8")
    found = find(tmp_path)
    assert [each.owners for each in found.handed] == [(("s1",),), (("s2",),), (("s3",),)]
    assert list(held(found.handed[0]).files) == ["answers.md"]
    assert list(held(found.handed[2]).files) == ["s3.yaml"]


def test_a_zip_file_is_as_the_folder_in_it(tmp_path):
    """Also with one folder around all others, as most programs make it."""
    for wrap in ("", "class/"):
        path = zipped(tmp_path / "all.zip", {f"{wrap}s1/a.md": "x", f"{wrap}s2/a.md": "y"})
        found = find(path, "s1", "s2")
        assert [each.label for each in found.handed] == ["s1", "s2"]
        assert held(found.handed[1]).files == {"a.md": b"y"}


def test_a_single_students_folder_is_not_taken_for_a_wrapper(tmp_path):
    """A class of one: the folder is the student's, not the class's."""
    (tmp_path / "s1" / "hw").mkdir(parents=True)
    (tmp_path / "s1" / "hw" / "a.md").write_text("x", encoding="utf-8")
    found = find(tmp_path, "s1")
    assert [each.label for each in found.handed] == ["s1"]
    assert list(held(found.handed[0]).files) == ["hw/a.md"]


def test_a_canvas_download():
    """Names, numbers, lateness, online texts and links, from the zip file itself."""
    found = find(SPECIMENS / "canvas_submissions.zip")
    assert found.shape == "canvas"
    by_user = {each.owners[0][0]: each for each in found.handed}
    assert set(by_user) == {
        "900001", "900002", "900003", "900004", "900005", "900006", "900007",
        "anon_aB3dE", "anon_xY9zQ",
    }  # fmt: skip
    assert {user for user, each in by_user.items() if each.late} == {
        "900002",
        "900006",
        "anon_xY9zQ",
    }
    assert list(held(by_user["900001"]).files) == ["answers.yml", "planar.ipynb"]
    assert list(held(by_user["900005"]).files) == ["online text.md"]
    assert "link" in by_user["900006"].notes[0]


def test_canvas_resubmissions_count_by_the_newest(tmp_path):
    """file-2 replaces file-1 and file; what was replaced is told."""
    for name in (
        "annalpha_7_101_answers.yaml",
        "annalpha_7_205_answers-2.yaml",
        "annalpha_7_150_answers-1.yaml",
    ):
        (tmp_path / name).write_text(name, encoding="utf-8")
    (handed,) = find(tmp_path).handed
    assert held(handed).files == {"answers.yaml": b"annalpha_7_205_answers-2.yaml"}
    assert len(handed.notes) == 2


def test_a_moodle_download():
    """Folders of either version, online texts, blind and team submissions."""
    found = find(SPECIMENS / "moodle_submissions.zip")
    assert found.shape == "moodle"
    by_person = {each.owners[0][0]: each for each in found.handed}
    assert list(by_person) == ["12345", "12346", "12347", "12348", "12349", "12350"]
    assert list(held(by_person["12345"]).files) == ["answers.yml", "planar.ipynb"]
    assert list(held(by_person["12346"]).files) == ["sub dir/planar.ipynb"]
    assert list(held(by_person["12347"]).files) == ["onlinetext.md"]
    assert "Team Iota" in by_person["12350"].owners[0]


def test_a_moodle_download_without_folders(tmp_path):
    """The option that puts no folders around the files."""
    name = "Student001 Alpha_12345_assignsubmission_file_planar.ipynb"
    (tmp_path / name).write_text("{}", encoding="utf-8")
    (handed,) = find(tmp_path).handed
    assert handed.owners[0][0] == "12345"
    assert list(held(handed).files) == ["planar.ipynb"]


def test_a_gradescope_export():
    """The metadata tell whose each is; a group's submission has several owners."""
    found = find(SPECIMENS / "gradescope_export")
    assert found.shape == "gradescope"
    assert [each.label for each in found.handed] == ["submission_300001", "submission_300002"]
    assert [owner[0] for owner in found.handed[1].owners] == ["S0000002", "S0000005"]


def test_an_online_text_is_read_as_the_page_shows_it(tmp_path):
    """Tags go, entities become letters, paragraphs become lines; scripts are just text."""
    name = "annalpha_7_text.html"
    page = "<p>q1: 3 &lt; 4</p><div>q2:<br>true</div><img src=x onerror=alert(1)>"
    (tmp_path / name).write_text(page, encoding="utf-8")
    (handed,) = find(tmp_path).handed
    assert held(handed).files["online text.md"] == b"q1: 3 < 4\n\nq2:\ntrue\n"


# --- bad input -------------------------------------------------------------------------------


def test_no_submissions_are_refused_in_a_sentence(tmp_path):
    """No such folder; a file that is none."""
    with pytest.raises(UsageError, match="no such folder"):
        find(tmp_path / "nowhere")
    (tmp_path / "x.txt").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match="expected a folder or a zip"):
        find(tmp_path / "x.txt")


def test_links_and_pipes_are_listed_and_not_followed(tmp_path):
    """A link at the top, a link in a folder, a named pipe: the rest is taken."""
    (tmp_path / "s1").mkdir()
    (tmp_path / "s1" / "a.md").write_text("x", encoding="utf-8")
    (tmp_path / "s1" / "b.md").symlink_to("/etc/passwd")
    (tmp_path / "s2").symlink_to(tmp_path / "s1")
    os.mkfifo(tmp_path / "s3.md")
    found = find(tmp_path)
    assert [each.label for each in found.handed] == ["s1"]
    assert [(case.kind, case.who) for case in found.cases] == [
        (Kind.UNREADABLE, "s2"),
        (Kind.UNREADABLE, "s3.md"),
    ]
    folder = held(found.handed[0])
    assert list(folder.files) == ["a.md"]
    assert "symbolic link" in folder.refused["b.md"]


def hostile(name: str, **about: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    for key, value in about.items():
        setattr(info, key, value)
    return info


@pytest.mark.parametrize(
    ("member", "why"),
    [
        (hostile("../escape.md"), "leads out"),
        (hostile("/etc/answers.md"), "absolute"),
        (hostile("C:/answers.md"), "absolute"),
        (hostile("a\\..\\answers.md"), "absolute"),
        (hostile("link.md", external_attr=(stat.S_IFLNK | 0o777) << 16), "symbolic link"),
        (hostile("CON.md"), "reserved"),
        (hostile("GOOD.MD"), "upper and lower case"),
    ],
    ids=lambda value: value.filename if isinstance(value, zipfile.ZipInfo) else None,
)
def test_a_hostile_member_is_refused_and_the_rest_is_read(tmp_path, member, why):
    """In what a student handed in as a zip file."""
    (tmp_path / "s1").mkdir()
    with zipfile.ZipFile(tmp_path / "s1" / "work.zip", "w") as zip:
        zip.writestr("good.md", "x")
        zip.writestr(member, "evil")
    (handed,) = find(tmp_path, "s1").handed
    folder = held(handed)
    assert list(folder.files.values()) == [b"x"]
    assert why in " ".join(folder.refused.values())


def test_a_bomb_is_stopped_by_its_inflated_bytes(tmp_path):
    """Thirty kilobytes that inflate to thirty megabytes: the member is refused, not the student."""
    (tmp_path / "s1").mkdir()
    bomb = data_of({"bomb.md": b"0" * 30_000_000, "answers.md": "x"})
    assert len(bomb) < 100_000
    (tmp_path / "s1" / "work.zip").write_bytes(bomb)
    folder = held(find(tmp_path, "s1").handed[0])
    assert list(folder.files.values()) == [b"x"]
    assert "inflates to more" in " ".join(folder.refused.values())


def test_many_bombs_are_stopped_by_their_sum(tmp_path):
    """Members that are each small enough still end at the limit of a submission."""
    (tmp_path / "s1").mkdir()
    bombs = data_of({f"{n:02d}.md": b"0" * 19_000_000 for n in range(7)})
    (tmp_path / "s1" / "work.zip").write_bytes(bombs)
    folder = held(find(tmp_path, "s1").handed[0])
    assert sum(map(len, folder.files.values())) <= submissions.files.LIMITS.total_bytes
    assert folder.refused


def test_a_zip_that_is_the_submission_is_as_its_files(tmp_path):
    """Handed in alone its files have their own names, beside others those of the zip file, too."""
    (tmp_path / "s1").mkdir()
    data = data_of({"answers.yaml": "x", "code/net.py": "y", ".DS_Store": "z", "__MACOSX/a.py": ""})
    (tmp_path / "s1" / "work.zip").write_bytes(data)
    assert list(held(find(tmp_path, "s1").handed[0]).files) == ["answers.yaml", "code/net.py"]
    (tmp_path / "s1" / "more.md").write_text("x", encoding="utf-8")
    assert list(held(find(tmp_path, "s1").handed[0]).files) == [
        "more.md",
        "work.zip/answers.yaml",
        "work.zip/code/net.py",
    ]


def test_a_zip_in_a_zip_is_refused(tmp_path):
    """Only what the student handed in is opened, not what lies in it."""
    (tmp_path / "s1").mkdir()
    inner = data_of({"deep.md": "x"})
    (tmp_path / "s1" / "work.zip").write_bytes(data_of({"inner.zip": inner, "a.md": "y"}))
    folder = held(find(tmp_path, "s1").handed[0])
    assert list(folder.files.values()) == [b"y"]
    assert "inside a zip" in " ".join(folder.refused.values())


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04", b"not a zip", data_of({"a.md": "x" * 999})[:-30]]
)
def test_a_broken_zip_costs_what_is_in_it(tmp_path, data):
    """It is named in the report; the sheet beside it is read."""
    (tmp_path / "s1").mkdir()
    (tmp_path / "s1" / "work.zip").write_bytes(data)
    (tmp_path / "s1" / "a.md").write_text("x", encoding="utf-8")
    folder = held(find(tmp_path, "s1").handed[0])
    assert list(folder.files) == ["a.md"]
    assert "work.zip" in folder.refused


def test_a_broken_download_is_refused_in_a_sentence(tmp_path):
    """A bulk download that was cut off."""
    path = zipped(tmp_path / "all.zip", {f"s{n}/a.md": "x" * 100 for n in range(9)})
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + data[-60:])
    with pytest.raises(UsageError, match=r"all\.zip"):
        find(path)


def test_the_digest_is_of_names_and_content(tmp_path):
    """Another name, another byte or another refusal is another submission; the order is not."""
    digests = set()
    for files in ({"a.md": b"x"}, {"b.md": b"x"}, {"a.md": b"y"}, {"a.md": b"x", "b.md": b""}):
        digests.add(submissions.digest(submissions.files.Folder(files, [], {})))
    assert len(digests) == 4
    one = submissions.files.Folder({"a": b"1", "b": b"2"}, [], {})
    other = submissions.files.Folder({"b": b"2", "a": b"1"}, [], {})
    assert submissions.digest(one) == submissions.digest(other)


def test_a_folder_that_cannot_be_opened_is_refused_by_its_own_name(tmp_path):
    """It has gone since, or is closed: the same wherever the class lies."""
    piece = submissions.Piece(str(tmp_path / "Ann"))
    handed = submissions.Handed("Ann", (("Ann",),), (piece,))
    found = submissions.gather(handed, submissions.Shelf())
    assert found == ({}, [], {"Ann": "cannot be opened (no such file or directory)"})
