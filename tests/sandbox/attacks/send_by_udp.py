"""Sends out what it found, as a name query would."""

import socket


def attack(target):
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.sendto(b"x", ("127.0.0.1", target["udp"]))
