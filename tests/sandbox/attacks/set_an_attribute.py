"""Hangs a note on a file outside, for an accomplice."""
# control needs: a file system with attributes

import os


def attack(target):
    os.setxattr(target["file"], "user.note", b"42")
