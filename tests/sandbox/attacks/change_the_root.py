"""Makes another folder the root."""
# control needs: root

import raw


def attack(target):
    raw.call("chroot", b"/")
