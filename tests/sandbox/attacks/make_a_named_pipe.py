"""Makes a pipe outside, at which a reader would wait for ever."""

import os


def attack(target):
    path = target["folder"] + "/pipe"
    os.mkfifo(path)
    os.unlink(path)
