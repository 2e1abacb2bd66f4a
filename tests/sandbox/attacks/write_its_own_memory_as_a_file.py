"""Opens its own memory as a file, past the protection of pages."""


def attack(target):
    with open("/proc/self/mem", "r+b", buffering=0):
        pass
