"""Becomes root."""
# control needs: root

import os


def attack(target):
    os.setuid(0)
    with open(target["file"]) as file:
        file.read()
