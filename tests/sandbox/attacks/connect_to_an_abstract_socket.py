"""Talks to a service that has no place in the file system."""

import socket


def attack(target):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect("\0" + target["name"])
