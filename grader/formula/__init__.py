"""The mathematics that students write: read, evaluated at samples, compared, explained."""

from grader.formula.scalar import value

__all__ = ["value"]
