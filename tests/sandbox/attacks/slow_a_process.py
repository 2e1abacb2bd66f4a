"""Makes another process wait behind all others."""

import os


def attack(target):
    os.setpriority(os.PRIO_PROCESS, target["pid"], 19)
