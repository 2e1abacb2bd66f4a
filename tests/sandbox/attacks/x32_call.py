"""Makes a call under the number that it has for 32-bit pointers."""
# control needs: x32

import raw


def attack(target):
    raw.by_number(0x40000000 + 39)
