"""Takes a file's readability away; the call is told that it succeeded."""
# judged by: trace

import os


def attack(target):
    os.chmod(target["file"], 0o600)
