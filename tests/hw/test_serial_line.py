"""Which speeds of the serial link a clock can time."""

import pytest

from thresh.hw.serial_line import baud_error, check_baud


def test_baud_error_is_that_of_a_whole_divider():
    assert baud_error(12e6, 115200) == pytest.approx(0.0016, abs=1e-4)


@pytest.mark.parametrize(
    ("clock_hz", "baud", "sentence"),
    [
        (48e6, 20_000_000, "20000000 baud is too fast at 48 MHz, which serves at most 6000000"),
        (48e6, 0, "must be above 0, not 48 MHz and 0"),
        (48e6, -9600, "must be above 0"),
        (float("nan"), 9600, "must be above 0, not nan MHz"),
        (8.4e6, 1_000_000, r"1000000 baud is 5\.0 % off at 8\.4 MHz; at most 1 % works"),
    ],
)
def test_a_line_that_the_clock_cannot_time_is_refused(clock_hz, baud, sentence):
    with pytest.raises(ValueError, match=sentence):
        check_baud(clock_hz, baud)


@pytest.mark.parametrize("clock_hz", [12e6, 48e6])
def test_the_fastest_line_has_eight_cycles_a_bit(clock_hz):
    check_baud(clock_hz, int(clock_hz // 8))
