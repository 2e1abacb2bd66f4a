"""Reads with which words another process was started."""


def attack(target):
    with open(f"/proc/{target['pid']}/cmdline", "rb") as file:
        file.read()
