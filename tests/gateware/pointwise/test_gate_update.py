"""The pointwise arithmetic of every instruction of every cell."""

import numpy as np
import pytest
from block_bench import play
from block_top import update_latencies

from thresh.gateware.columns.multiplier import LogicMultiplier, Multiplier
from thresh.gateware.pointwise.activation import Function
from thresh.gateware.pointwise.gate_update import GateUpdate
from thresh.sim.benches.gate_update_script import gate_update_script

FUNCTIONS = {function.name: function.value for function in Function}


def run(unit, **options):
    script = gate_update_script(
        bits=unit.value_bits, latencies=update_latencies(unit), functions=FUNCTIONS, **options
    )
    play(unit, script)


@pytest.mark.parametrize("multiplier", [Multiplier, LogicMultiplier])
@pytest.mark.parametrize("bits", [8, 11, 16])
@pytest.mark.parametrize("shift", [0, 1, 9, 15])
def test_equals_the_arithmetic_of_every_instruction(bits, shift, multiplier):
    unit = GateUpdate(value_bits=bits, multiplier=multiplier)
    run(unit, random=np.random.default_rng(bits + shift), count=400, shifts=(shift,))


@pytest.mark.parametrize("read_latency", [1, 2])
def test_nothing_saturates_without_a_valid_instruction(read_latency):
    unit = GateUpdate(value_bits=8, read_latency=read_latency)
    run(unit, random=np.random.default_rng(1), count=150, gaps=True)


def test_a_result_that_differs_is_found():
    unit = GateUpdate(value_bits=8)
    latencies = update_latencies(unit) | {"result": unit.latency + 1}
    script = gate_update_script(
        bits=8, latencies=latencies, functions=FUNCTIONS, random=np.random.default_rng(3), count=50
    )
    with pytest.raises(AssertionError, match=r"cycle \d+: result is \d+, not \d+"):
        play(unit, script)
