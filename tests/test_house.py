"""No function and no module of rag and index is longer than can be read at once."""

import ast

from .conftest import ROOT

FUNCTION, MODULE = 50, 330  # lines at most
FILES = sorted(path for room in ("rag", "index") for path in (ROOT / room).rglob("*.py"))


def lines(function):
    """From ``def`` to the last line, without the docstring."""
    first = function.body[0]
    docstring = 0 if ast.get_docstring(function) is None else first.end_lineno - first.lineno + 1
    return function.end_lineno - function.lineno + 1 - docstring


def test_no_function_is_too_long():
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {lines(node)}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and lines(node) > FUNCTION
    ]
    assert long == []


def test_no_module_is_too_long():
    counted = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {name: count for name, count in counted.items() if count > MODULE} == {}
