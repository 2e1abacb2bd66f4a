"""Leaves a segment of memory that outlives the process."""

import raw


def attack(target):
    create, remove = 0o1600, 0
    segment = raw.call("shmget", 0, 4096, create)
    raw.call("shmctl", segment, remove, 0)
