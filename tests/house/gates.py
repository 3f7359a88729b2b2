"""The house rules that no linter checks, as functions from source text to complaints."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

FILE_LINES = 400
BODY_LINES = 40
PARAMETERS = 6
BANNED_NAMES = frozenset({"utils", "util", "helpers", "helper", "core", "common", "misc"})
SKIPS = frozenset({"skip", "skipif", "importorskip", "xfail"})
BROAD = frozenset({"Exception", "BaseException"})

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Rule = Callable[[str], list[str]]


def functions(tree: ast.AST) -> Iterator[FunctionNode]:
    """Yield every function and method of a module, nested ones too."""
    for node in ast.walk(tree):
        if isinstance(node, FunctionNode):
            yield node


def body_lines(function: FunctionNode) -> int:
    """Return the number of lines of a function's body without its docstring."""
    body = function.body
    if ast.get_docstring(function) is not None:
        body = body[1:]
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def parameter_count(function: FunctionNode) -> int:
    """Return the number of parameters, ``self`` and ``cls`` apart, ``*args`` counted."""
    given = function.args
    names = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    stars = (given.vararg is not None) + (given.kwarg is not None)
    return len([name for name in names if name not in {"self", "cls"}]) + stars


def too_long_file(source: str) -> list[str]:
    """Complain about a file longer than the house number."""
    lines = source.count("\n")
    return [f"file has {lines} lines, more than {FILE_LINES}"] if lines > FILE_LINES else []


def too_long_functions(source: str) -> list[str]:
    """Complain about functions whose body is longer than the house number."""
    return [
        f"line {f.lineno}: {f.name} has {body_lines(f)} lines, more than {BODY_LINES}"
        for f in functions(ast.parse(source))
        if body_lines(f) > BODY_LINES
    ]


def too_many_parameters(source: str) -> list[str]:
    """Complain about functions with more parameters than the house number."""
    return [
        f"line {f.lineno}: {f.name} takes {parameter_count(f)} parameters, more than {PARAMETERS}"
        for f in functions(ast.parse(source))
        if parameter_count(f) > PARAMETERS
    ]


def missing_docstrings(source: str) -> list[str]:
    """Complain about public modules, classes, functions and methods without a docstring."""
    tree = ast.parse(source)
    complaints = [] if ast.get_docstring(tree) else ["line 1: the module has no docstring"]
    owners: list[ast.Module | ast.ClassDef] = [
        tree,
        *(n for n in tree.body if isinstance(n, ast.ClassDef) and not n.name.startswith("_")),
    ]
    for owner in owners:
        for node in owner.body:
            if not isinstance(node, FunctionNode | ast.ClassDef) or node.name.startswith("_"):
                continue
            if not ast.get_docstring(node):
                complaints.append(f"line {node.lineno}: {node.name} has no docstring")
    return complaints


def broad_excepts(source: str) -> list[str]:
    """Complain about handlers that catch everything."""
    complaints = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ExceptHandler):
            named = (
                {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)}
                if node.type
                else BROAD
            )
            if named & BROAD:
                complaints.append(f"line {node.lineno}: except catches everything")
    return complaints


def prints(source: str) -> list[str]:
    """Complain about ``print``."""
    return [
        f"line {node.lineno}: print outside cli"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]


def hidden_imports(source: str) -> list[str]:
    """Complain about imports inside functions."""
    return [
        f"line {node.lineno}: import inside {function.name}"
        for function in functions(ast.parse(source))
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def global_state(source: str) -> list[str]:
    """Complain about functions that rebind a module's names."""
    return [
        f"line {node.lineno}: global {', '.join(node.names)}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Global)
    ]


FAIL_THEMSELVES = frozenset({"pytest.raises", "pytest.warns", "expect"})
"""Calls that fail a test themselves; ``expect`` is the browser's, which waits and then asserts."""


def _asserts(node: ast.AST, checkers: frozenset[str]) -> bool:
    """Say whether a piece of a test can fail by assertion, itself or through a local checker."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Assert):
            return True
        if isinstance(inner, ast.Call):
            name = ast.unparse(inner.func)
            last = name.rsplit(".", 1)[-1]
            if last.startswith(("assert_", "check_")) or name in FAIL_THEMSELVES:
                return True
            if name in checkers:
                return True
    return False


def idle_tests(source: str) -> list[str]:
    """Complain about tests that assert nothing."""
    tree = ast.parse(source)
    every = list(functions(tree))
    checkers = frozenset(
        f.name for f in every if not f.name.startswith("test") and _asserts(f, frozenset())
    )
    return [
        f"line {f.lineno}: {f.name} asserts nothing"
        for f in every
        if f.name.startswith("test_") and not _asserts(f, checkers)
    ]


def skipped_tests(source: str) -> list[str]:
    """Complain about tests that are skipped or expected to fail."""
    return [
        f"line {node.lineno}: pytest {node.attr}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and node.attr in SKIPS
        and ast.unparse(node.value) in {"pytest", "pytest.mark", "unittest"}
    ]


def banned_name(path: Path) -> list[str]:
    """Complain about a module or folder whose name says nothing."""
    return [
        f"{path}: name {part} says nothing"
        for part in path.with_suffix("").parts
        if part in BANNED_NAMES
    ]


EVERYWHERE: tuple[Rule, ...] = (too_long_file, too_long_functions, broad_excepts, global_state)
"""Rules for the package, the tests, the benchmarks and the documentation's scripts."""

PACKAGE: tuple[Rule, ...] = (*EVERYWHERE, too_many_parameters, missing_docstrings)
"""Rules for the whole package."""

OUTSIDE_CLI: tuple[Rule, ...] = (prints, hidden_imports)
"""Rules for the package but ``cli``, which prints and imports its commands when asked."""

TESTS: tuple[Rule, ...] = (*EVERYWHERE, idle_tests, skipped_tests)
"""Rules for the tests."""
