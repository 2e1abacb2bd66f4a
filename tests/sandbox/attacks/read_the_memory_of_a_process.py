"""Reads another process's memory by the call for it."""
# control needs: leave to trace

import ctypes

import raw


def attack(target):
    there = target["address"]
    mine = ctypes.create_string_buffer(8)
    local = (ctypes.c_size_t * 2)(ctypes.addressof(mine), 8)
    remote = (ctypes.c_size_t * 2)(there, 8)
    raw.call("process_vm_readv", target["pid"], local, 1, remote, 1, 0)
