"""Walks up to the root and down again, and looks who else is there."""

import os


def attack(target):
    others = os.listdir("../../../../../.." + os.path.dirname(target["folder"]))
    if target["name"] not in others:
        raise FileNotFoundError(target["name"])
