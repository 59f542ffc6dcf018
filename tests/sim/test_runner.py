"""Simulation of whole accelerators against the golden model, with every engine."""

import shutil
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from link_bench import geometry, network, walk

from thresh.gateware.columns.mac_lane import MacLane
from thresh.gateware.primitives import Primitives
from thresh.gateware.verilog import accelerator_verilog, core_verilog
from thresh.model import arithmetic
from thresh.sim.engines.serial_engine import DIVISOR
from thresh.sim.errors import SimulationError
from thresh.sim.runner import simulate

FOLDER = Path(__file__).parent.parent.parent / "build" / "sim"
SHAPE = geometry(lanes=8, weight_bits=4, value_bits=12)
NET = network(
    3, 9, 5, 2, kinds=("gru", "lstm", "linear"), weight_bits=4, value_bits=12, threshold=40
)
SEQUENCES = [walk(4, 3, seed=1), walk(3, 3, seed=2), np.zeros((0, 3), int)]
ENGINES = [
    "compiled",
    "verilator",
    pytest.param(
        "icarus",
        marks=pytest.mark.skipif(
            shutil.which("iverilog") is None, reason="Icarus Verilog (iverilog) is not on the PATH"
        ),
    ),
]


class LateCarry(MacLane):
    """Loses a carry: wrong by one for some products."""

    def elaborate(self, platform):
        m = super().elaborate(platform)
        with m.If(self.delta == -41):
            m.d.sync += self.accumulator.eq(self.accumulator + 1)
        return m


@cache
def verilog(name):
    if name == "thresh_core":
        return core_verilog(geometry=SHAPE)
    return accelerator_verilog(geometry=SHAPE, clock_hz=DIVISOR * 1e6, baud=1_000_000)


def run(engine="compiled", sequences=SEQUENCES, net=NET, source=verilog, **options):
    return simulate(
        net, sequences, geometry=SHAPE, engine=engine, verilog=source, out_dir=FOLDER, **options
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_every_integer_of_every_step_is_compared_and_equal(engine):
    calls = []
    result = run(engine, progress=lambda done, total: calls.append((done, total)))
    per_step = (2 + 3) + (4 * 9 + 9 + 9) + (4 * 5 + 2 * 5 + 5) + (2 + 2) + 3 + 4
    assert (result.frames, result.integers_compared) == (7, 7 * per_step)
    assert (result.mismatches, result.first_difference) == (0, None)
    assert calls == [(step, 7) for step in range(1, 8)]
    least, mean, most = result.cycles_per_frame
    assert result.ideal_cycles_per_frame <= least <= mean <= most
    assert result.utilisation == pytest.approx(result.ideal_cycles_per_frame / mean)
    assert result.engine == engine


def test_all_engines_measure_the_same_cycles():
    compiled, line = run("compiled"), run("verilator")
    assert compiled.ideal_cycles_per_frame == line.ideal_cycles_per_frame
    # Through the line the inputs come one by one, and the input list is complete with the last.
    assert compiled.cycles_per_frame == pytest.approx(line.cycles_per_frame, abs=8)


def test_a_fault_in_the_gateware_is_found_with_its_place():
    primitives = Primitives(mac_lane=LateCarry)
    x = np.array([[0, 0, 0], [0, -41, 0], [0, -41, 0]])
    result = run(
        sequences=[x], source=lambda name: core_verilog(geometry=SHAPE, primitives=primitives)
    )
    assert result.mismatches > 0
    assert result.first_difference.startswith(
        "sequence 0, step 1, layer 0: accumulator 0 of unit 0 is "
    )
    assert ", golden says " in result.first_difference


def test_a_difference_over_the_line_has_a_time_in_the_waveform(monkeypatch):
    def encode(value, reference, threshold, bits):
        delta = arithmetic.saturate(value - reference, bits)[0]
        return np.where(np.abs(delta) > threshold, delta, 0), np.zeros(delta.shape, bool)

    x = np.array([[39, 40, 41]])
    assert run("verilator", sequences=[x]).mismatches == 0
    monkeypatch.setattr("thresh.sim.golden.arithmetic.encode", encode)
    result = run("verilator", sequences=[x])
    assert result.first_difference.startswith(
        "sequence 0, step 0, input reference of input 1 is 40, golden says 0, at "
    )
    assert result.first_difference.endswith(" ns")


def test_an_accelerator_that_does_not_answer_ends_with_a_sentence(tmp_path):
    stub = """module thresh_accelerator(input clk, rst, rx, output tx, loaded, busy, fired);
        assign tx = 1;
    endmodule"""
    with pytest.raises(SimulationError, match=r"IDENTIFY is not answered within \d+ cycles, at"):
        simulate(
            NET, SEQUENCES, geometry=SHAPE, engine="verilator", verilog=lambda name: stub,
            out_dir=tmp_path,
        )  # fmt: skip


def test_a_core_that_hangs_ends_with_a_sentence(monkeypatch):
    monkeypatch.setattr("thresh.sim.engines.compiled.STEP_LIMIT", 10)
    with pytest.raises(SimulationError, match=r"The simulated core hangs: .* within 10 cycles"):
        run()


def test_verilog_that_does_not_compile_ends_with_a_sentence(tmp_path):
    with pytest.raises(SimulationError, match=r"could not be built or ended early: see .*log.txt"):
        simulate(
            NET, SEQUENCES, geometry=SHAPE, engine="verilator", verilog=lambda name: "module",
            out_dir=tmp_path,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"engine": "questa"}, "The engine must be one of verilator, icarus, compiled, not 'qu"),
        ({"sequences": []}, "the sequences hold no frame"),
        ({"sequences": [np.zeros((2, 4), int)]}, r"shape \(steps, 3\), not int64 of shape \(2, 4"),
        ({"sequences": [np.zeros((2, 3))]}, "must hold integers .* not float64"),
        ({"sequences": [np.full((2, 3), 2048)]}, "must lie in -2048 to 2047, not 2048 to 2048"),
        ({"net": network(5, 12, 3)}, "The network has weight_bits 8, the accelerator 4"),
        ({"waveform": True}, "The compiled engine writes no waveform"),
    ],
)
def test_what_cannot_be_simulated_is_refused(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        run(**options)


def test_icarus_that_is_missing_is_said(monkeypatch):
    verilog("thresh_accelerator")
    monkeypatch.setattr("thresh.sim.engines.cocotb_runner.shutil.which", lambda name: None)
    with pytest.raises(ValueError, match="Icarus Verilog is missing: install"):
        run("icarus")
