"""Opens a socket to the ciphers of the kernel."""
# control needs: ciphers in the kernel

import socket


def attack(target):
    with socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET, 0) as kernel:
        kernel.bind(("hash", "sha256"))
