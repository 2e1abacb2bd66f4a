"""Takes an open file out of another process."""
# control needs: leave to trace

import os

import raw


def attack(target):
    process = raw.call("pidfd_open", target["pid"], 0)
    try:
        os.close(raw.call("pidfd_getfd", process, 0, 0))
    finally:
        os.close(process)
