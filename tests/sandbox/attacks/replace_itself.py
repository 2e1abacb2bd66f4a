"""Becomes another program; one that is not there, so that it may go on."""

import os


def attack(target):
    try:
        os.execv(target["folder"] + "/no-such-program", ["no-such-program"])
    except FileNotFoundError:
        return
