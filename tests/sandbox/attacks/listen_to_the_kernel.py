"""Opens the channel by which the kernel tells of its network."""

import socket


def attack(target):
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as kernel:
        kernel.bind((0, 0))
