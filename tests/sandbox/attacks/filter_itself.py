"""Puts a filter of its own before the calls."""

import raw


def attack(target):
    get_action_available, allow = 2, b"\0\0\xff\x7f"
    raw.call("seccomp", get_action_available, 0, allow)
