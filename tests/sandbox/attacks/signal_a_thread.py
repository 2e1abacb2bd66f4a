"""Signals another process by one of its threads."""

import raw


def attack(target):
    raw.call("tgkill", target["pid"], target["pid"], 0)
