"""Takes another process's open files away."""

import resource


def attack(target):
    resource.prlimit(target["pid"], resource.RLIMIT_NOFILE, (3, 3))
