"""Reads what the kernel wrote of everybody."""
# control needs: root

import os


def attack(target):
    os.close(os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK))
