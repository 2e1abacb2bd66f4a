"""Opens a terminal of its own."""

import os


def attack(target):
    for end in os.openpty():
        os.close(end)
