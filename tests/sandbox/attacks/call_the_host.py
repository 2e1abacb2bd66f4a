"""Opens a socket from a virtual machine to its host."""
# control needs: a kernel for virtual machines

import socket


def attack(target):
    socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close()
