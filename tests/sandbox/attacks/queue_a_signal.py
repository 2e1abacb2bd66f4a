"""Signals another process by the call for real-time signals."""

import struct

import raw


def attack(target):
    information = struct.pack("<iii", 0, 0, -1) + bytes(116)
    raw.call("rt_sigqueueinfo", target["pid"], 0, information)
