"""Opens the kernel's own socket family."""

import socket


def attack(target):
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close()
