"""Leaves a file in the memory that processes share."""

import os


def attack(target):
    path = f"/dev/shm/{target['name']}"
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    os.unlink(path)
