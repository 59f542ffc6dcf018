"""Flash loader: every state of the slots ends as in the golden boot, word for word."""

from random import Random

import pytest
from amaranth import Cat, Module, Mux, ResetInserter, Signal
from amaranth.lib.crc.catalog import CRC32_BZIP2
from amaranth.sim import Simulator
from damage.flash_states import LAYOUT, NEW, OLD, STATES, flash_with, torn_replacements

from thresh.gateware.boot.flash_loader import FlashLoader
from thresh.layout.flash_boot import boot, boot_cycles, replacement
from thresh.layout.flash_slots import (
    CRC_BYTES,
    CRC_RESIDUE,
    HEADER_BYTES,
    BootResult,
    FlashLayout,
    body_bytes,
    crc32,
)
from thresh.sim.flash_model import FlashModel

WAKE_CYCLES = 5


def written(body, layout=LAYOUT):
    """(region, address, word) in order, of a body."""
    size, out, left = layout.word_bytes, [], 0
    for place in range(0, len(body), size):
        word = int.from_bytes(body[place : place + size], "big")
        if left == 0:
            region, left, address = word >> 16 & 7, word & 0xFFFF, 0
        else:
            out.append((region, address, word))
            left, address = left - 1, address + 1
    return out


class Machine:
    """One loader that starts again and again, from one flash after the other."""

    def __init__(self, layout=LAYOUT, divisor=2, word_bits=32):
        self.layout, self.divisor = layout, divisor
        self.loader = FlashLoader(
            layout=layout, word_bits=word_bits, divisor=divisor, wake_cycles=WAKE_CYCLES
        )
        self.reset, self.now = Signal(), Signal(32)
        self.top = Module()
        self.before = Signal(4)
        chosen = Cat(self.loader.access.enable, self.loader.access.region)
        self.top.d.sync += self.before.eq(chosen)
        self.top.d.sync += self.now.eq(Mux(self.reset, 0, self.now + 1))
        self.top.submodules.loader = ResetInserter(self.reset)(self.loader)

    def starts(self, flashes):
        """(result, slot, writes, cycles) of every start."""
        loader, access, seen = self.loader, self.loader.access, []
        chip = FlashModel(0)

        async def bench(ctx):
            tick = ctx.tick().sample(
                loader.done, access.region, access.address, access.write_data, self.before
            )
            for flash in flashes:
                chip.array, chip.asleep = flash, True
                ctx.set(self.reset, 1)
                await ctx.tick()
                ctx.set(self.reset, 0)
                writes, seen_done = [], False
                while not seen_done:
                    seen_done, *where, before = await tick.until(access.write | loader.done)
                    if not seen_done:
                        writes.append(tuple(map(int, where)))
                        assert before == (1 | int(where[0]) << 1)
                        assert ctx.get(access.write_data) == where[2]
                        assert not ctx.get(access.write)
                cycles = ctx.get(self.now) - 1
                assert not ctx.get(access.enable)
                assert ctx.get(loader.cs_n)
                seen.append((ctx.get(loader.result), ctx.get(loader.slot), writes, cycles))

        simulator = Simulator(self.top)
        simulator.add_clock(1e-6)
        simulator.add_testbench(bench)
        simulator.add_testbench(chip.pins(loader), background=True)
        simulator.run()
        return seen

    def check(self, flashes):
        """Every start as the golden one says, to the cycle."""
        for flash, (result, slot, writes, cycles) in zip(
            flashes, self.starts(flashes), strict=True
        ):
            golden = boot(flash, self.layout)
            assert BootResult(result) == golden.result
            assert writes == written(golden.body, self.layout)
            assert golden.slot is None or slot == golden.slot
            assert cycles == boot_cycles(
                flash, self.layout, divisor=self.divisor, wake_cycles=WAKE_CYCLES
            )


def test_every_state_of_the_slots_ends_as_in_the_golden_boot():
    Machine().check(list(STATES.values()))


def test_a_flipped_byte_in_either_slot_never_loads_anything_wrong():
    old, new = (body_bytes(LAYOUT, [(1, [word]), (0, [~word & 0xFFFF])]) for word in (3, 0x5A5A))
    flashes = []
    for slot in (0, 1):
        start = LAYOUT.header_address(slot)
        size = HEADER_BYTES + len(old) + CRC_BYTES
        for place in range(start, start + size):
            flash = bytearray(flash_with(old, new))
            flash[place] ^= 1 << place % 8
            flashes.append(bytes(flash))
    Machine().check(flashes)
    bodies = [boot(flash, LAYOUT).body for flash in flashes]
    assert set(bodies[:size]) == {new}
    assert set(bodies[size:]) == {old}


def test_power_cut_in_every_operation_leaves_a_whole_network():
    flashes = torn_replacements(flash_with(OLD), NEW, Random(1))
    Machine().check(flashes)
    assert {boot(flash, LAYOUT).body for flash in flashes} == {OLD, NEW}


def test_power_cut_in_every_operation_of_the_first_network_leaves_it_or_none():
    flashes = torn_replacements(flash_with(), NEW, Random(2))
    Machine().check(flashes)
    assert {boot(flash, LAYOUT).body for flash in flashes} == {b"", NEW}


@pytest.mark.parametrize("divisor", [2, 4, 6])
@pytest.mark.parametrize(("word_bytes", "word_bits"), [(4, 16), (8, 64), (12, 96)])
def test_words_of_every_width_at_every_clock(divisor, word_bytes, word_bits):
    layout = FlashLayout(base=4096, slot_bytes=4096, word_bytes=word_bytes)
    random = Random(word_bytes)
    body = body_bytes(
        layout, [(region, [random.getrandbits(word_bits) for _ in range(3)]) for region in (1, 7)]
    )
    chip = FlashModel()
    chip.run(replacement(bytes(chip.array), layout, body))
    Machine(layout, divisor, word_bits).check([bytes(chip.array)])


class Fading(bytearray):
    """Reads of one byte are right once, and wrong from the second on."""

    reads, place = 0, 0

    def __getitem__(self, place):
        value = super().__getitem__(place)
        if place != self.place:
            return value
        self.reads += 1
        return value ^ (4 if self.reads > 8 else 0)


@pytest.mark.parametrize(
    ("bodies", "result"), [((OLD,), BootResult.NONE), ((OLD, NEW), BootResult.FELL_BACK)]
)
def test_a_line_that_fails_while_words_are_written_is_not_a_loaded_network(bodies, result):
    flash = Fading(flash_with(*bodies))
    flash.place = LAYOUT.slot_address(len(bodies) - 1) + 280
    ((seen, _, writes, _),) = Machine().starts([flash])
    assert seen == result
    wrong = written(bodies[-1])
    assert [at for *at, _ in writes[: len(wrong)]] == [at for *at, _ in wrong]
    assert writes[: len(wrong)] != wrong
    assert writes[len(wrong) :] == [word for body in bodies[:-1] for word in written(body)]


def test_crc_is_the_catalogue_s():
    data = bytes(Random(3).randbytes(50))
    assert crc32(data) == CRC32_BZIP2(data_width=8).compute(data)
    assert CRC32_BZIP2(data_width=8).residue() == CRC_RESIDUE


def test_refuses_clocks_and_words_that_cannot_be():
    with pytest.raises(ValueError, match="an even number of cycles from 2, not 3"):
        FlashLoader(layout=LAYOUT, word_bits=32, divisor=3)
    with pytest.raises(ValueError, match="at least 1 cycle, not 0"):
        FlashLoader(layout=LAYOUT, word_bits=32, wake_cycles=0)
    with pytest.raises(ValueError, match="Words of 32 bits in the flash do not hold 64"):
        FlashLoader(layout=LAYOUT, word_bits=64)
