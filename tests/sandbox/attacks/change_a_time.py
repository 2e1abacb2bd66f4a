"""Makes a file older than the deadline; the call is told that it succeeded."""
# judged by: trace

import os


def attack(target):
    os.utime(target["file"], (0, 0))
