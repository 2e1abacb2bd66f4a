"""What waits on the disk until its order is known: a class may be larger than the memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from grader.batch import journal


class Spool:
    """Pieces of bytes in a file without a name, each found again by its start and its size."""

    def __init__(self) -> None:
        try:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by the with-block
        except OSError as fault:
            raise journal.full(Path(tempfile.gettempdir()), fault) from fault
        self._end = 0

    def add(self, piece: bytes) -> int:
        """Write a piece; return where it starts."""
        start = self._end
        try:
            self._file.write(piece)
        except OSError as fault:
            raise journal.full(Path(tempfile.gettempdir()), fault) from fault
        self._end += len(piece)
        return start

    def read(self, start: int, size: int) -> bytes:
        """Return a piece."""
        self._file.seek(start)
        return self._file.read(size)

    def lines(self) -> Iterator[bytes]:
        """Yield what was written, line by line."""
        self._file.seek(0)
        yield from self._file

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
