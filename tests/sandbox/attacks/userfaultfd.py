"""Handles page faults by itself, the start of many an exploit."""
# control needs: userfaultfd

import os

import raw


def attack(target):
    os.close(raw.call("userfaultfd", 1))
