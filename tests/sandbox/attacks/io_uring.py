"""Opens the ring through which calls go past a filter."""
# control needs: io_uring

import os

import raw


def attack(target):
    os.close(raw.call("io_uring_setup", 1, bytes(120)))
