"""Files and functions stay small enough to be read whole, and say what they are for."""

import ast

MODULE_LINES = 400
FUNCTION_LINES = 50

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _public(tree, prefix=""):
    for node in tree.body:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and not node.name.startswith("_"):
            yield f"{prefix}{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from _public(node, f"{prefix}{node.name}.")


def test_no_module_is_longer_than_a_reader_holds_in_mind(modules):
    lengths = {str(m.path): len(m.text.splitlines()) for m in modules}
    assert {path: n for path, n in lengths.items() if n > MODULE_LINES} == {}


def test_no_function_is_longer_than_a_screen(modules):
    long = [
        f"{m.path}:{node.lineno}: {node.name} has {lines} lines"
        for m in modules
        for node in ast.walk(m.tree)
        if isinstance(node, FUNCTIONS) and (lines := node.end_lineno - node.lineno + 1) > FUNCTION_LINES
    ]
    assert long == []


def test_everything_public_says_what_it_is_for(modules):
    silent = [str(m.path) for m in modules if not ast.get_docstring(m.tree)]
    silent += [
        f"{m.path}:{node.lineno}: {name}"
        for m in modules
        for name, node in _public(m.tree)
        if not ast.get_docstring(node)
    ]
    assert silent == []


def test_nothing_prints_except_the_command_line(modules):
    prints = [
        f"{m.path}:{node.lineno}"
        for m in modules
        if m.room != "cli"
        for node in ast.walk(m.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert prints == []
