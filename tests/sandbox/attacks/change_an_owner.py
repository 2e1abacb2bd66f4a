"""Takes a file for itself; the call is told that it succeeded."""
# control needs: root
# judged by: trace

import os


def attack(target):
    os.chown(target["file"], 12345, -1)
