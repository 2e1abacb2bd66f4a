"""The wall of macOS. Untested: it was written from the documentation, without such a machine."""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Sequence


def profile(readable: Sequence[str]) -> str:
    """Return the rules: compute, read the libraries, and nothing else."""
    folders = "\n".join(f'  (subpath "{_quoted(path)}")' for path in readable)
    return f"""(version 1)
(deny default)
(allow sysctl-read)
(allow file-read-metadata)
(allow file-read*
{folders}
  (subpath "/System/Library")
  (subpath "/usr/lib")
  (literal "/dev/null")
  (literal "/dev/urandom"))
(allow file-write-data (literal "/dev/null"))
"""


def _quoted(path: str) -> str:
    return path.replace("\\", "\\\\").replace('"', '\\"')


def shut(readable: Sequence[str]) -> None:
    """Enter the rules; OSError where the system refuses them."""
    library = ctypes.CDLL(ctypes.util.find_library("sandbox"), use_errno=True)
    complaint = ctypes.c_char_p()
    if library.sandbox_init(profile(readable).encode(), 0, ctypes.byref(complaint)) != 0:
        raise OSError(f"sandbox_init: {(complaint.value or b'').decode(errors='replace')}")
