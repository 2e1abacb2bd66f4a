"""Leaves a message for an accomplice."""

import raw


def attack(target):
    create, remove = 0o1600, 0
    queue = raw.call("msgget", 0, create)
    raw.call("msgctl", queue, remove, 0)
