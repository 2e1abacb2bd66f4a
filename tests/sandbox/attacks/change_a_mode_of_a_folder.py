"""Locks everybody out of a folder, by a descriptor."""
# judged by: trace

import os


def attack(target):
    folder = os.open(target["folder"], os.O_RDONLY)
    os.fchmod(folder, 0o700)
