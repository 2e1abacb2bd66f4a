"""Has a shell run a command."""

import os


def attack(target):
    if os.system("exit 0") != 0:
        raise PermissionError("no shell")
