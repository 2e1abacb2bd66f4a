"""Asks for a process without random addresses."""

import raw


def attack(target):
    raw.call("personality", 0x0040000)
