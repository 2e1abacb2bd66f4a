"""Empties a file by opening it for reading; older Landlock versions do not see it."""

import os

import numpy


def attack(target):
    # A file that may be read, so that only the emptying is forbidden; it is empty already.
    path = (
        target["file"] if target["unwalled"] else numpy.testing.__path__[0] + "/tests/__init__.py"
    )
    os.close(os.open(path, os.O_RDONLY | os.O_TRUNC))
