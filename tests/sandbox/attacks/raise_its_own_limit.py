"""Raises its own limit of memory."""

import resource


def attack(target):
    try:
        resource.setrlimit(resource.RLIMIT_AS, (1 << 45, 1 << 45))
    except ValueError as refusal:
        raise PermissionError(str(refusal)) from refusal
