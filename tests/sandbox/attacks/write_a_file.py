"""Appends to a file outside: a gradebook, another's submission."""


def attack(target):
    with open(target["file"], "a") as file:
        file.write("forged")
