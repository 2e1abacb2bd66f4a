"""Reads the environment that this process was started with."""


def attack(target):
    with open("/proc/self/environ", "rb") as file:
        file.read()
