"""Leaves a process behind that nobody waits for."""

import os
import time


def attack(target):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(0.01)
        os._exit(0)
    os.wait()
