"""Becomes a program that has no name."""

import os

import raw


def attack(target):
    nowhere = os.open("/dev/null", os.O_RDONLY)
    try:
        raw.call("execveat", nowhere, target["file"].encode() + b".none", 0, 0, 0)
    except FileNotFoundError:
        return
