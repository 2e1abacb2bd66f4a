"""Starts a process by the newest call, whose flags no filter can see."""

import os
import struct

import raw


def attack(target):
    sigchld = 17
    words = struct.pack("<8Q", 0, 0, 0, 0, sigchld, 0, 0, 0)
    child = raw.call("clone3", words, len(words))
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
