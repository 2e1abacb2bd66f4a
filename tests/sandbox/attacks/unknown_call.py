"""Makes a call that was added to the kernel after the filter was written."""
# control needs: a kernel from 2025

import raw


def attack(target):
    try:
        raw.by_number(464, -1, 0, 0, 0, 0, 0)
    except FileNotFoundError:
        return
    except OSError as refusal:
        if refusal.errno not in (9, 14, 22):
            raise
