"""Empties a file by its name; older Landlock versions do not see it."""

import os


def attack(target):
    os.truncate(target["file"], 0)
