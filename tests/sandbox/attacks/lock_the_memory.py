"""Keeps memory that others need from being paged out."""

import os

import raw


def attack(target):
    page = 1 << 20
    buffer = raw.ctypes.create_string_buffer(page)
    if raw.libc.mlock(buffer, page):
        raise OSError(raw.ctypes.get_errno(), os.strerror(raw.ctypes.get_errno()))
    raw.libc.munlock(buffer, page)
