"""Makes a link to a file outside and reads the link."""

import os
import tempfile


def attack(target):
    link = tempfile.mktemp()
    os.symlink(target["file"], link)
    try:
        with open(link) as file:
            file.read()
    finally:
        os.unlink(link)
