"""A LiteX system with the exported Wishbone shell: its processor runs the C driver from its ROM.

python litex_soc.py EXPORT BUILD writes the system's C headers into BUILD/generated. With --program
it writes the system as BUILD/soc.v, BUILD/program.bin in its ROM, and a list of its other sources.
"""

import sys
from pathlib import Path

from litex.build.generic_platform import Pins
from litex.build.io import CRG
from litex.build.sim import SimPlatform
from litex.gen import LiteXModule
from litex.soc.integration.common import get_mem_data
from litex.soc.integration.export import get_csr_header, get_mem_header, get_soc_header
from litex.soc.integration.soc_core import SoCCore
from litex.soc.interconnect.csr import CSRStorage
from migen import Signal

IO = [
    ("sys_clk", 0, Pins(1)),
    ("sys_rst", 0, Pins(1)),
    ("said", 0, Pins(32)),
    ("says", 0, Pins(1)),
]
ORIGIN = 0x90000000


class Result(LiteXModule):
    """A register whose words leave the system, one after another."""

    def __init__(self, platform):
        self.word = CSRStorage(32)
        late = Signal()
        self.sync += late.eq(self.word.re)
        self.comb += [
            platform.request("said").eq(self.word.storage),
            platform.request("says").eq(late),
        ]


def make_soc(export):
    """A VexRiscv with ROM, RAM and the accelerator."""
    sys.path.insert(0, str(export))
    from litex_thresh import add_thresh

    platform = SimPlatform("SIM", IO)
    soc = SoCCore(
        platform, clk_freq=int(48e6), cpu_type="vexriscv", cpu_variant="standard",
        integrated_rom_size=0x40000, integrated_sram_size=0x8000, with_uart=False, ident="",
    )  # fmt: skip
    soc.crg = CRG(platform.request("sys_clk"), platform.request("sys_rst"))
    soc.result = Result(platform)
    add_thresh(soc, origin=ORIGIN)
    return platform, soc


def main():
    export, build = Path(sys.argv[1]), Path(sys.argv[2])
    platform, soc = make_soc(export)
    platform.output_dir = str(build)
    soc.finalize()
    if "--program" in sys.argv:
        data = get_mem_data(str(build / "program.bin"), data_width=32, endianness="little")
        soc.init_rom("rom", data, auto_size=False)
        platform.get_verilog(soc, name="soc").write(str(build / "soc.v"))
        sources = [str(Path(name)) for name, *_ in platform.sources]
        (build / "sources").write_text("\n".join(sources) + "\n")
        return
    headers = {
        "csr": get_csr_header(soc.csr_regions, soc.constants, with_access_functions=False),
        "mem": get_mem_header(soc.mem_regions),
        "soc": get_soc_header(soc.constants, with_access_functions=False),
    }
    (build / "generated").mkdir(exist_ok=True)
    for name, text in headers.items():
        (build / "generated" / f"{name}.h").write_text(text)


if __name__ == "__main__":
    main()
