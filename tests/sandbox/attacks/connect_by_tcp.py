"""Fetches a solution, or asks a language model."""

import socket


def attack(target):
    socket.create_connection(("127.0.0.1", target["tcp"]), 1).close()
