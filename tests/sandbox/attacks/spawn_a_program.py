"""Starts a program by the call that needs no fork of its own."""

import os
import sys


def attack(target):
    os.waitpid(os.posix_spawn(sys.executable, [sys.executable, "-S", "-c", ""], {}), 0)
