"""Leaves a queue of messages, which outlives every process."""
# control needs: message queues

import os

import raw


def attack(target):
    name = target["name"].encode()
    os.close(raw.call("mq_open", name, os.O_CREAT | os.O_RDWR, 0o600, None))
    raw.call("mq_unlink", name)
