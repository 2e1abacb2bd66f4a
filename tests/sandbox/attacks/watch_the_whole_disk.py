"""Asks to be told of every file that anybody opens."""
# control needs: root

import os

import raw


def attack(target):
    os.close(raw.call("fanotify_init", 0, 0))
