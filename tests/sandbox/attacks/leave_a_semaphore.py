"""Leaves a semaphore, of which a machine has few."""
# control needs: semaphores

import raw


def attack(target):
    remove = 0
    semaphore = raw.call("semget", 0, 1, 0o1600)
    raw.call("semctl", semaphore, 0, remove, 0)
