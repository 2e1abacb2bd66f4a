"""Leaves a start-up file among the installed packages."""
# control needs: a library folder of one's own

import os

import numpy


def attack(target):
    folder = os.path.dirname(os.path.dirname(numpy.__file__))
    path = os.path.join(folder, target["name"] + ".pth")
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
    os.unlink(path)
