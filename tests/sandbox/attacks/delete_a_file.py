"""Deletes a file outside."""

import os


def attack(target):
    os.unlink(target["file"])
