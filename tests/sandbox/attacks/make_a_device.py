"""Makes a door to the memory of the machine."""
# control needs: root

import os
import stat


def attack(target):
    path = target["folder"] + "/device"
    os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 1))
    os.unlink(path)
