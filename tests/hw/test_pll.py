"""PLL dividers against what the vendors' calculators give."""

import pytest

from thresh.hw.pll import Ecp5Pll, Ice40Pll, ecp5_pll, ice40_pll


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
    ("pll", "crystal", "mhz", "words"),
    [
        (ice40_pll, 12e6, 50, "cannot make 50 MHz; the nearest is 50.25 MHz"),
        (ice40_pll, 12e6, 1, "cannot make 1 MHz"),
        (ecp5_pll, 25e6, 101.3, "cannot make 101.3 MHz; the nearest is"),
    ],
)
def test_refuses_what_the_dividers_do_not_give(pll, crystal, mhz, words):
    with pytest.raises(ValueError, match=words):
        pll(crystal, mhz * 1e6)
