"""Reads the keys and tokens in another process's environment."""


def attack(target):
    with open(f"/proc/{target['pid']}/environ", "rb") as file:
        file.read()
