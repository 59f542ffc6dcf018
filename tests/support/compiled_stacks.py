"""Stacks on compiled cores, every integer compared after every burst."""

from functools import cache
from pathlib import Path

from board_twins import BOARDS
from core_driver import CoreState

from thresh.gateware.verilog import core_verilog
from thresh.layout.geometry import Geometry
from thresh.layout.image import build_image
from thresh.sim import golden_snapshot
from thresh.sim.comparison import Comparison
from thresh.sim.engines.compiled import CompiledCore, compile_verilog
from thresh.sim.observation import record_of

WEIGHTS = 1 << 18
"""Weights that a core holds."""


@cache
def core(lanes, pointwise_lanes, weight_bits, value_bits, board, sparse=False):
    """One compiled core per geometry; networks are loaded one after another."""
    geometry = Geometry(
        lanes=lanes, pointwise_lanes=pointwise_lanes, weight_bits=weight_bits,
        value_bits=value_bits, weight_depth=WEIGHTS // lanes,
        accumulator_depth=4096 // pointwise_lanes, state_depth=2048 // pointwise_lanes,
        value_depth=1024, sparse=sparse,
    )  # fmt: skip
    source = core_verilog(geometry=geometry, primitives=BOARDS[board])
    return CompiledCore(geometry, compile_verilog(source, "thresh_core", Path("build/sim")))


class CompiledState(CoreState):
    """Saves and restores a compiled core."""

    def read(self, region, address, count, advance=None):
        return self.core.read(region, address, count)

    def write(self, region, address, words, advance=None):
        size = self.core.read(region, 0, 1).size
        self.core.write(region, address, words.reshape(-1, size))


def check(made, network, runs):
    """Run and compare every integer after every burst."""
    made.load(build_image(network, made.geometry))
    made.plan = made.map
    state = CompiledState(made, network)
    comparison = Comparison(network, made.plan)
    for number, parts in enumerate(runs):
        made.new_sequence()
        comparison.new_sequence()
        step = 0
        for x, restores in parts:
            if restores:
                kept = state.save()
                state.restore(kept)
                comparison.new_sequence()
                golden_snapshot.restore(comparison.model, kept)
            made.run(x)
            for values in x:
                comparison.advance(values)
            step += len(x)
            comparison.compare(
                record_of(made.plan, made.memories()), f"sequence {number}, after step {step - 1}"
            )
            assert not comparison.mismatches, comparison.first_difference
