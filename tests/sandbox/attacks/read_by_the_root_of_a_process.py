"""Reads a file by the way of another process."""
# control needs: leave to trace


def attack(target):
    with open(f"/proc/{target['pid']}/root{target['file']}") as file:
        file.read()
