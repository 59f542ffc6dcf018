"""Every block's Verilog in its cocotb bench, under every simulator."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from block_top import GEOMETRY, BlockTop, blocks_verilog
from link_bench import network, walk

from thresh.gateware.pointwise.activation import Activation
from thresh.gateware.verilog import generate
from thresh.layout.image import build_image, save_image
from thresh.model.files import write_atomically
from thresh.sim.engines.cocotb_runner import BenchJob, run_bench
from thresh.sim.errors import SimulationError

FOLDER = Path(__file__).parent.parent.parent / "build" / "sim"
BLOCKS = [
    "activation", "column_mac", "delta_encoder", "packet_receiver", "gate_update",
    "nonzero_queue", "uart",
]  # fmt: skip
ENGINES = [
    "verilator",
    pytest.param(
        "icarus",
        marks=pytest.mark.skipif(
            shutil.which("iverilog") is None, reason="Icarus Verilog (iverilog) is not on the PATH"
        ),
    ),
]


@pytest.fixture(scope="module")
def design():
    """The blocks' Verilog file, and their shape as the benches read it."""
    verilog, shape = blocks_verilog()
    source = FOLDER / "thresh_blocks.v"
    write_atomically(source, verilog)
    return source, json.dumps(shape)


def run(design, tmp_path, engine, block, **variables):
    source, shape = design
    job = BenchJob(
        engine=engine,
        sources=(str(source),),
        top="thresh_blocks",
        bench=f"thresh.sim.benches.bench_{block}",
        folder=str(FOLDER),
        name=str(tmp_path / "run"),
        variables={"THRESH_SHAPE": shape} | variables,
    )
    run_bench(job)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_passes_its_bench(design, tmp_path, engine, block):
    run(design, tmp_path, engine, block)


HIGHEST = (1 << (GEOMETRY.value_bits - 1)) - 1
NETWORKS = {
    "gru": network(5, 12, 3),
    "lstm": network(3, 9, 5, 2, kinds=("lstm", "gru", "linear"), threshold=0, shift=11),
    "one": network(1, 1, kinds=("rnn_tanh",), threshold=0),
    "silent": network(7, 8, 3, threshold=HIGHEST),
}


@pytest.mark.parametrize("engine", ENGINES)
def test_the_core_passes_its_bench(design, tmp_path, engine):
    for name, net in NETWORKS.items():
        save_image(build_image(net, GEOMETRY), tmp_path / f"{name}.img")
        x = walk(6, net.inputs, stride=3000)
        # A step without a change, a change by the threshold exactly, and by one less.
        threshold = net.layers[0].threshold_x
        x[1], x[2] = x[0], np.clip(x[0] + threshold, -HIGHEST - 1, HIGHEST)
        x[3] = np.clip(x[2] - threshold + 1, -HIGHEST - 1, HIGHEST)
        (tmp_path / f"{name}.json").write_text(json.dumps(x.tolist()))
    run(design, tmp_path, engine, "core", THRESH_RUN=str(tmp_path))


class WrongActivation(Activation):
    """Forgets a result when it sees a certain value."""

    def elaborate(self, platform):
        m = super().elaborate(platform)
        with m.If(self.y == 1):
            m.d.sync += self.z.eq(12345)
        return m


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_a_fault_in_a_block_is_found_with_its_cycle(design, tmp_path, engine):
    """A bench that cannot fail would prove nothing."""
    source = tmp_path / "wrong.v"
    wrong = WrongActivation(value_bits=GEOMETRY.value_bits)
    source.write_text(generate(BlockTop(activation=wrong), "thresh_blocks"))
    sentence = (
        r"The bench failed in equals_the_arithmetic: activation, cycle \d+: z is 12345, not \d+, "
        r"at \d+ ns"
    )
    with pytest.raises(SimulationError, match=sentence):
        run((source, design[1]), tmp_path, engine, "activation")
