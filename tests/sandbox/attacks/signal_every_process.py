"""Signals whatever it may."""

import os


def attack(target):
    os.kill(-1, 0)
