"""Reads a file that was never handed to it: a reference, an answer, a key."""


def attack(target):
    with open(target["file"]) as file:
        file.read()
