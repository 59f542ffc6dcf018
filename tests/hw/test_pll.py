"""PLL dividers against what the vendors' calculators give."""

import pytest

from thresh.hw.pll import Ecp5Pll, GowinPll, Ice40Pll, ecp5_pll, gowin_pll, ice40_pll


@pytest.mark.parametrize(
    ("mhz", "divf", "divq"), [(42, 55, 4), (45, 59, 4), (48, 63, 4), (24, 63, 5)]
)
def test_ice40_dividers(mhz, divf, divq):
    expected = Ice40Pll(divr=0, divf=divf, divq=divq, filter_range=1)
    assert ice40_pll(12e6, mhz * 1e6) == expected


def test_ecp5_dividers():
    assert ecp5_pll(25e6, 120e6) == Ecp5Pll(clki_div=5, clkfb_div=24, clkop_div=5)


@pytest.mark.parametrize("mhz", [50, 80, 100, 125, 150])
def test_ecp5_oscillator_stays_in_range(mhz):
    pll = ecp5_pll(25e6, mhz * 1e6)
    assert pll.output_hz(25e6) == mhz * 1e6
    assert 400 <= mhz * pll.clkop_div <= 800
    assert 25 / pll.clki_div >= 3.125


@pytest.mark.parametrize(
    ("mhz", "feedback", "output"), [(54, 2, 16), (81, 3, 8), (108, 4, 8), (27, 1, 32)]
)
def test_gowin_dividers(mhz, feedback, output):
    """Those that apycula's gowin_pll finds, or others of one oscillator within 500 to 1250 MHz."""
    assert gowin_pll(27e6, mhz * 1e6) == GowinPll(input=1, feedback=feedback, output=output)
    assert 500 <= mhz * output <= 1250


@pytest.mark.parametrize(
    ("pll", "crystal", "mhz", "words"),
    [
        (ice40_pll, 12e6, 50, "cannot make 50 MHz; the nearest is 50.25 MHz"),
        (ice40_pll, 12e6, 1, "cannot make 1 MHz"),
        (ecp5_pll, 25e6, 101.3, "cannot make 101.3 MHz; the nearest is"),
        (gowin_pll, 27e6, 54.1, "cannot make 54.1 MHz; the nearest is"),
        (gowin_pll, 27e6, 700, "cannot make 700 MHz"),
    ],
)
def test_refuses_what_the_dividers_do_not_give(pll, crystal, mhz, words):
    with pytest.raises(ValueError, match=words):
        pll(crystal, mhz * 1e6)
