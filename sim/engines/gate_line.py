"""A netlist of an accelerator's cells behind its serial pins, compiled by Verilator."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from thresh.layout.link import PacketCollector
from thresh.sim.cells.library import cell_library
from thresh.sim.cells.netlist import cell_types, netlist_verilog, plain

from .compiled import STEP_LIMIT, CompiledLine, compile_verilog

BYTE_BITS = 10
"""Bit times of a byte on the line."""

LONGEST = 1 << 16
"""Bytes of an answer, at most."""

AROUND = """\
module thresh_accelerator(input clk, input rst, input rx, output tx, output busy);
wire clk_pad = clk, rx_pad = rx, tx_pad, spoil = rst;
assign tx = tx_pad, busy = 1'b0;
netlist cells({pins}, .spoil(spoil));
endmodule
"""


def compile_netlist(
    module: Mapping[str, Any],
    family: str,
    pads: Mapping[str, str],
    folder: Path | str,
    *,
    spoilt: str,
) -> Path:
    """Compile a netlist to the library of a `GateLine`.

    Whatever the bitstream gives no value to, single-port RAM above all, begins with random ones.

    Parameters
    ----------
    module : dict
        The netlist's top, see `thresh.sim.cells.netlist.top_module`.
    family : str
        Of the device.
    pads : dict
        The netlist's ports that are the crystal's ``clk``, and ``rx`` and ``tx``; all others are
        left open.
    folder : path
        Where libraries are kept.
    spoilt : str
        The cell that `GateLine` can spoil, of one output of a bit.

    Raises
    ------
    ValueError
        When a cell has no model, a pad is none of the netlist, or the compilation fails.
    """
    if missing := sorted(set(pads) - set(module["ports"])):
        raise ValueError(f"The netlist has no pad {missing[0]}")
    library, kinds = cell_library(family), cell_types(module)
    models = library.verilog(kinds)
    inputs = {kind: library.inputs(kind) for kind in kinds}
    pins = ", ".join(f".{plain(pad)}({pin}_pad)" for pad, pin in sorted(pads.items()))
    cells = netlist_verilog(module, "netlist", inputs, spoilt=spoilt)
    verilog = AROUND.format(pins=pins) + cells + models
    return compile_verilog(verilog, "thresh_accelerator", folder, unknown=True)


class GateLine(CompiledLine):
    """The serial line of a netlist, which has no pin that says that it is busy.

    Every question is waited for until its whole answer came, or `STEP_LIMIT` cycles have passed.

    Parameters
    ----------
    library : path
        From `compile_netlist`.
    divisor : int
        Clock cycles per bit, as in the design.
    seed : int
        Of what begins with random values.
    spoil : bool
        One cell says the opposite of what it should.
    """

    def __init__(self, library: Path, divisor: int, seed: int, *, spoil: bool = False) -> None:
        super().__init__(library, divisor, seed)
        self._library.line_reset(self._handle, int(spoil))

    def poll(self) -> bytes:
        """What the accelerator says: one packet, or less where it says no more."""
        answer, collector, until = b"", PacketCollector(LONGEST), self.cycles + STEP_LIMIT
        while self.cycles < until:
            self.tick(BYTE_BITS * self.divisor)
            came = self.taken()
            answer += came
            if any(collector.feed(came)):
                break
        return answer
