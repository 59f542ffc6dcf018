import pytest

from thresh.layout.sdram_chip import ULX3S_SDRAM


def test_times_are_rounded_to_the_safe_side():
    assert ULX3S_SDRAM.cycles("row_to_column", 120e6) == 3
    assert ULX3S_SDRAM.cycles("refresh", 120e6) == 8
    assert ULX3S_SDRAM.cycles("refresh", 133e6) == 9
    assert ULX3S_SDRAM.cycles("refresh_every", 120e6) == 937
    assert ULX3S_SDRAM.cycles("power_up", 120e6) == 24_000


def test_a_whole_number_of_cycles_is_not_rounded_up():
    assert ULX3S_SDRAM.cycles("write_recovery", 1e9 / 7.5) == 2
    assert ULX3S_SDRAM.cycles("row_active", 1e9 / 7.5) == 6


def test_some_times_last_two_cycles_at_any_clock():
    assert ULX3S_SDRAM.cycles("set_mode", 1e6) == 2
    assert ULX3S_SDRAM.cycles("write_recovery", 1e6) == 2


def test_a_clock_that_is_too_fast_is_refused():
    with pytest.raises(ValueError, match=r"up to 133\.3 MHz, not 134 MHz"):
        ULX3S_SDRAM.cycles("refresh", 134e6)


def test_addresses_pass_the_banks_row_by_row():
    assert ULX3S_SDRAM.split(511) == (0, 0, 511)
    assert ULX3S_SDRAM.split(512) == (1, 0, 0)
    assert ULX3S_SDRAM.split(4 * 512 + 3) == (0, 1, 3)
    assert ULX3S_SDRAM.split((1 << 24) - 1) == (3, 8191, 511)
    assert ULX3S_SDRAM.address_bits == 24
