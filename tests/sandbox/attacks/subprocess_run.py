"""Runs another program."""

import subprocess
import sys


def attack(target):
    subprocess.run([sys.executable, "-S", "-c", ""], check=True)
