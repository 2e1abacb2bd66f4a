"""Watches a folder for what others do there."""

import raw


def attack(target):
    import os

    os.close(raw.call("inotify_init1", 0))
