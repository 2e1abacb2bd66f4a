"""Reads another process's memory as a file."""
# control needs: leave to trace


def attack(target):
    with open(f"/proc/{target['pid']}/mem", "rb", buffering=0) as memory:
        memory.seek(target["address"])
        memory.read(8)
