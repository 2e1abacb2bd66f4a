"""Where rubrics and references lie, and how a reference topic is loaded by its path."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.machinery
import importlib.util
import os
import sys
import types
from pathlib import Path
from typing import NamedTuple

from grader.errors import ReferenceFault, UsageError
from grader.schema import did_you_mean

_PACKAGE = Path(__file__).resolve().parent
_SUFFIXES = (".yaml", ".yml")


class Course(NamedTuple):
    """A rubric file and the folders in which its references are looked for, nearest first."""

    rubric: Path
    references: tuple[Path, ...]


def bundled() -> Path:
    """Return the folder that holds the bundled `rubrics/` and `reference/`.

    In an installed wheel they lie inside the package, in a checkout beside it.
    """
    inside = _PACKAGE / "bundled"
    return inside if inside.is_dir() else _PACKAGE.parent


def bundled_rubrics() -> dict[str, Path]:
    """Return the bundled rubrics by name, sorted."""
    folder = bundled() / "rubrics"
    names = sorted(name for name in os.listdir(folder) if name.endswith(".yaml"))
    return {name.removesuffix(".yaml"): folder / name for name in names}


def find(name: str) -> Course:
    """Return the course of a bundled rubric's name or of a path to a rubric file."""
    known = bundled_rubrics()
    if name in known:
        return Course(known[name], (bundled() / "reference",))
    path = Path(name)
    if path.is_file():
        return Course(path, _references_near(path.resolve()))
    if path.is_dir():
        raise UsageError(f"{name}: expected a rubric file, found a folder")
    if path.suffix in _SUFFIXES or len(path.parts) > 1:
        raise UsageError(f"{name}: no such rubric file")
    hint = did_you_mean(name, known)
    raise UsageError(
        f"{name}: no such rubric{hint}; give the path of a YAML file, "
        f"or one of the bundled names: {', '.join(known)}"
    )


def _references_near(rubric: Path) -> tuple[Path, ...]:
    places = [rubric.parent / "reference", rubric.parent.parent / "reference"]
    return (*(place for place in places if place.is_dir()), bundled() / "reference")


def topic_path(course: Course, topic: str) -> Path:
    """Return the file of a reference topic; ReferenceFault names the topics that there are."""
    for folder in course.references:
        path = folder / f"{topic}.py"
        if topic.isidentifier() and path.is_file():
            return path
    known = sorted({path.stem for folder in course.references for path in folder.glob("*.py")})
    raise ReferenceFault(
        f"no reference topic '{topic}'{did_you_mean(topic, known)}; there are {', '.join(known)}"
    )


def load_topic(course: Course, topic: str) -> types.ModuleType:
    """Return the module of a reference topic, loaded from its path.

    Topics of one folder may import each other relatively. Raises ReferenceFault.
    """
    path = topic_path(course, topic)
    name = f"{_package_of(path.parent)}.{topic}"
    try:
        return importlib.import_module(name)
    except Exception as fault:  # a teacher's module may raise anything while it is loaded
        raise ReferenceFault(f"{path.name} could not be loaded: {_said(fault)}") from fault


def _package_of(folder: Path) -> str:
    """Return the name of a package made for the folder, so that two courses never mix."""
    name = "grader_reference_" + hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    if name not in sys.modules:
        _forget_doubtful_bytecode(folder)
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        package.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=True)
        sys.modules[name] = package
    return name


def _forget_doubtful_bytecode(folder: Path) -> None:
    """Remove the bytecode that is no younger than its source by a whole second.

    Python takes it for current where length and second are the same, so that a reference that is
    mended twice within a second would go on giving the first answer.
    """
    for name in os.listdir(folder):
        if name.endswith(".py"):
            source = folder / name
            bytecode = Path(importlib.util.cache_from_source(str(source)))
            with contextlib.suppress(OSError):  # there is none, or it is not ours to remove
                if int(bytecode.stat().st_mtime) <= int(source.stat().st_mtime):
                    bytecode.unlink()


def _said(fault: BaseException) -> str:
    return f"{type(fault).__name__}: {fault}"
