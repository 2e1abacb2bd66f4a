"""Becomes root of a world of its own."""
# control needs: user namespaces

import raw


def attack(target):
    raw.call("unshare", 0x10000000)
