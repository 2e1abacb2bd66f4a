"""Moves into another folder, to reach it by short names."""

import os


def attack(target):
    os.chdir(target["folder"])
    os.listdir(".")
