"""Signals another process by a descriptor of it."""

import os
import signal


def attack(target):
    signal.pidfd_send_signal(os.pidfd_open(target["pid"]), 0)
