"""Opens a socket below all protocols."""
# control needs: root

import socket


def attack(target):
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()
