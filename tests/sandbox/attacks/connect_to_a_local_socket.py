"""Talks to a service on this machine, such as that of containers."""

import socket


def attack(target):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(target["unix"])
