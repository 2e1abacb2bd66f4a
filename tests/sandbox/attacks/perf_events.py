"""Watches the machine's counters."""
# control needs: perf events

import os
import struct

import raw


def attack(target):
    software, task_clock = 1, 1
    attributes = struct.pack("<IIQ", software, 112, task_clock) + bytes(96)
    os.close(raw.call("perf_event_open", attributes, 0, -1, -1, 0))
