"""Takes memory that no limit on a process counts."""

import os


def attack(target):
    os.close(os.memfd_create("bomb"))
