"""Starts a process by the raw call."""

import os

import raw


def attack(target):
    sigchld = 17
    child = raw.call("clone", sigchld, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
