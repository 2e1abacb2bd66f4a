"""What all tests share: generated examples are the same everywhere, however slow the machine."""

from hypothesis import settings

# A loaded machine is no failure; the same examples each time keep a red run reproducible.
settings.register_profile("shared", deadline=None, derandomize=True)
settings.load_profile("shared")
