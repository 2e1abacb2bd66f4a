"""Renames a file outside."""

import os


def attack(target):
    os.rename(target["file"], target["file"] + ".old")
