"""Opens the list by which a process moves out of its group, and out of its limits."""
# control needs: groups of processes

import glob


def attack(target):
    lists = glob.glob("/sys/fs/cgroup/**/cgroup.procs", recursive=True)
    if not lists:
        raise FileNotFoundError("no groups")
    open(lists[0], "r+b").close()
