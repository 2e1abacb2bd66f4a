"""Execute a student's files so that what fails costs only what depends on it.

Every statement at the top level of a file or a cell is executed by itself: an error in one is
written down, and the next one is tried. Functions are remembered as they are defined, since a
notebook may define a name again for a later question.
"""

from __future__ import annotations
import __future__

import ast
import asyncio
import builtins
import copy
import dis
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import linecache
import re
import signal
import sys
import time
import types
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

from grader.sandbox import cells, older, substitutes
from grader.sandbox.faults import Place, Trouble, describe

Unit = tuple[str, int]
"""A statement at the top level: the file, and its number in it."""

_DEFINES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_ANNOTATIONS: Final = __future__.annotations.compiler_flag
_LOOKED_THROUGH: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Definition:
    """A function or class that was defined, and whether it is more than the template's blank.

    `keywords` are parameters that are only taken by name. `methods` are those of a class that
    extends no other: a network of the student's own making.
    """

    name: str
    place: Place
    parameters: tuple[str, ...]
    complete: bool
    value: Any
    keywords: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    is_one_of_many: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """How long loading may take.

    `skip` are statements that ended an earlier child, and how. `before` is told of each
    statement before it is executed. Without `experiments`, statements that only try out what
    was defined are passed over: those that loop, that use a function of the student's, or that
    use what such a statement would have made.
    """

    statement_seconds: float
    total_seconds: float
    skip: Mapping[Unit, str] = field(default_factory=dict)
    before: Callable[[Unit], None] = lambda unit: None
    experiments: bool = True


class Program:
    """What a student handed in, executed: a namespace per file, and what went wrong."""

    def __init__(self, files: Mapping[str, bytes], pace: Pace) -> None:
        self.files = files
        self.pace = pace
        self.spaces: dict[str, dict[str, Any]] = {}
        self.definitions: list[Definition] = []
        self.troubles: list[Trouble] = []
        self.left_out: list[tuple[Place, str]] = []
        self.written: dict[str, str] = {}
        self.places: dict[str, Place] = {}
        self.experimental: set[str] = set()
        self.unavailable: set[str] = set()
        self._modules: dict[str, types.ModuleType] = {}
        self._imports: dict[str, set[str]] = {}

    def load(self) -> None:
        """Execute all files: programs in their order, and what they import where they do."""
        sys.meta_path.append(_Finder(self))
        sys.meta_path.append(Supplied(substitutes.SOURCES))
        self._imports = {file: _imported_words(data) for file, data in self.files.items()}
        imported = [file for file in self.files if self._is_imported(file)]
        for file in self.files:
            if file not in imported:
                self.module(file, is_script=True)
        for file in imported:
            self.module(file)
        order = {file: at for at, file in enumerate([*self.files, *self.written])}
        self.definitions.sort(key=lambda each: order[each.place.file])
        self.spaces = {file: self.spaces[file] for file in order if file in self.spaces}

    def find(self, name: str, which: str = "first", file: str | None = None) -> Any:
        """Return what the student calls `name`; KeyError where nothing has that name.

        Of several definitions the last in each cell counts; across cells the first complete one,
        or with `which="last"` the last one. Then all names of that namespace mean the definition
        that is chosen for them, so that functions which call each other fit together.
        """
        found: list[tuple[bool, Any]] = []
        for candidate in [file] if file is not None else self.spaces:
            space = self.spaces.get(candidate, {})
            chosen = self._chosen(candidate, which)
            space.update({key: each.value for key, each in chosen.items() if each.is_one_of_many})
            defined = chosen.get(name)
            # A name may have been given to the function's result since, or to a wrapped form.
            if callable(space.get(name)):
                found.append((defined is None or defined.complete, space[name]))
            elif defined:
                found.append((defined.complete, defined.value))
        if not found:
            raise KeyError(name)
        return next((value for complete, value in found if complete), found[0][1])

    def _chosen(self, file: str, which: str) -> dict[str, Definition]:
        by_name: dict[str, dict[int, Definition]] = {}
        for each in self.definitions:
            if each.place.file == file:
                by_name.setdefault(each.name, {})[each.place.cell] = each
        chosen = {}
        for name, by_cell in by_name.items():
            in_order = list(by_cell.values())
            complete = [each for each in in_order if each.complete] or in_order[-1:]
            one = complete[0] if which == "first" else complete[-1]
            chosen[name] = replace(one, is_one_of_many=len(in_order) > 1)
        return chosen

    def source_of(self, module: str) -> str | None:
        """Return the file that holds `module`, or None."""
        path = module.replace(".", "/")
        for file in [*self.files, *self.written]:
            if file in (path + ".py", path + "/__init__.py"):
                return file
        alone = [file for file in [*self.files, *self.written] if _name(file) == path + ".py"]
        return alone[0] if alone else None

    def is_folder(self, module: str) -> bool:
        """Return whether there are files in a folder called `module`."""
        return any(file.startswith(module.replace(".", "/") + "/") for file in self.files)

    def _is_imported(self, file: str) -> bool:
        """Return whether another file seems to import `file`, which then is no program itself."""
        stem = _stem(file)
        others = [words for name, words in self._imports.items() if name != file]
        return _is_package(file) or any(stem in words for words in others)

    def module(self, file: str, *, is_script: bool = False) -> types.ModuleType:
        """Return the module of `file`, executed, or being executed where imports go in circles."""
        if file in self._modules:
            return self._modules[file]
        stem = _stem(file)
        name = stem if file.endswith(".py") and not is_script else "__main__"
        module = self._modules[file] = types.ModuleType(name)
        self.spaces[file] = module.__dict__
        if file.endswith(".py"):
            module.__file__ = file
            module.__package__ = ".".join(file.split("/")[:-1])
        if _is_package(file):
            module.__path__ = []
        if name == "__main__":
            sys.argv = [file]
        if name == "__main__" or not _is_installed(name):
            sys.modules[name] = module
        _Execution(self, file, module.__dict__).run()
        return module

    def describe(self, error: BaseException, here: Place) -> Trouble:
        """Return `error` in plain words, with the place in the student's files nearest to it."""
        trouble = describe(error, here, self.place(error))
        # Of a missing module from which all was taken, nobody knows what that was.
        is_lacking = isinstance(error, NameError) and not self.unavailable.isdisjoint(
            (error.name, "*")
        )
        return replace(trouble, hint="import") if is_lacking else trouble

    def place(self, error: BaseException) -> Place | None:
        """Return the innermost place in the student's files where `error` was on its way."""
        found = None
        trace = error.__traceback__
        while trace is not None:
            where = self.places.get(trace.tb_frame.f_code.co_filename)
            if where is not None:
                found = Place(where.file, where.cell, trace.tb_lineno)
            trace = trace.tb_next
        return found


@dataclass(frozen=True, slots=True)
class _Statement:
    """A statement at the top level, and where it stands."""

    tree: ast.stmt
    filename: str
    here: Place


class _Execution:
    """One file on its way through the interpreter."""

    def __init__(self, program: Program, file: str, space: dict[str, Any]) -> None:
        self._program = program
        self._file = file
        self._space = space
        self._number = 0
        self._flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self._waiting: list[tuple[_Statement, str, Trouble]] = []
        self._usual: set[str] = set()

    def run(self) -> None:
        for cell in self._cells():
            prepared = cells.prepare(cell.source)
            here = Place(self._file, cell.number)
            self._program.left_out += [(here, line) for line in prepared.left_out]
            self._program.written.update(prepared.modules)
            self._run_cell(here, prepared.source)
        self._supply()
        self._run_again()

    def _cells(self) -> Sequence[cells.Cell]:
        if self._file in self._program.written:
            return [cells.Cell(0, self._program.written[self._file])]
        try:
            return cells.read(self._file, self._program.files[self._file])
        except cells.Garbled as fault:
            self._program.troubles.append(
                Trouble("Garbled", str(fault), Place(self._file), "broken")
            )
            return fault.cells

    def _run_cell(self, here: Place, source: str) -> None:
        filename = f"{here.file}[cell {here.cell}]" if here.cell else here.file
        self._program.places[filename] = here
        linecache.cache[filename] = (
            len(source),
            None,
            source.splitlines(keepends=True),
            filename,
        )
        statements, faults = cells.statements(source)
        for fault in faults:
            place = Place(here.file, here.cell, fault.line)
            kind, _, message = fault.message.partition(": ")
            where = f", in {', '.join(fault.names)}" if fault.names else ""
            self._program.troubles.append(Trouble(kind, message + where, place, "syntax"))
        for tree in _with_single_imports(statements):
            place = Place(here.file, here.cell, tree.lineno)
            self._run_statement(_Statement(tree, filename, place))

    # Who pastes a function leaves the imports of the course's template behind.
    def _supply(self) -> None:
        """Import the libraries whose usual names are used, and given to nothing."""
        for name in sorted(self._usual - self._space.keys() - self._program.unavailable):
            tree = ast.parse(_USUAL[name]).body[0]
            self._run_statement(_Statement(tree, self._file, Place(self._file)))

    # A notebook's cells may have been run in another order than they stand in.
    def _run_again(self) -> None:
        """Try what missed a name once more, if that name came later."""
        waiting, self._waiting = self._waiting, []
        settled = set()
        for statement, name, trouble in waiting:
            if name in self._space:
                settled.add(id(trouble))
                self._run_statement(statement)
        troubles = self._program.troubles
        troubles[:] = [each for each in troubles if id(each) not in settled]

    def _run_statement(self, each: _Statement) -> None:
        self._number += 1
        unit = (self._file, self._number)
        pace = self._program.pace
        statement, here = each.tree, each.here
        if not pace.experiments and self._is_experiment(statement):
            return
        late = time.process_time() > pace.total_seconds
        if unit in pace.skip or (late and not _prepares(statement)):
            why = pace.skip.get(unit, "left out, since the code before it took too long")
            self._program.troubles.append(Trouble("NotRun", why, here))
            return
        pace.before(unit)
        try:
            with _interrupted_after(_patience(statement, pace)):
                self._execute_or_bare(each)
        except BaseException as error:  # whatever a student's code may raise, exits included
            self._note(each, error)
        self._remember(statement, here)

    def _note(self, each: _Statement, error: BaseException) -> None:
        trouble = self._program.describe(error, each.here)
        self._program.troubles.append(trouble)
        if trouble.hint == "module":
            self._program.unavailable.update(_bound(each.tree))
        elif type(error) is NameError and error.name and trouble.hint != "import":
            self._waiting.append((each, error.name, trouble))

    def _execute_or_bare(self, each: _Statement) -> None:
        try:
            self._execute(each.tree, each.filename, self._flags)
        except NameError:
            if not isinstance(each.tree, _DEFINES):
                raise
            # What a function is annotated or decorated with may be missing, and not be needed.
            bare = _without_unknown_decorators(each.tree, self._space)
            self._execute(bare, each.filename, self._flags | _ANNOTATIONS)

    def _is_experiment(self, statement: ast.stmt) -> bool:
        if _prepares(statement):
            return False
        names = {each.name for each in self._program.definitions} | self._program.experimental
        nodes = list(ast.walk(statement))
        uses = {node.id for node in nodes if isinstance(node, ast.Name)}
        if not uses & names and not any(isinstance(node, ast.For | ast.While) for node in nodes):
            return False
        self._program.experimental |= {
            node.id
            for node in nodes
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        return True

    def _execute(self, statement: ast.stmt, filename: str, flags: int) -> None:
        # Without assertions: they are the template's own tests, often of a type that NumPy has
        # changed since, and would keep a right value from being judged.
        module = ast.Module([older.adapted(statement)], [])
        code = compile(module, filename, "exec", flags, dont_inherit=True, optimize=1)
        self._usual.update(_usual_names(code))
        if code.co_flags & inspect.CO_COROUTINE:
            asyncio.run(types.FunctionType(code, self._space)())
        else:
            exec(code, self._space)

    def _remember(self, statement: ast.stmt, here: Place) -> None:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            for alias in statement.names:
                feature = getattr(__future__, alias.name, None)
                self._flags |= getattr(feature, "compiler_flag", 0)
        names = {each.name for each in self._program.definitions}
        name, parameters, complete = _defined(statement, names)
        if name in self._space and (_prepares(statement) or callable(self._space[name])):
            self._program.definitions.append(
                Definition(
                    name,
                    here,
                    parameters,
                    complete,
                    self._space[name],
                    _keywords(statement),
                    _methods(statement),
                )
            )


_USUAL: Final = {
    "np": "import numpy as np",
    "numpy": "import numpy",
    "math": "import math",
    "torch": "import torch",
    "nn": "from torch import nn",
    "F": "import torch.nn.functional as F",
    "optim": "from torch import optim",
    "plt": "import matplotlib.pyplot as plt",
    "pd": "import pandas as pd",
}
_GLOBAL_LOADS: Final = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS")


def _usual_names(code: types.CodeType) -> Iterator[str]:
    """Yield the usual names of libraries that code, and the functions in it, take from outside."""
    inner = [code]
    while inner:
        each = inner.pop()
        inner += [const for const in each.co_consts if isinstance(const, types.CodeType)]
        if not _USUAL.keys().isdisjoint(each.co_names):
            loads = (step for step in dis.get_instructions(each) if step.opname in _GLOBAL_LOADS)
            yield from (step.argval for step in loads if step.argval in _USUAL)


_IMPORT: Final = re.compile(rb"(?:\b(?:from|import)|%run)\s([^\n\"']*)")


def _imported_words(data: bytes) -> set[str]:
    """Return the words in the imports of a file, which may be a notebook's JSON."""
    found = b" ".join(_IMPORT.findall(data[:_LOOKED_THROUGH]))
    return {word.decode("utf-8", "replace") for word in re.findall(rb"[\w-]+", found)}


def _name(file: str) -> str:
    return file.rpartition("/")[2]


def _is_package(file: str) -> bool:
    return file.endswith("/__init__.py")


def _stem(file: str) -> str:
    """Return the name under which a file is imported; a package has that of its folder."""
    path = file.removesuffix("/__init__.py").removesuffix(".py")
    return path.rpartition("/")[2]


def _with_single_imports(statements: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements, with an import of its own for each name: one may be missing."""
    for statement in statements:
        match statement:
            case ast.Import(names) if len(names) > 1:
                for name in names:
                    yield ast.copy_location(ast.Import([name]), statement)
            case ast.ImportFrom(module, names, level) if len(names) > 1:
                for name in names:
                    yield ast.copy_location(ast.ImportFrom(module, [name], level), statement)
            case _:
                yield statement


def _bound(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that the imports in a statement would have given."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0]


def _without_unknown_decorators(
    statement: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, space: Mapping[str, Any]
) -> ast.stmt:
    known = [
        each
        for each in statement.decorator_list
        if all(
            node.id in space or hasattr(builtins, node.id)
            for node in ast.walk(each)
            if isinstance(node, ast.Name)
        )
    ]
    bare = copy.copy(statement)
    bare.decorator_list = known
    return bare


# A library may take its time, and what a student's own module does is timed there.
def _patience(statement: ast.stmt, pace: Pace) -> float:
    is_import = isinstance(statement, ast.Import | ast.ImportFrom)
    return pace.statement_seconds * (4 if is_import else 1)


def _prepares(statement: ast.stmt) -> bool:
    return isinstance(statement, (*_DEFINES, ast.Import, ast.ImportFrom))


def _defined(statement: ast.stmt, names: Collection[str]) -> tuple[str, tuple[str, ...], bool]:
    """Return the name that a statement defines ('' if none), its parameters, and if it is done.

    `f = lambda x: ...` and `f = np.vectorize(g)` define functions, too; `names` are known ones.
    """
    if isinstance(statement, _DEFINES):
        return statement.name, _parameters(statement), _is_complete(statement)
    match statement:
        case ast.Assign([ast.Name(name)], value) | ast.AnnAssign(ast.Name(name), _, value):
            if isinstance(value, ast.Lambda):
                return name, _parameters(value), True
            if _means_function(value, names):
                return name, (), True
    return "", (), False


def _means_function(value: ast.expr | None, names: Collection[str]) -> bool:
    match value:
        case ast.Name(name):
            return name in names
        case ast.Call(ast.Name(name), _) if name in names:
            return False
        case ast.Call(_, [first, *_]):
            return isinstance(first, ast.Lambda) or _means_function(first, names)
    return False


def _parameters(defines: ast.stmt | ast.Lambda) -> tuple[str, ...]:
    if isinstance(defines, ast.ClassDef):
        return ()
    assert isinstance(defines, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    arguments = defines.args
    return tuple(each.arg for each in [*arguments.posonlyargs, *arguments.args])


def _keywords(statement: ast.stmt) -> tuple[str, ...]:
    match statement:
        case ast.FunctionDef(args=arguments):
            return tuple(each.arg for each in arguments.kwonlyargs)
    return ()


def _methods(statement: ast.stmt) -> tuple[str, ...]:
    match statement:
        case ast.ClassDef(bases=[] | [ast.Name("object")], body=body):
            return tuple(each.name for each in body if isinstance(each, ast.FunctionDef))
    return ()


def _is_complete(statement: ast.stmt) -> bool:
    """Return whether a definition is more than a blank to be filled in.

    A blank holds, beside its docstring, only `pass`, `...`, or one `raise`; or it gives some
    name the value None at its top level and never another.
    """
    assert isinstance(statement, _DEFINES)
    body = [each for each in statement.body if not isinstance(each, ast.Pass)]
    body = [
        each
        for each in body
        if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
    ]
    if not body or (len(body) == 1 and isinstance(body[0], ast.Raise)):
        return isinstance(statement, ast.ClassDef) and bool(statement.bases)
    blanks = {
        target.id
        for each in statement.body
        if isinstance(each, ast.Assign) and _is_none(each.value)
        for target in each.targets
        if isinstance(target, ast.Name)
    }
    filled = {
        node.id
        for each in statement.body
        if not (isinstance(each, ast.Assign) and _is_none(each.value))
        for node in ast.walk(each)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return blanks <= filled


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


# --- time ------------------------------------------------------------------------------------


class TooLong(BaseException):
    """Raised inside a statement that runs for too long; no `except Exception` stops it."""


@contextmanager
def _interrupted_after(seconds: float) -> Iterator[None]:
    def interrupt(*_: object) -> None:
        raise TooLong(f"took more than {seconds:g} s")

    clocks = {signal.ITIMER_PROF: signal.SIGPROF, signal.ITIMER_REAL: signal.SIGALRM}
    for clock, number in clocks.items():
        signal.signal(number, interrupt)
        signal.setitimer(clock, seconds if clock == signal.ITIMER_PROF else 3 * seconds)
    try:
        yield
    finally:
        for clock, number in clocks.items():
            signal.setitimer(clock, 0)
            signal.signal(number, signal.SIG_IGN)


# --- modules ---------------------------------------------------------------------------------


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds a student's own modules, once nothing else was found: theirs never shadow others."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if self._program.source_of(name) or name.partition(".")[0] in substitutes.SHOWING:
            is_package = _is_package(self._program.source_of(name) or "")
            return importlib.machinery.ModuleSpec(name, self, is_package=is_package)
        if self._program.is_folder(name):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType | None:
        file = self._program.source_of(spec.name)
        if file is not None:
            return self._program.module(file)
        is_folder = spec.submodule_search_locations is not None
        return None if is_folder else substitutes.Showing(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


class Supplied(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules that a rubric supplies, before any installed ones."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = dict(sources)
        for name in sources:
            while "." in name:
                name = name.rpartition(".")[0]
                self._sources.setdefault(name, "")

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in self._sources:
            return None
        is_package = any(other.startswith(name + ".") for other in self._sources)
        return importlib.machinery.ModuleSpec(name, self, is_package=is_package)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        code = compile(self._sources[module.__name__], f"<{module.__name__}>", "exec")
        exec(code, module.__dict__)


def _is_installed(name: str) -> bool:
    if name in sys.modules:
        return True
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return False
    return spec is not None and not isinstance(spec.loader, _Finder)
