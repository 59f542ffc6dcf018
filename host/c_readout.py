"""A readout as C arrays: the last linear layer, which the host computes."""

import numpy as np

from thresh.model.arithmetic import PRE_INTEGER_BITS, TABLE_RANGE, sigmoid_table, table_frac
from thresh.model.network import Layer

PER_LINE = 12

SCALES = {"sigmoid": 0, "tanh": 1}
"""Functions that are read from the table, by the power of two on their argument."""


def readout_lines(readout: Layer, prefix: str) -> list[str]:
    """Lines of C that define ``<prefix>_readout``, a ``thresh_readout``, and what it points to.

    Parameters
    ----------
    readout : Layer
    prefix : str
        A C identifier in small letters.
    """
    name, bits = f"{prefix}_readout", readout.value_bits
    (op,) = readout.cell.program
    lines = _array("int8_t", f"{name}_weights", readout.weight_x[0])
    lines += _array("int32_t", f"{name}_biases", readout.bias[0])
    table, shift, last = "NULL", 0, 0
    if op.function in SCALES:
        table = f"{name}_table"
        shift = bits - PRE_INTEGER_BITS - SCALES[op.function] - table_frac(bits)
        last = (TABLE_RANGE << table_frac(bits)) - 1
        lines += _array("uint16_t", table, sigmoid_table(bits))
    return [
        *lines,
        "",
        f"static const thresh_readout {name} = {{",
        f"    {readout.inputs}u, {readout.units}u, {readout.shift}u, {bits}u, "
        f"THRESH_KIND_{readout.kind.upper()}, {shift}, {last},",
        f"    {name}_weights, {name}_biases, {table}",
        "};",
    ]


def _array(kind: str, name: str, values: np.ndarray) -> list[str]:
    flat = [str(value) for value in values.ravel().tolist()]
    rows = [flat[at : at + PER_LINE] for at in range(0, len(flat), PER_LINE)]
    return [
        "",
        f"static const {kind} {name}[{len(flat)}] = {{",
        *(f"    {', '.join(row)}," for row in rows),
        "};",
    ]
