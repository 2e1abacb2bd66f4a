"""Ends another process: the grader, or another student's."""
# judged by: trace

import os
import signal


def attack(target):
    os.kill(target["pid"], signal.SIGTERM)
