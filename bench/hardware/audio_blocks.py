"""Logic and block RAM of a device's blocks on the UP5K, each alone, before routing.

A logic cell is a table with its register, a table alone or a register alone. Resets are
asynchronous, as on the board. Results: docs/results/audio-blocks.json.
"""

import json
from dataclasses import replace
from pathlib import Path

from amaranth.back import rtlil
from amaranth.hdl import ClockDomain, Const, Module, Value
from amaranth.lib import wiring

from bench.measurement import Measurement, Row
from thresh.audio.decimator import Decimator
from thresh.gateware.audio.cic import Cic
from thresh.gateware.audio.front_end import FrontEnd
from thresh.gateware.audio.i2s_receiver import I2sReceiver
from thresh.gateware.audio.pdm_receiver import PdmReceiver
from thresh.gateware.audio.word_spotter import WordSpotter
from thresh.gateware.boot.flash_loader import FlashLoader
from thresh.gateware.columns.multiplier import LogicMultiplier
from thresh.gateware.core import Core
from thresh.gateware.device.command_receiver import CommandReceiver
from thresh.gateware.device.message_sender import MessageSender
from thresh.gateware.device.reporter import Reporter
from thresh.gateware.device.sample_queue import SampleQueue
from thresh.hw.families import FAMILIES
from thresh.hw.flow.build import ONE_HOT, SMALL_LOGIC, TWO_CLOCKS
from thresh.hw.known_boards import find_board
from thresh.layout.flash_slots import FlashLayout
from thresh.tools.toolchain import run_tool

from .cells import count_cells

SCRIPT = f"""\
read_rtlil block.il
{TWO_CLOCKS}
{ONE_HOT}
{SMALL_LOGIC}
synth_ice40 -device u -top top
delete t:$scopeinfo
write_json block.json
"""

GEOMETRY = find_board("icebreaker").geometry
LEAN = {"counters": False, "readback": False, "shares_multiplier": True}


def lean_core() -> Core:
    """The core of a device, for a GRU of 128 units with 10 outputs."""
    geometry = replace(GEOMETRY, accumulator_depth=640)
    return Core(geometry=geometry, primitives=FAMILIES["ice40"].lean_primitives, **LEAN)


class CoreAndFrontEnd(wiring.Component):
    """A lean core and the front end that shares its multiplier; the other ports of both."""

    def __init__(self) -> None:
        self.core, self.front_end = lean_core(), FrontEnd()
        joined = {"x", "multiplier", "hold", "stepping", "busy"}
        blocks = (self.core, self.front_end)
        members = dict(pair for block in blocks for pair in block.signature.members.items())
        self.ports = {name: member for name, member in members.items() if name not in joined}
        super().__init__(self.ports)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.core, m.submodules.front_end = core, front_end = self.core, self.front_end
        for name, member in self.ports.items():
            owner = front_end if name in front_end.signature.members else core
            inner, outer = getattr(owner, name), getattr(self, name)
            if not member.is_port:
                wiring.connect(m, wiring.flipped(outer), inner)
            else:
                m.d.comb += inner.eq(outer) if member.flow.name == "In" else outer.eq(inner)
        wiring.connect(m, front_end.multiplier, core.multiplier)
        wiring.connect(m, front_end.x, core.x)
        m.d.comb += front_end.hold.eq(core.stepping)
        return m


BLOCKS = {
    "core": lambda: Core(geometry=GEOMETRY, primitives=FAMILIES["ice40"].primitives),
    "lean-core": lean_core,
    "lean-core-and-front-end": CoreAndFrontEnd,
    "front-end": FrontEnd,
    "front-end-program-in-memory": lambda: FrontEnd(program_in_memory=True),
    "multiplier": lambda: LogicMultiplier(a_bits=16, b_bits=16),
    "cic": lambda: Cic(decimator=Decimator()),
    "pdm-receiver": lambda: PdmReceiver(decimator=Decimator(), divisor=6),
    "i2s-receiver": lambda: I2sReceiver(divisor=24),
    "i2s-receiver-halved": lambda: I2sReceiver(divisor=10, halve=True),
    "pdm-receiver-slow": lambda: PdmReceiver(decimator=Decimator(), divisor=1),
    "word-spotter": WordSpotter,
    "flash-loader": lambda: FlashLoader(layout=FlashLayout(base=1 << 18)),
    "sample-queue": lambda: SampleQueue(depth=256, window=200, hop=80),
    "reporter": lambda: Reporter(count_bits=9),
    "message-sender": lambda: MessageSender(bit_cycles=8),
    "command-receiver": lambda: CommandReceiver(bit_cycles=8),
}
"""What is counted; the front end alone without its multiplier, which the pointwise stage has."""


def measure(make, folder: Path) -> list[Row]:
    """Cells of one block."""
    folder = folder.parent / "audio-blocks"
    folder.mkdir(parents=True, exist_ok=True)
    block = make()
    members = (Value.cast(value) for _, _, value in block.signature.flatten(block))
    ports = [value for value in members if not isinstance(value, Const)]
    top = Module()
    for name in ("sync", "audio"):
        domain = ClockDomain(name, async_reset=True)
        top.domains += domain
        ports += [domain.clk, domain.rst]
    top.submodules.block = block
    text = rtlil.convert(top, name="top", ports=ports, emit_src=False)
    (folder / "block.il").write_text(text)
    (folder / "block.ys").write_text(SCRIPT)
    run_tool("yosys", ["-q", "block.ys"], folder=folder, log=folder / "block.log")
    return [count_cells(json.loads((folder / "block.json").read_text())["modules"]["top"])]


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
