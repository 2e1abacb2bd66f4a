"""Leaves a note in the kernel's keyring."""
# control needs: keyrings

import raw


def attack(target):
    raw.call("add_key", b"user", b"note", b"42", 2, -2)
