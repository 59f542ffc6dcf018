"""Rates of a device's microphone on every board, from its clocks."""

import pytest

from thresh.audio.decimator import Decimator
from thresh.audio.i2s_words import BIT_CLOCK_CYCLES, FRAME_CLOCKS, PARTS, I2sWords
from thresh.hw.device_boards import (
    BANK_BYTES,
    BLOCK_BYTES,
    DEVICE_BOARDS,
    find_device_board,
    usual_microphone,
)
from thresh.hw.known_boards import find_board
from thresh.hw.pll import ecp5_pll
from thresh.layout.device.shape import RATE_TOLERANCE, DeviceShape

WHOLE_BITSTREAM = {"icebreaker": 104_161, "ulx3s-12f": 582_376, "ulx3s-85f": 1_949_000}
"""Bytes of one that is not compressed, as the tools write it or the data sheet has it."""


@pytest.mark.parametrize("name", DEVICE_BOARDS)
def test_a_pdm_microphone_gives_the_rate_exactly(name):
    device = DEVICE_BOARDS[name]
    for rate, bits in ((8000, 250), (16000, 125)):
        microphone = usual_microphone("pdm", rate)
        assert microphone.bits_per_sample == bits
        assert device.audio_hz(microphone, rate) == 2e6
        assert device.sample_rate(microphone, rate) == rate


@pytest.mark.parametrize(
    ("name", "rate", "real"),
    [("icebreaker", 8000, 7812.5), ("ulx3s-12f", 8000, 7812.5), ("ulx3s-85f", 16000, 15625)],
)
def test_an_i2s_microphone_gives_a_rate_within_the_tolerance(name, rate, real):
    device, microphone = DEVICE_BOARDS[name], usual_microphone("i2s", rate)
    assert device.sample_rate(microphone, rate) == real
    assert abs(real / rate - 1) < RATE_TOLERANCE
    assert device.audio_hz(microphone, rate) / BIT_CLOCK_CYCLES / FRAME_CLOCKS == real
    assert PARTS["INMP441"].slowest <= real <= PARTS["INMP441"].fastest


def test_a_halved_i2s_microphone_is_clocked_twice_as_fast():
    device = DEVICE_BOARDS["ulx3s-12f"]
    real = device.sample_rate(I2sWords(bits=18, halve=True), 8000)
    assert real == 7812.5
    assert 2 * real < PARTS["SPH0645"].slowest  # 15,625 Hz is below what its data sheet promises


@pytest.mark.parametrize("name", DEVICE_BOARDS)
def test_the_line_and_the_flash_fit_the_clocks(name):
    device = DEVICE_BOARDS[name]
    shape = DeviceShape(geometry=device.board.geometry, microphone=Decimator())
    assert device.bit_cycles(shape) == 8
    assert device.fastest_core_hz / device.flash_divisor <= 33e6
    layout = device.layout(shape)
    assert layout.slot_bytes == BANK_BYTES
    assert WHOLE_BITSTREAM[name] <= device.plate_address == device.base - BLOCK_BYTES
    assert layout.end <= 4 << 20


def test_two_clocks_come_from_one_oscillator():
    device = DEVICE_BOARDS["ulx3s-85f"]
    pll = ecp5_pll(find_board("ulx3s-85f").crystal_hz, device.core_hz)
    assert device.core_hz * pll.clkop_div % device.divided_hz == 0


def test_other_boards_and_microphones_are_refused():
    with pytest.raises(ValueError, match="icebreaker, ulx3s-12f, ulx3s-85f, not 'ulx3s-45f'"):
        find_device_board("ulx3s-45f")
    with pytest.raises(ValueError, match="must be pdm or i2s, not 'usb'"):
        usual_microphone("usb", 8000)
