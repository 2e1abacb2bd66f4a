"""Types a command into the teacher's terminal."""

import fcntl


def attack(target):
    try:
        fcntl.ioctl(1, 0x5412, b"x")
    except OSError as refusal:
        if refusal.errno != 25:  # the kernel looked, and the output is no terminal
            raise
