"""Logic and block RAM of the audio chain's blocks on the UP5K, each alone, before routing.

A logic cell is a table with its register, a table alone or a register alone. Results:
docs/results/audio-blocks.json.
"""

import json
from collections import Counter
from pathlib import Path

from amaranth.back import rtlil
from amaranth.hdl import Const, Value

from bench.measurement import Measurement, Row
from thresh.audio.decimator import Decimator
from thresh.gateware.audio.cic import Cic
from thresh.gateware.audio.front_end import FrontEnd
from thresh.gateware.audio.i2s_receiver import I2sReceiver
from thresh.gateware.audio.pdm_receiver import PdmReceiver
from thresh.gateware.audio.word_spotter import WordSpotter
from thresh.gateware.columns.multiplier import LogicMultiplier
from thresh.hw.flow.build import NO_COLLISION_LOGIC, ONE_HOT, SMALL_LOGIC
from thresh.tools.toolchain import run_tool

SCRIPT = f"""\
read_rtlil block.il
{NO_COLLISION_LOGIC}
{ONE_HOT}
{SMALL_LOGIC}
synth_ice40 -device u -top block
delete t:$scopeinfo
write_json block.json
"""

BLOCKS = {
    "front-end": FrontEnd,
    "front-end-program-in-memory": lambda: FrontEnd(program_in_memory=True),
    "multiplier": lambda: LogicMultiplier(a_bits=16, b_bits=16),
    "cic": lambda: Cic(decimator=Decimator()),
    "pdm-receiver": lambda: PdmReceiver(decimator=Decimator(), divisor=6),
    "i2s-receiver": lambda: I2sReceiver(divisor=24),
    "i2s-receiver-halved": lambda: I2sReceiver(divisor=10, halve=True),
    "word-spotter": WordSpotter,
}
"""What is counted; the front end without its multiplier, which the pointwise stage has."""


def measure(make, folder: Path) -> list[Row]:
    """Cells of one block."""
    folder = folder.parent / "audio-blocks"
    folder.mkdir(parents=True, exist_ok=True)
    block = make()
    members = (Value.cast(value) for _, _, value in block.signature.flatten(block))
    ports = [value for value in members if not isinstance(value, Const)]
    text = rtlil.convert(block, name="block", ports=ports, emit_src=False)
    (folder / "block.il").write_text(text)
    (folder / "block.ys").write_text(SCRIPT)
    run_tool("yosys", ["-q", "block.ys"], folder=folder, log=folder / "block.log")
    module = json.loads((folder / "block.json").read_text())["modules"]["block"]
    cells = module["cells"]
    kinds = Counter(cell["type"] for cell in cells.values())
    uses, driver = Counter(), {}
    for cell in cells.values():
        for port, bits in cell["connections"].items():
            if cell["port_directions"][port] == "input":
                uses.update(bits)
            else:
                driver |= dict.fromkeys(bits, cell["type"])
    for port in module["ports"].values():
        uses.update(port["bits"] if port["direction"] == "output" else ())
    inputs = [
        cell["connections"]["D"][0] for cell in cells.values() if cell["type"].startswith("SB_DFF")
    ]
    alone = sum(driver.get(bit) != "SB_LUT4" or uses[bit] > 1 for bit in inputs)
    return [
        {
            "logic_cells": kinds["SB_LUT4"] + alone,
            "tables": kinds["SB_LUT4"],
            "registers": len(inputs),
            "block_ram": kinds["SB_RAM40_4K"],
        }
    ]


AUDIO_BLOCKS = Measurement(
    about=__doc__,
    module="bench.hardware.audio_blocks",
    result="audio-blocks",
    cases=BLOCKS,
    measure=measure,
    say=lambda row: f"{row['logic_cells']} logic cells, {row['block_ram']} block RAMs",
)

if __name__ == "__main__":
    AUDIO_BLOCKS.run()
