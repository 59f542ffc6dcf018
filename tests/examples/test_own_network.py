"""examples/own_network: the script and the notebook run, and are the same program."""

import ast
import importlib.util

import pytest
from run_text import ROOT, bench, cells

import thresh

SCRIPT = ROOT / "examples" / "own_network.py"
NOTEBOOK = ROOT / "examples" / "own_network.ipynb"


@pytest.fixture
def workbench(tmp_path, monkeypatch):
    """A working folder, and what runs code there."""
    digits = thresh.load(ROOT / "examples" / "digits-gru128.safetensors")
    with bench(tmp_path, monkeypatch, digits.compile("icebreaker").geometry) as run:
        yield run


def test_the_script_ends_in_equal_integers(workbench, torch, tmp_path, capsys):
    spec = importlib.util.spec_from_file_location("own_network", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    net, simulated = module.main()
    assert simulated.equal
    x, y = module.gestures(200, seed=3)
    assert net.score(x, y) > 0.95
    found = net.exploration.to_dict()
    assert found["chosen"]["reduction"] > 1.2 * found["unthresholded"]["reduction"]
    assert thresh.load(tmp_path / "own_network.safetensors").integers == net.integers
    assert "Pareto front of Gru" in capsys.readouterr().out


def test_the_notebook_runs_and_shows_tables(workbench, torch):
    names, shown = {}, 0
    code, _ = cells(NOTEBOOK)
    small = {"gestures(500,": "gestures(100,", "gestures(200,": "gestures(50,", "(20)": "(6)"}
    for cell in code:
        for long, short in small.items():
            cell = cell.replace(long, short)
        *body, last = ast.parse(cell).body
        workbench(ast.unparse(ast.Module(body, [])), names)
        if isinstance(last, ast.Expr):
            workbench(f"shown = {ast.unparse(last)}", names)
            shown += hasattr(names["shown"], "_repr_html_") and "<table" in (
                names["shown"]._repr_html_()
            )
        else:
            workbench(ast.unparse(last), names)
    assert shown == 6
    assert names["simulated"].equal


def test_the_notebook_has_no_outputs_and_the_script_s_functions():
    code, kept = cells(NOTEBOOK)
    assert kept == []

    def functions(text):
        return {
            node.name: ast.unparse(node)
            for node in ast.parse(text).body
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name != "main"
        }

    assert functions("\n".join(code)) == functions(SCRIPT.read_text())
