"""Gives the machine the name that it has."""
# control needs: root

import socket


def attack(target):
    socket.sethostname(socket.gethostname())
