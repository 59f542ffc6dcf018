"""The PLL of an ECP5 as an instance: one clock, or two of one oscillator."""

from amaranth import *

from .pll import Ecp5Pll

_FIXED = {
    "a_ICP_CURRENT": "12",
    "a_LPF_RESISTOR": "8",
    "a_MFG_ENABLE_FILTEROPAMP": "1",
    "a_MFG_GMCREF_SEL": "2",
    "p_PLLRST_ENA": "DISABLED",
    "p_INTFB_WAKE": "DISABLED",
    "p_STDBY_ENABLE": "DISABLED",
    "p_DPHASE_SOURCE": "DISABLED",
    "p_OUTDIVIDER_MUXA": "DIVA",
}


def pll_instance(pll: Ecp5Pll, *, input_hz, output_hz, crystal, clock, locked, **second):
    """An EHXPLLL with its feedback from CLKOP; ``second`` are more ports and parameters."""
    return Instance(
        "EHXPLLL",
        a_FREQUENCY_PIN_CLKI=str(input_hz / 1e6),
        a_FREQUENCY_PIN_CLKOP=str(output_hz / 1e6),
        **_FIXED,
        p_CLKI_DIV=pll.clki_div,
        p_CLKOP_ENABLE="ENABLED",
        p_CLKOP_DIV=pll.clkop_div,
        p_CLKOP_CPHASE=pll.clkop_div // 2,
        p_CLKOP_FPHASE=0,
        p_FEEDBK_PATH="CLKOP",
        p_CLKFB_DIV=pll.clkfb_div,
        i_RST=Const(0),
        i_STDBY=Const(0),
        i_CLKI=crystal,
        i_CLKFB=clock,
        i_PHASESEL0=Const(0),
        i_PHASESEL1=Const(0),
        i_PHASEDIR=Const(1),
        i_PHASESTEP=Const(1),
        i_PHASELOADREG=Const(1),
        i_PLLWAKESYNC=Const(0),
        i_ENCLKOP=Const(0),
        o_CLKOP=clock,
        o_LOCK=locked,
        **second,
    )


def second_output(pll: Ecp5Pll, *, input_hz, output_hz, clock):
    """What `pll_instance` takes for ``clock`` of ``output_hz`` from CLKOS.

    Raises
    ------
    ValueError
        When no whole divider of the oscillator makes it.
    """
    oscillator = pll.output_hz(input_hz) * pll.clkop_div
    divider = round(oscillator / output_hz)
    if not 1 <= divider <= 128 or divider * output_hz != oscillator:
        raise ValueError(
            f"The PLL's oscillator of {oscillator / 1e6:g} MHz cannot make {output_hz / 1e6:g} MHz"
        )
    return {
        "p_CLKOS_ENABLE": "ENABLED",
        "p_CLKOS_DIV": divider,
        "p_CLKOS_CPHASE": divider // 2,
        "p_CLKOS_FPHASE": 0,
        "p_OUTDIVIDER_MUXB": "DIVB",
        "i_ENCLKOS": Const(0),
        "o_CLKOS": clock,
    }
