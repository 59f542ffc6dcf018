"""Scheduled programs read what they mean to read: brute force over every element."""

import pytest

from thresh.gateware.columns.multiplier import Multiplier
from thresh.gateware.pointwise.pointwise import register_distance
from thresh.gateware.pointwise.program import PROGRAM_LENGTH, program_words
from thresh.layout.program_schedule import schedule
from thresh.model.cells import CELLS, PERSISTENT

BLOCKS = 5
DISTANCE = register_distance(Multiplier, 1)


def timeline(program, beats, distance):
    """Start of every instruction of every block as the sequencer issues them, drained at the end.

    Late slots have nothing to do in the first round, early ones nothing after the last block.
    """
    slots, now, starts = schedule(program, beats, distance), None, {}
    lates = [at for at, slot in enumerate(slots) if slot.deferred]
    for block in range(BLOCKS + bool(lates)):
        for at, slot in enumerate(slots):
            if block == BLOCKS and at > lates[-1]:
                break
            now = 0 if now is None else now + beats + slot.gap
            unit = block - slot.deferred
            if 0 <= unit < BLOCKS and (block < BLOCKS or slot.deferred):
                starts[unit, slot.number] = now
    return starts


@pytest.mark.parametrize("beats", [1, 2, 4, 8, 16, 32])
@pytest.mark.parametrize("kind", sorted(CELLS))
@pytest.mark.parametrize("distance", [DISTANCE, DISTANCE + 3])
def test_every_operand_is_the_one_the_cell_names(kind, beats, distance):
    program = CELLS[kind].program
    starts = timeline(program, beats, distance)
    assert set(starts) == {(b, n) for b in range(BLOCKS) for n in range(len(program))}
    for element in {0, beats - 1}:
        # When each register's words change, and to whose result.
        writes = {}
        for (unit, number), start in starts.items():
            name = program[number].result
            key = (name, unit) if name in PERSISTENT else name
            writes.setdefault(key, []).append((start + element + distance, unit, number))
        for (unit, number), start in starts.items():
            op, now = program[number], start + element
            for name in {op.a, op.b, op.c} - {None}:
                key = (name, unit) if name in PERSISTENT else name
                seen = max((w for w in writes.get(key, []) if w[0] <= now), default=None)
                earlier = [n for n in range(number) if program[n].result == name]
                if earlier:
                    assert seen is not None
                    assert seen[1:] == (unit, earlier[-1])
                else:
                    assert name in PERSISTENT
                    assert seen is None


@pytest.mark.parametrize("kind", sorted(CELLS))
def test_accumulators_are_taken_in_the_order_of_the_passes(kind):
    for beats in (1, 8, 32):
        starts = timeline(CELLS[kind].program, beats, DISTANCE)
        takes = sorted(
            (start, unit, number)
            for (unit, number), start in starts.items()
            if CELLS[kind].program[number].accumulator
        )
        assert [take[1:] for take in takes] == sorted(take[1:] for take in takes)


def test_a_program_fits_its_memory():
    assert max(len(cell.program) for cell in CELLS.values()) <= PROGRAM_LENGTH
    assert len(program_words(8, DISTANCE)) == 16 * PROGRAM_LENGTH


def test_a_gru_block_costs_its_instructions_and_nothing_more_where_lanes_are_many():
    slots = schedule(CELLS["gru"].program, 16, DISTANCE)
    assert [slot.gap for slot in slots] == [0] * 5
