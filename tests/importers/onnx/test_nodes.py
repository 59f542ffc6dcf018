"""ONNX's own backend tests for GRU, LSTM and RNN: equal, or refused with the right reason."""

import subprocess
import sys
from pathlib import Path

import pytest

onnx = pytest.importorskip("onnx", reason="the extra [onnx] is not installed")

ROOT = Path(__file__).parent.parent.parent.parent

from bench.software import onnx_nodes  # noqa: E402

CASES = {case.name: case for case in onnx_nodes.cases()}

REASONS = {
    "reverse": "is reverse: it needs the end of a sequence before its beginning",
    "bidirectional": "is bidirectional: it needs the end of a sequence before its beginning",
    "peepholes": "has peepholes",
    "gru": "is reset-before",
}
"""Why a test is refused, by the first of these words in its name."""


def test_all_three_operators_have_tests():
    operators = {node.op_type for case in CASES.values() for node in case.model.graph.node}
    assert operators == set(onnx_nodes.OPERATORS)
    assert len(CASES) >= 18


@pytest.mark.parametrize("name", CASES)
def test_a_node_test_is_equal_or_refused_with_the_right_reason(name):
    reason = next((text for word, text in REASONS.items() if word in name), None)
    result = onnx_nodes.result(CASES[name])
    assert result == "equal" if reason is None else reason in result


def test_the_page_has_the_table():
    text = (ROOT / "docs" / "importers.md").read_text()
    if f"onnx {onnx.__version__}\n" not in text:
        pytest.skip(f"the table is of another version than {onnx.__version__}")
    done = subprocess.run(
        [sys.executable, "-m", "bench.software.onnx_nodes", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
