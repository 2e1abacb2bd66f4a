"""Looks around in another student's folder."""

import os


def attack(target):
    os.listdir(target["folder"])
