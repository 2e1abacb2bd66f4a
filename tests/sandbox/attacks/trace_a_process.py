"""Attaches to another process, as a debugger does."""
# control needs: leave to trace

import raw


def attack(target):
    seize = 0x4206
    raw.call("ptrace", seize, target["pid"], 0, 0)
