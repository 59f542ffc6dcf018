"""Kinds of layer: what an entry must promise so that golden model and gateware agree."""

import pytest

from thresh.model.arithmetic import FUNCTIONS
from thresh.model.cells import CELLS, PERSISTENT, TEMPORARIES

BITS = 16
FULL = (-(1 << (BITS - 1)), (1 << (BITS - 1)) - 1)
ONE = (1 << (BITS - 2)) - 1
RANGES = {
    "identity": lambda low, high: (low, high),
    "relu": lambda low, high: (max(low, 0), max(high, 0)),
    "sigmoid": lambda low, high: (0, FULL[1]),
    "tanh": lambda low, high: (-ONE, ONE),
}
"""Range of a function's results by the range of its operand."""


def hull(*ranges):
    return min(low for low, _ in ranges), max(high for _, high in ranges)


def ranges_of(program):
    """Ranges of all registers, and of ``B - C`` where that is taken, over all steps."""
    registers, differences = dict.fromkeys(PERSISTENT, (0, 0)), []
    for _ in range(4):
        for op in program:
            value = FULL if op.accumulator else registers[op.b]
            if op.lerp:
                low, high = registers[op.c]
                differences.append((value[0] - high, value[1] - low))
                value = hull(value, registers[op.c])
            elif op.a or op.c:
                value = FULL
            result = RANGES[op.function](*value)
            registers[op.result] = hull(registers.get(op.result, result), result)
    return registers, differences


@pytest.mark.parametrize("kind", sorted(CELLS))
class TestEveryCell:
    def test_registers_and_functions_are_known(self, kind):
        for op in CELLS[kind].program:
            assert {op.result, op.a, op.b, op.c} <= {*TEMPORARIES, *PERSISTENT, None}
            assert op.function in FUNCTIONS
            assert op.accumulator != (op.b is not None)
        assert CELLS[kind].program[-1].result == "h"

    def test_every_pass_is_consumed_and_the_first_takes_the_inputs(self, kind):
        cell = CELLS[kind]
        assert sum(op.accumulator for op in cell.program) == len(cell.passes) <= 4
        assert cell.passes[0].inputs
        assert cell.passes[0].hidden == cell.recurrent

    def test_what_is_multiplied_is_a_gate(self, kind):
        made = {op.result: op.function for op in CELLS[kind].program}
        assert all(made[op.a] == "sigmoid" for op in CELLS[kind].program if op.a)

    def test_a_difference_fits_the_multiplier(self, kind):
        _, differences = ranges_of(CELLS[kind].program)
        for low, high in differences:
            assert FULL[0] <= low
            assert high <= FULL[1]

    def test_a_state_that_is_read_settles(self, kind):
        read, written = set(), set()
        for op in CELLS[kind].program:
            read |= {name for name in (op.a, op.b, op.c) if name in PERSISTENT} - written
            if op.settles:
                assert op.result == op.b
                assert op.function == "identity"
            written.add(op.result)
        assert read == {op.result for op in CELLS[kind].program if op.settles}


def test_numbers_are_unique_and_fit_their_field():
    codes = [cell.code for cell in CELLS.values()]
    assert len(set(codes)) == len(codes)
    assert set(codes) <= set(range(16))
