"""Mounts something over something, in a namespace of its own."""
# control needs: root

import raw


def attack(target):
    new_mounts, private = 0x20000, 0x44000
    raw.call("unshare", new_mounts)
    raw.call("mount", b"none", b"/", 0, private, 0)
    raw.call("mount", b"none", target["folder"].encode(), b"tmpfs", 0, 0)
