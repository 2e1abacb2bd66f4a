"""A student's files are opened through one door: regular, bounded, never a link."""

import os
import socket
from pathlib import Path

import pytest

from grader import files
from grader.files import Limits, Refusal


def everything(name: str) -> bool:
    return True


def markdown(name: str) -> bool:
    return name.endswith(".md")


def test_a_regular_file_is_read_whole(tmp_path: Path):
    """The bytes come back as they are on disk."""
    (tmp_path / "a.md").write_bytes(b"one\r\ntwo\0")
    assert files.read(tmp_path / "a.md") == b"one\r\ntwo\0"


def make_link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def make_dangling_link(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    # The path of a socket may have no more than some hundred characters.
    here = os.open(path.parent, os.O_RDONLY)
    try:
        socket.socket(socket.AF_UNIX).bind(f"/proc/self/fd/{here}/{path.name}")
    finally:
        os.close(here)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (make_link, "symbolic link"),
        (make_dangling_link, "symbolic link"),
        (make_pipe, "named pipe"),
        (make_socket, "socket"),
        (Path.mkdir, "folder"),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the socket stays open on purpose
def test_what_is_no_regular_file_is_refused_by_its_name_for_it(tmp_path: Path, make, why: str):
    """A link, pipe, socket or folder is named in the sentence, and nothing blocks."""
    make(tmp_path / "answers.md")
    with pytest.raises(Refusal, match=why) as refusal:
        files.read(tmp_path / "answers.md")
    assert refusal.value.name.endswith("answers.md")


def test_a_device_is_refused():
    """/dev/zero would never end."""
    with pytest.raises(Refusal, match="device"):
        files.read(Path("/dev/zero"))


def test_a_file_beyond_the_limit_is_refused_before_it_is_read(tmp_path: Path):
    """A sparse terabyte costs nothing: its size is looked at first."""
    with (tmp_path / "big.md").open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(Refusal, match="holds 1 TB"):
        files.read(tmp_path / "big.md")


def test_the_limit_itself_is_allowed(tmp_path: Path):
    """A file of just the limit is read, one byte more is not."""
    (tmp_path / "a").write_bytes(b"x" * 10)
    assert files.read(tmp_path / "a", 10) == b"x" * 10
    with pytest.raises(Refusal):
        files.read(tmp_path / "a", 9)


@pytest.mark.parametrize("name", ["missing.md", "with\0zero"])
def test_a_name_that_opens_nothing_is_refused(tmp_path: Path, name: str):
    """No such file, or no such name: a sentence, not an OSError."""
    with pytest.raises(Refusal, match="cannot be read"):
        files.read(tmp_path / name)


# --- folders ---------------------------------------------------------------------------------


def test_a_walk_returns_wanted_files_and_names_the_others(tmp_path: Path):
    """Files are found in sub-folders, in sorted order, the others by name only."""
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "z.md").write_text("z")
    (tmp_path / "a.md").write_text("a")
    (tmp_path / "plot.png").write_bytes(b"\x89PNG")
    found = files.walk(tmp_path, markdown)
    assert found.files == {"a.md": b"a", "b/z.md": b"z"}
    assert list(found.files) == ["a.md", "b/z.md"]
    assert found.others == ["plot.png"]


@pytest.mark.parametrize(
    "junk",
    [".git/config.md", "__MACOSX/a.md", ".DS_Store", "Thumbs.db", "__pycache__/m.md",
     ".ipynb_checkpoints/a.md", "._answers.md", "desktop.ini"],
)  # fmt: skip
def test_what_machines_leave_behind_is_not_seen(tmp_path: Path, junk: str):
    """Folders of version control, previews and caches are no part of a submission."""
    (tmp_path / junk).parent.mkdir(exist_ok=True)
    (tmp_path / junk).write_text("x")
    assert files.walk(tmp_path, everything) == files.Folder.empty()


def test_a_virtual_environment_is_not_looked_into(tmp_path: Path):
    """An installed Python holds thousands of files of code that nobody handed in."""
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / "pyvenv.cfg").write_text("")
    (tmp_path / "env" / "m.md").write_text("")
    found = files.walk(tmp_path, everything)
    assert not found.files
    assert "virtual environment" in found.refused["env"]


def test_a_link_inside_a_folder_is_refused_and_the_rest_is_read(tmp_path: Path):
    """A link out of the folder costs only itself, whether or not its name is wanted."""
    (tmp_path / "answers.md").symlink_to("/etc/passwd")
    (tmp_path / "data").symlink_to("/etc")
    (tmp_path / "b.md").write_text("b")
    found = files.walk(tmp_path, markdown)
    assert found.files == {"b.md": b"b"}
    assert "symbolic link" in found.refused["answers.md"]
    assert "symbolic link" in found.refused["data"]


def test_a_folder_with_the_name_of_a_sheet_is_refused_but_looked_into(tmp_path: Path):
    """Unpacking sometimes makes a folder answers.md with the file inside."""
    (tmp_path / "answers.md").mkdir()
    (tmp_path / "answers.md" / "answers.md").write_text("x")
    found = files.walk(tmp_path, markdown)
    assert found.files == {"answers.md/answers.md": b"x"}
    assert "folder" in found.refused["answers.md"]


def test_a_linked_folder_is_refused_as_the_root(tmp_path: Path):
    """The folder itself may not be a link to another student's."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(Refusal, match="symbolic link"):
        files.walk(tmp_path / "link", everything)


def test_depth_and_numbers_are_bounded(tmp_path: Path):
    """Each bound leaves a sentence, and what lies within the bounds is read."""
    deep = tmp_path / "a" / "b" / "c"
    deep.mkdir(parents=True)
    (deep / "x.md").write_text("x")
    (tmp_path / "a" / "y.md").write_text("y")
    found = files.walk(tmp_path, everything, Limits(depth=2))
    assert found.files == {"a/y.md": b"y"}
    assert "deep" in found.refused["a/b/c"]
    crowded = files.walk(tmp_path, everything, Limits(files=1))
    assert len(crowded.files) == 1
    assert "other files" in crowded.refused["a/y.md"]
    assert not files.walk(tmp_path, everything, Limits(total_bytes=1)).files.get("a/y.md")


def test_an_over_full_folder_is_refused_as_a_whole(tmp_path: Path):
    """Which files come first depends on the file system, so none is taken."""
    for index in range(6):
        (tmp_path / f"{index}.md").write_text("")
    found = files.walk(tmp_path, everything, Limits(entries=5))
    assert not found.files
    assert "more than 5 entries" in found.refused["."]


def test_names_are_made_safe_to_show(tmp_path: Path):
    """Escapes, line ends and bytes that are no text cannot act on a terminal."""
    for name in ("a\x1b[2J.md", "b\nc.md", "r\u202etxt.md"):
        (tmp_path / name).write_text("x")
    (tmp_path / os.fsdecode(b"\xff.md")).write_text("x")
    shown = " ".join(files.walk(tmp_path, everything).files)
    assert shown.isprintable()
    assert "<U+001B>" in shown


# --- text ------------------------------------------------------------------------------------

TEXT = "ŷ = σ(Wx + b), naïve\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_unicode_is_read_in_every_form(encoding: str):
    """A mark tells the form; UTF-16 without one is known by its zero bytes."""
    text = "answers of a student, in plain words: " + TEXT
    assert files.decode(text.encode(encoding), "a.md").text == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text", ["Вопрос 1: нет.\n(a) 2,3\n", "第一题\n(1) 错误。\n(2) 2.303\n", "問1\nいいえ 2\n"]
)
def test_other_scripts_in_utf_16_are_known_by_their_spaces_and_digits(encoding: str, text: str):
    """An old editor saves them without a mark, and few bytes are zero."""
    assert files.decode(text.encode(encoding), "a.md").text == text


def test_a_zero_byte_in_a_text_makes_no_utf_16_of_it():
    """A stray zero is taken out, and all else stays."""
    assert files.decode(b"q1: no\0, it does not\n" * 3, "a.md").text.count("q1: no,") == 3


def test_utf_8_needs_no_warning():
    """What is as it should be is not remarked upon."""
    assert files.decode(TEXT.encode(), "a.md") == files.Text(TEXT)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "naïve – “quoted” résumé, 5 €"),
        ("latin-1", "Lösung für Übung"),
        ("cp1252", "La dérivée n'est pas nulle, ça dépend où"),
        ("cp1252", "größer: für große Werte, 5 ± 2 °C"),
        ("gb18030", "答案：梯度为一，不会消失"),
        ("big5", "第一題：錯誤。導數為一，所以梯度不會消失"),
        ("shift_jis", "問1 いいえ。勾配は消えません。"),
        ("euc_jp", "問1 いいえ。勾配は消えません。"),
        ("euc_kr", "문제 1: 거짓. 기울기는 1이다."),
        ("cp1251", "Вопрос 1. Неверно: производная равна 1."),
        ("koi8_r", "Вопрос 1. Неверно: производная равна 1."),
    ],
)
def test_other_encodings_are_guessed_with_a_warning(encoding: str, text: str):
    """Each comes out right by what its texts are made of; the report says that it was guessed."""
    found = files.decode(text.encode(encoding), "a.md")
    assert found.text == text
    assert "not UTF-8" in found.warnings[0]


def test_one_damaged_byte_does_not_spoil_the_mathematics():
    """UTF-8 with a bad byte is still UTF-8; the line is named."""
    found = files.decode(TEXT.encode() + b"bad \xff byte\n", "a.md")
    assert found.text.startswith(TEXT)
    assert "line 2" in found.warnings[0]


def test_line_ends_become_one_and_zeros_go():
    """Windows, old Mac and stray zero bytes."""
    found = files.decode(b"a\r\nb\rc\0\n" + b"text " * 10, "a.md")
    assert found.text.startswith("a\nb\nc\n")
    assert found.warnings


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04....", "Word"),
        (b"{\\rtf1 text}", "RTF"),
        (b"\x89PNG\r\n", "picture"),
        (bytes(range(256)) * 4, "binary"),
    ],
)
def test_what_is_no_text_is_refused_by_name(data: bytes, what: str):
    """A Word file called answers.md is told what to do."""
    with pytest.raises(Refusal, match=what):
        files.decode(data, "answers.md")
