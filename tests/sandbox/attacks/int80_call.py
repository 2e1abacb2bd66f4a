"""Makes a call by the door for 32-bit programs, under numbers that mean other calls there."""
# control needs: an x86 kernel that runs 32-bit programs
# judged by: crash

import ctypes
import mmap
import platform

GET_PID_BY_INT80 = b"\xb8\x14\0\0\0\xcd\x80\xc3"


def attack(target):
    if platform.machine() != "x86_64":
        raise OSError("no such door on this machine")
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(GET_PID_BY_INT80)
    place = ctypes.addressof(ctypes.c_char.from_buffer(code))
    if ctypes.CFUNCTYPE(ctypes.c_int)(place)() <= 0:
        raise OSError("the door is closed")
