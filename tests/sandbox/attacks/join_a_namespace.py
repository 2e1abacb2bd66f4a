"""Joins a namespace that it has a descriptor of."""
# control needs: root

import os

import raw


def attack(target):
    raw.call("setns", os.open("/proc/self/ns/net", os.O_RDONLY), 0)
