"""Benches measure the library, and run where the command is not installed."""

import ast
from pathlib import Path

import bench


def test_no_bench_imports_the_command():
    for path in Path(bench.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in getattr(node, "names", [])]
            names = [f"{getattr(node, 'module', '')}.{name}" for name in names]
            assert not any(name.startswith(("thresh.cli", ".thresh.cli")) for name in names), path
