"""Dividers of the boards' phase-locked loops."""

from dataclasses import dataclass

TOLERANCE = 1e-4
"""Largest relative error of a frequency that counts as reached."""

GOWIN_OUTPUTS = (2, 4, 8, 16, 32, 48, 64, 80, 96, 112, 128)
"""What the output of an rPLL may be divided by."""


@dataclass(frozen=True, kw_only=True)
class Ice40Pll:
    """SB_PLL40 with simple feedback: ``out = in * (DIVF + 1) / ((DIVR + 1) * 2**DIVQ)``.

    Parameters
    ----------
    divr, divf, divq, filter_range : int
        As the primitive's parameters.
    """

    divr: int
    divf: int
    divq: int
    filter_range: int

    def output_hz(self, input_hz: float) -> float:
        """Output frequency for this input."""
        return input_hz * (self.divf + 1) / ((self.divr + 1) << self.divq)


@dataclass(frozen=True, kw_only=True)
class Ecp5Pll:
    """EHXPLLL with its feedback from CLKOP: ``out = in * CLKFB_DIV / CLKI_DIV``.

    Parameters
    ----------
    clki_div, clkfb_div, clkop_div : int
        As the primitive's parameters; the oscillator runs at ``out * clkop_div``.
    """

    clki_div: int
    clkfb_div: int
    clkop_div: int

    def output_hz(self, input_hz: float) -> float:
        """Output frequency for this input."""
        return input_hz * self.clkfb_div / self.clki_div


@dataclass(frozen=True, kw_only=True)
class GowinPll:
    """rPLL with its inner feedback: ``out = in * feedback / input``.

    Parameters
    ----------
    input, feedback, output : int
        Dividers, one more than IDIV_SEL and FBDIV_SEL, and ODIV_SEL; the oscillator runs at
        ``out * output``.
    """

    input: int
    feedback: int
    output: int

    def output_hz(self, input_hz: float) -> float:
        """Output frequency for this input."""
        return input_hz * self.feedback / self.input


def ice40_pll(input_hz: float, output_hz: float) -> Ice40Pll:
    """Dividers for an iCE40 (phase detector 10 to 133 MHz, oscillator 533 to 1066 MHz).

    Raises
    ------
    ValueError
        When no dividers give the frequency; the nearest one is named.
    """
    candidates = []
    for divr in range(16):
        detector = input_hz / (divr + 1)
        if not 10e6 <= detector <= 133e6:
            continue
        for divq in range(1, 7):
            divf = round(output_hz * (1 << divq) / detector) - 1
            if 0 <= divf < 128 and 533e6 <= detector * (divf + 1) <= 1066e6:
                candidates.append(
                    Ice40Pll(divr=divr, divf=divf, divq=divq, filter_range=_filter(detector))
                )
    return _nearest(candidates, input_hz, output_hz)


def ecp5_pll(input_hz: float, output_hz: float) -> Ecp5Pll:
    """Dividers for an ECP5 (phase detector from 3.125 MHz, oscillator 400 to 800 MHz).

    Raises
    ------
    ValueError
        When no dividers give the frequency; the nearest one is named.
    """
    candidates = []
    for clki_div in range(1, 129):
        if input_hz / clki_div < 3.125e6:
            break
        clkfb_div = round(output_hz * clki_div / input_hz)
        if not 1 <= clkfb_div <= 128:
            continue
        reached = input_hz * clkfb_div / clki_div
        clkop_div = round(600e6 / reached)
        if 1 <= clkop_div <= 128 and 400e6 <= reached * clkop_div <= 800e6:
            candidates.append(Ecp5Pll(clki_div=clki_div, clkfb_div=clkfb_div, clkop_div=clkop_div))
    return _nearest(candidates, input_hz, output_hz)


def gowin_pll(input_hz: float, output_hz: float) -> GowinPll:
    """Dividers for a GW2A of speed C8/I7 (phase detector 3 to 500 MHz, oscillator 500 to 1250 MHz).

    Raises
    ------
    ValueError
        When no dividers give the frequency; the nearest one is named.
    """
    candidates = []
    for input_divider in range(1, 65):
        if not 3e6 <= input_hz / input_divider <= 500e6:
            continue
        feedback = round(output_hz * input_divider / input_hz)
        if not 1 <= feedback <= 64:
            continue
        reached = input_hz * feedback / input_divider
        outputs = [by for by in GOWIN_OUTPUTS if 500e6 <= reached * by <= 1250e6]
        candidates += [
            GowinPll(input=input_divider, feedback=feedback, output=by) for by in outputs[:1]
        ]
    return _nearest(candidates, input_hz, output_hz)


def _nearest(candidates, input_hz: float, output_hz: float):
    def error(pll) -> float:
        return abs(pll.output_hz(input_hz) - output_hz)

    if not candidates:
        raise ValueError(f"The board's PLL cannot make {output_hz / 1e6:g} MHz")
    best = min(candidates, key=error)
    if error(best) > TOLERANCE * output_hz:
        raise ValueError(
            f"The board's PLL cannot make {output_hz / 1e6:g} MHz; the nearest is "
            f"{best.output_hz(input_hz) / 1e6:g} MHz"
        )
    return best


def _filter(detector_hz: float) -> int:
    """FILTER_RANGE for a phase detector frequency."""
    limits = (17e6, 26e6, 44e6, 66e6, 101e6)
    return 1 + sum(detector_hz >= limit for limit in limits)
