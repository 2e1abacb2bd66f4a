"""Waits for an accomplice to connect."""

import socket


def attack(target):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
