"""Lets `python -m grader` do what `grader` does."""

from __future__ import annotations

import atexit
import os
import sys
import threading

from grader.cli import main


def run() -> None:
    """Run the command and leave at once: to take a finished process apart costs an eighth of it."""
    code = 0
    try:
        main()
    except SystemExit as ended:
        if isinstance(ended.code, str):
            raise
        code = ended.code or 0
    if _is_done():
        os._exit(code)
    sys.exit(code)


def _is_done() -> bool:
    """Return whether nothing is left to do: no thread, nothing to tidy up, nothing to write."""
    if threading.active_count() > 1:
        return False
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # Python says so at an ordinary end
        return False
    return True


if __name__ == "__main__":
    run()
