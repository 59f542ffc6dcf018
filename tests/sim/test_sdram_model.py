"""Both models of the chip, in Python and of compiled simulations, are held to the same rules."""

from dataclasses import replace

import numpy as np
import pytest
from drivers.chip_alone import chip_alone

from thresh.layout.sdram_chip import ALL_BANKS, ULX3S_SDRAM, SdramCommand
from thresh.sim.sdram_model import SdramModel, SdramViolation

CLOCK_HZ = 120e6
POWER_UP = 24_000
MODE = 0x33
ROW_TO_COLUMN, PRECHARGE, ROW_ACTIVE, ROW_CYCLE, REFRESH, RECOVERY = 3, 3, 6, 8, 8, 2
INTERVAL = 937

ACT, PRE, READ, WRITE = (
    SdramCommand.ACTIVATE, SdramCommand.PRECHARGE, SdramCommand.READ, SdramCommand.WRITE,
)  # fmt: skip


@pytest.fixture(params=["python", "compiled"], autouse=True)
def model(request, monkeypatch):
    made = SdramModel if request.param == "python" else chip_alone()
    monkeypatch.setattr(Driver, "made", staticmethod(made))


class Driver:
    """Gives one command after another, with rests between."""

    made = SdramModel

    def __init__(self, initialised=True, chip=ULX3S_SDRAM):
        self.model = self.made(chip, CLOCK_HZ)
        self.seen = []
        if initialised:
            self.rest(POWER_UP)
            self.give(PRE, address=ALL_BANKS, then=PRECHARGE)
            for _ in range(8):
                self.give(SdramCommand.REFRESH, then=REFRESH)
            self.give(SdramCommand.SET_MODE, address=MODE, then=2)
            self.seen.clear()

    def give(self, command, bank=0, address=0, then=1, dq=None, mask=0):
        """A command, and rest until ``then`` cycles after it."""
        self.seen.append(self.model.step(command, bank, address, dq, mask))
        self.rest(then - 1)

    def rest(self, cycles, data=()):
        for number in range(cycles):
            dq = data[number] if number < len(data) else None
            self.seen.append(self.model.step(SdramCommand.NOP, 0, 0, dq))

    def write(self, bank, column, words, then):
        self.seen.append(self.model.step(WRITE, bank, column, words[0]))
        self.rest(then - 1, words[1:])


@pytest.fixture
def chip():
    return Driver()


def test_reads_back_what_was_written(chip):
    words = list(range(100, 108))
    chip.give(ACT, bank=2, address=5, then=ROW_TO_COLUMN)
    chip.write(2, 16, words, then=20)
    chip.seen.clear()
    chip.give(READ, bank=2, address=16, then=20)
    # The first word is driven CAS latency - 1 edges after the READ: valid at the third edge.
    assert chip.seen[:11] == [None, None, *words, None]
    base = (5 * 4 + 2) * 512 + 16
    np.testing.assert_array_equal(chip.model.words[base : base + 8], words)


def test_a_burst_wraps_in_its_block(chip):
    chip.model.load(0, np.arange(512, dtype=np.uint16))
    chip.give(ACT, then=ROW_TO_COLUMN)
    chip.seen.clear()
    chip.give(READ, address=13, then=12)
    assert chip.seen[2:10] == [13, 14, 15, 8, 9, 10, 11, 12]


def test_masked_bytes_keep_what_they_were(chip):
    chip.model.load(0, np.full(8, 0x1234, np.uint16))
    chip.give(ACT, then=ROW_TO_COLUMN)
    chip.give(WRITE, dq=0xABCD, mask=1)
    chip.give(SdramCommand.NOP, dq=0xABCD, mask=2)
    chip.rest(6, [0] * 6)
    assert list(chip.model.words[:3]) == [0xAB34, 0x12CD, 0]


def test_a_masked_word_is_not_driven(chip):
    chip.give(ACT, then=ROW_TO_COLUMN)
    chip.seen.clear()
    chip.give(READ)
    chip.give(SdramCommand.NOP, mask=3, then=11)
    assert [word is None for word in chip.seen[2:10]] == [True] + [False] * 7


def test_rows_stream_without_a_gap_across_banks(chip):
    chip.give(ACT, bank=0, address=1, then=2)
    chip.give(ACT, bank=1, address=1, then=3)
    chip.seen.clear()
    chip.give(READ, bank=0, then=8)
    chip.give(READ, bank=1, then=12)
    assert [word is not None for word in chip.seen[2:18]] == [True] * 16


def refused(rule, drive, initialised=True):
    chip = Driver(initialised)
    with pytest.raises(SdramViolation, match=rule):
        drive(chip)


def test_a_command_during_power_up_is_refused():
    def drive(chip):
        chip.rest(POWER_UP - 1)
        chip.give(PRE, address=ALL_BANKS)

    refused("powers up", drive, initialised=False)


@pytest.mark.parametrize(("refreshes", "mode"), [(7, MODE), (8, None)])
def test_a_row_is_not_opened_before_the_chip_is_set_up(refreshes, mode):
    def drive(chip):
        chip.rest(POWER_UP)
        chip.give(PRE, address=ALL_BANKS, then=PRECHARGE)
        for _ in range(refreshes):
            chip.give(SdramCommand.REFRESH, then=REFRESH)
        if mode:
            chip.give(SdramCommand.SET_MODE, address=mode, then=2)
        chip.give(ACT)

    refused("ACTIVATE before the mode was set", drive, initialised=False)


def test_each_wait_of_a_row_is_held():
    def early(rule, *commands):
        def drive(chip):
            for command, then in commands:
                chip.give(command, then=then)

        refused(rule, drive)

    early("tRCD", (ACT, ROW_TO_COLUMN - 1), (READ, 1))
    early("tRCD", (ACT, ROW_TO_COLUMN - 1), (WRITE, 1))
    early("tRAS", (ACT, ROW_ACTIVE - 1), (PRE, 1))
    early("tRP", (ACT, ROW_CYCLE), (PRE, PRECHARGE - 1), (ACT, 1))
    early("tRP", (ACT, ROW_CYCLE), (PRE, PRECHARGE - 1), (SdramCommand.REFRESH, 1))
    early("tRFC", (SdramCommand.REFRESH, REFRESH - 1), (ACT, 1))
    early("tRFC", (SdramCommand.REFRESH, REFRESH - 1), (SdramCommand.REFRESH, 1))
    early("cuts a burst that is read", (ACT, ROW_TO_COLUMN), (READ, 7), (PRE, 1))
    early("READ cuts a burst", (ACT, ROW_TO_COLUMN), (READ, 7), (READ, 1))


def test_the_row_cycle_is_held_where_it_is_longer_than_its_parts():
    chip = Driver(chip=replace(ULX3S_SDRAM, row_cycle=100))
    chip.give(ACT, then=ROW_ACTIVE)
    chip.give(PRE, then=PRECHARGE)
    with pytest.raises(SdramViolation, match="tRC"):
        chip.give(ACT)


def test_two_banks_are_not_opened_at_once(chip):
    chip.give(ACT, bank=0)
    with pytest.raises(SdramViolation, match="tRRD"):
        chip.give(ACT, bank=1)


def test_a_written_row_recovers_before_it_is_closed(chip):
    chip.give(ACT, then=ROW_TO_COLUMN)
    chip.write(0, 0, [1] * 8, then=8 - 1 + RECOVERY - 1)
    with pytest.raises(SdramViolation, match="tWR"):
        chip.give(PRE)


@pytest.mark.parametrize("command", [READ, WRITE])
def test_words_of_a_closed_bank_are_refused(chip, command):
    chip.give(ACT, bank=0, then=ROW_TO_COLUMN)
    with pytest.raises(SdramViolation, match="bank 1, which is not open"):
        chip.give(command, bank=1)


def test_an_open_bank_is_not_opened_again(chip):
    chip.give(ACT, address=1, then=ROW_CYCLE)
    with pytest.raises(SdramViolation, match="bank 0, which is open"):
        chip.give(ACT, address=2)


@pytest.mark.parametrize("command", [SdramCommand.REFRESH, SdramCommand.SET_MODE])
def test_every_bank_rests_for_refresh_and_mode(chip, command):
    chip.give(ACT, bank=3, then=ROW_CYCLE)
    with pytest.raises(SdramViolation, match="while a bank is open"):
        chip.give(command)


def test_a_refresh_that_is_late_is_refused(chip):
    chip.give(SdramCommand.REFRESH)
    chip.rest(INTERVAL - 1)
    chip.give(SdramCommand.REFRESH)
    with pytest.raises(SdramViolation, match="tREFI"):
        chip.rest(INTERVAL + 1)


def test_a_row_is_not_open_for_too_long():
    chip = Driver(chip=replace(ULX3S_SDRAM, refresh_every=1e9))
    chip.give(ACT, then=12_000)
    chip.give(READ, then=8)
    chip.rest(1)
    with pytest.raises(SdramViolation, match="open for too long"):
        chip.give(PRE)


def test_the_mode_needs_time(chip):
    chip.give(SdramCommand.SET_MODE, address=MODE)
    with pytest.raises(SdramViolation, match="tMRD"):
        chip.give(ACT)


@pytest.mark.parametrize(
    ("mode", "rule"), [(0x23, "CAS latency 2"), (0x37, "not modelled"), (0x3B, "not modelled")]
)
def test_modes_that_the_chip_or_the_model_lacks_are_refused(chip, mode, rule):
    with pytest.raises(SdramViolation, match=rule):
        chip.give(SdramCommand.SET_MODE, address=mode)


def test_nobody_drives_against_the_chip(chip):
    chip.give(ACT, then=ROW_TO_COLUMN)
    chip.give(READ, then=9)  # the last word is still driven
    with pytest.raises(SdramViolation, match="bus contention"):
        chip.write(0, 8, [1] * 8, then=8)


def test_a_bus_changes_hands_with_a_cycle_between():
    def drive(after):
        chip = Driver()
        chip.give(ACT, then=ROW_TO_COLUMN)
        chip.give(READ, then=after)
        chip.write(0, 8, [1] * 8, then=20)

    drive(12)
    with pytest.raises(SdramViolation, match="bus contention"):
        drive(11)


def test_data_without_a_write_and_a_write_without_data_are_refused(chip):
    with pytest.raises(SdramViolation, match="without a WRITE"):
        chip.rest(1, [5])
    chip = Driver()
    chip.give(ACT, then=ROW_TO_COLUMN)
    with pytest.raises(SdramViolation, match="drives no data"):
        chip.give(WRITE)


def test_addresses_beyond_the_chip_are_refused(chip):
    chip.give(ACT, then=ROW_TO_COLUMN)
    with pytest.raises(SdramViolation, match="column 512"):
        chip.give(READ, address=512)
    chip = Driver()
    chip.give(ACT, then=ROW_TO_COLUMN)
    # A precharge afterwards, address bit 10, is not modelled either.
    with pytest.raises(SdramViolation, match="column 1024"):
        chip.give(READ, address=ALL_BANKS)


def test_stop_is_refused(chip):
    with pytest.raises(SdramViolation, match="STOP"):
        chip.give(SdramCommand.STOP)


def test_a_clock_beyond_the_chip_is_refused():
    with pytest.raises(ValueError, match=r"up to 133\.3 MHz, not 140 MHz"):
        Driver.made(ULX3S_SDRAM, 140e6)
