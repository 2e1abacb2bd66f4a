"""Crashes in order to leave a core file."""
# control needs: core files

import resource


def attack(target):
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (4096, 4096))
    except ValueError as refusal:
        raise PermissionError(str(refusal)) from refusal
