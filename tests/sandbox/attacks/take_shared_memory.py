"""Takes eight gigabytes that it could share."""

import mmap

NO_RESERVE = 0x4000


def attack(target):
    flags = mmap.MAP_SHARED | mmap.MAP_ANONYMOUS | NO_RESERVE
    mmap.mmap(-1, 8 << 30, flags=flags).close()
