"""Gives a file outside a second name."""

import os


def attack(target):
    os.link(target["file"], target["folder"] + "/second")
