"""Starts a copy of itself; a bomb is a loop around this."""

import os


def attack(target):
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
