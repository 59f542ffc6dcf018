"""The FPGAs that boards carry: what is in each, and how the router is told."""

from dataclasses import dataclass, field

from thresh.layout.configurations import CONFIGURATIONS
from thresh.layout.geometry import Geometry


@dataclass(frozen=True, kw_only=True)
class Chip:
    """One FPGA.

    Parameters
    ----------
    name : str
        As the vendor writes it.
    family : str
        ``"ice40"``, ``"ecp5"`` or ``"gowin"``.
    size : str
        The router's option.
    packages : dict
        The router's name of each package by the vendor's.
    speeds : tuple of str
        Speed grades; empty where the router asks for none.
    resources : dict
        What is in it: ``"block RAM"``, ``"SPRAM"``, ``"multiplier"``, ``"logic"`` (4-input cells).
    oscillator_error : float
        Largest relative error of the oscillator inside.
    price : str
        Of one chip, coarsely: ``"$"`` below 10 US dollars, ``"$$"`` to 30, ``"$$$"`` above.
    pll_site : str or None
        Of a package, where only one pin feeds the PLL without going through the fabric.
    idcode : int
        JTAG identification, 0 where there is no JTAG.
    """

    name: str
    family: str
    size: str
    packages: dict[str, str] = field(hash=False)
    speeds: tuple[str, ...] = ()
    resources: dict[str, int] = field(hash=False)
    oscillator_error: float
    price: str
    pll_site: str | None = None
    idcode: int = 0

    @property
    def geometry(self) -> Geometry:
        """Of the accelerator that fills its memories."""
        return CONFIGURATIONS[self.name]


_ECP5_PACKAGES = {
    "BG256": "CABGA256", "MG285": "CSFBGA285", "BG381": "CABGA381", "BG554": "CABGA554",
    "BG756": "CABGA756",
}  # fmt: skip


def _ecp5(size: str, price: str, *, idcode: int, blocks: int, multipliers: int, logic: int) -> Chip:
    return Chip(
        name=f"LFE5U-{size}",
        family="ecp5",
        size=f"--{size.removesuffix('F')}k",
        packages=_ECP5_PACKAGES,
        speeds=("6", "7", "8"),
        resources={"block RAM": blocks, "multiplier": multipliers, "logic": logic},
        oscillator_error=0.15,
        price=price,
        idcode=idcode,
    )


CHIPS = {
    chip.name: chip
    for chip in (
        Chip(
            name="iCE40UP5K",
            family="ice40",
            size="--up5k",
            packages={"SG48": "sg48"},
            resources={"SPRAM": 4, "block RAM": 30, "multiplier": 8, "logic": 5280},
            oscillator_error=0.10,
            price="$",
            pll_site="35",
        ),
        _ecp5("12F", "$$", idcode=0x21111043, blocks=56, multipliers=28, logic=24288),
        _ecp5("25F", "$$", idcode=0x41111043, blocks=56, multipliers=28, logic=24288),
        _ecp5("45F", "$$", idcode=0x41112043, blocks=108, multipliers=72, logic=43848),
        _ecp5("85F", "$$$", idcode=0x41113043, blocks=208, multipliers=156, logic=83640),
        Chip(
            name="GW2AR-LV18",
            family="gowin",
            size="GW2A-18C",
            packages={"QN88": "QN88"},
            speeds=("C8/I7",),
            resources={"block RAM": 46, "multiplier": 48, "logic": 20736},
            oscillator_error=0.05,
            price="$$",
            idcode=0x0000081B,
        ),
    )
}
"""By name. The 12F carries the 25F's die, and the open tools use all of it."""
