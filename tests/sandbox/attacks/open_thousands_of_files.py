"""Holds a thousand descriptors."""
# control needs: many open files

import os


def attack(target):
    for _ in range(1000):
        os.dup(0)
