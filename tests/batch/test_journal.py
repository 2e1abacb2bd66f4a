"""The journal: what was written is there, and what was torn is as if it had never been."""

from __future__ import annotations

import os
import resource
import signal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch import journal
from grader.batch.journal import Journal
from grader.errors import UsageError


def written(path: Path, count: int) -> bytes:
    with Journal(path) as log:
        for number in range(count):
            log.append({"t": "x", "number": number}, b'{"body":%d}' % number)
    return path.read_bytes()


def numbers(path: Path) -> list[int]:
    return [line.entry["number"] for line in Journal(path).lines()]


def test_what_was_written_is_read(tmp_path):
    """Heads in order, bodies where the spots say, texts of every kind."""
    path = tmp_path / "log"
    texts = ["", "\n", "\t", "é∑😀", '"', "\ud800", "x" * 100_000]
    with Journal(path) as log:
        spots = [log.append({"text": text}, journal.dumps({"b": text})).spot for text in texts]
        assert [log.head(spot)["text"] for spot in spots] == texts
        assert [log.body(spot)["b"] for spot in spots] == texts
        assert [line.spot for line in log.lines()] == spots
    assert [line.entry["text"] for line in Journal(path).lines()] == texts


def test_there_is_nothing_in_a_journal_that_is_not_there(tmp_path):
    """Before the first run."""
    assert list(Journal(tmp_path / "none").lines()) == []


def test_a_torn_line_is_ignored_wherever_it_was_torn(tmp_path):
    """Cut at every byte of the last line, the lines before stand, and one can be added."""
    path = tmp_path / "log"
    whole = written(path, 3)
    second = whole.rindex(b"\n", 0, -1) + 1
    for cut in range(second, len(whole)):
        path.write_bytes(whole[:cut])
        assert numbers(path) == [0, 1]
        with Journal(path) as log:
            log.append({"number": 9})
        assert numbers(path) == [0, 1, 9]


@given(at=st.integers(0, 10_000), value=st.integers(0, 255))
def test_a_damaged_byte_costs_its_line(tmp_path_factory, at, value):
    """A disk that returns something else: the other lines stand, and no wrong entry is read."""
    path = tmp_path_factory.mktemp("damage") / "log"
    whole = bytearray(written(path, 5))
    whole[at % len(whole)] = value
    path.write_bytes(bytes(whole))
    found = numbers(path)
    assert set(found) <= set(range(5))
    assert len(found) >= 3  # a lost line end costs two
    assert found == sorted(found)


def test_damage_is_counted(tmp_path):
    """A line that fails its check can be told from one that was torn."""
    path = tmp_path / "log"
    whole = written(path, 3)
    path.write_bytes(whole.replace(b'"number":1', b'"number":7') + b"torn")
    assert Journal(path).damaged() == 1


def test_a_full_disk_is_one_sentence_and_loses_nothing(tmp_path):
    """The limit on a file's size stands for the disk's: what was written before stays."""
    path = tmp_path / "log"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with Journal(path) as log:
            log.append({"number": 0})
            resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, before[1]))
            with pytest.raises(journal.Stopped, match=r"no space is left.*run the same command"):
                log.append({"number": 1}, b"x" * 5_000)
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            log.append({"number": 2})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert numbers(path) == [0, 2]


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    """A crash before the last step leaves the old file, and no other."""
    path = tmp_path / "gradebook.csv"
    journal.replace_file(path, b"old")

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(journal.Stopped, match="no space is left"):
        journal.replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["gradebook.csv"]


def test_a_folder_has_one_batch_at_a_time(tmp_path):
    """The lock is refused while it is held, and free when it is not."""
    with (
        journal.locked(tmp_path),
        pytest.raises(UsageError, match="another batch"),
        journal.locked(tmp_path),
    ):
        pass
    with journal.locked(tmp_path):
        pass
