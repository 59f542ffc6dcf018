"""Run ONNX's own backend node tests for GRU, LSTM and RNN through the importer.

Their table goes into docs/importers.md; ``--check`` says whether it is the one there.
"""

import re
import sys
import warnings
from typing import Any

import numpy as np

from bench.pages.markdown import fill, table
from bench.results import ROOT

PAGE = ROOT / "docs" / "importers.md"
OPERATORS = ("GRU", "LSTM", "RNN")


def cases() -> list[Any]:
    """The test cases of the installed package, sorted by name."""
    from onnx.backend.test.loader import load_model_tests

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # other operators' cases overflow on purpose
        found = load_model_tests(kind="node")
    ours = [case for case in found if {node.op_type for node in case.model.graph.node} <= {
        *OPERATORS
    }]  # fmt: skip
    return sorted(ours, key=lambda case: case.name)


def result(case: Any) -> str:
    """``equal``, or why the importer refuses.

    The case's weights become constants of its file, X stays its input. Every output that is kept
    (Y, and Y_h as the last step) is imported and compared with the case's own.

    Raises
    ------
    AssertionError
        When the float model gives something else than the case wants.
    """
    from onnx import ModelProto, numpy_helper

    from thresh.importers.onnx.network import import_onnx
    from thresh.model.float_run import run_float

    model = ModelProto()
    model.CopyFrom(case.model)
    names = [value.name for value in model.graph.input]
    ((arrays, wanted),) = case.data_sets
    for name, array in zip(names[1:], arrays[1:], strict=True):
        model.graph.initializer.append(numpy_helper.from_array(np.asarray(array), name))
    node = model.graph.node[0]
    batch_first = any(a.name == "layout" and a.i for a in node.attribute)
    x = np.asarray(arrays[0])
    for output, expected in zip(model.graph.output, wanted, strict=True):
        try:
            network = import_onnx(model, output=output.name).network
        except ValueError as error:
            return str(error)
        ours = run_float(network, x if batch_first else x.swapaxes(0, 1)).outputs
        if output.name == "Y_h":
            ours = ours[:, -1] if batch_first else ours[None, :, -1]
            ours = ours[:, None] if batch_first else ours
        else:
            ours = ours[:, :, None] if batch_first else ours.swapaxes(0, 1)[:, None]
        np.testing.assert_allclose(ours, expected, rtol=case.rtol, atol=case.atol)
    return "equal"


def nodes() -> str:
    """Every case and its result, in Markdown."""
    import onnx

    rows = []
    for case in cases():
        text = result(case)
        clause = re.split("[:,;]", text)[0]
        rows.append([f"`{case.name}`", text if text == "equal" else f"refused: {clause}"])
    return f"onnx {onnx.__version__}\n\n" + table(["test", "result"], rows)


def main() -> None:
    """Write the page, or with ``--check`` say whether it would change."""
    text = PAGE.read_text()
    wanted = fill(text, {"onnx_nodes": nodes}, kept=("import_sources",))
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(wanted)
    elif wanted != text:
        sys.exit(
            f"{PAGE.name}: not what the importer says; run python -m bench.software.onnx_nodes"
        )


if __name__ == "__main__":
    main()
