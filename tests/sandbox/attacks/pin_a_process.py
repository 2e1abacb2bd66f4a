"""Moves another process to one processor."""

import os


def attack(target):
    os.sched_setaffinity(target["pid"], {0})
