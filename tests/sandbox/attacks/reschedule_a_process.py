"""Gives another process another scheduler."""

import os


def attack(target):
    os.sched_setscheduler(target["pid"], os.SCHED_BATCH, os.sched_param(0))
