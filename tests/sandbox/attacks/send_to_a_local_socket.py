"""Addresses a datagram from one end of a pair to a service."""

import socket


def attack(target):
    mine, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    mine.sendto(b"x", target["unix_datagram"])
