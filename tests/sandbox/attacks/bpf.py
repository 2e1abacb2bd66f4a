"""Loads a table into the kernel."""
# control needs: root

import os
import struct

import raw


def attack(target):
    os.close(raw.call("bpf", 0, struct.pack("<5I", 2, 4, 4, 1, 0) + bytes(100), 120))
