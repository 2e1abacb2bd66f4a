"""Makes a folder outside."""

import os


def attack(target):
    os.mkdir(target["folder"] + "/new")
