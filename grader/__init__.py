"""Checks and grades machine-learning coursework: it reads mathematics, not strings."""

__version__ = "0.1.0"
