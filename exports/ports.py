"""The ports of an exported module, as its Verilog has them."""

from dataclasses import dataclass

from amaranth.hdl import Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In


@dataclass(frozen=True, kw_only=True)
class Port:
    """One port.

    Parameters
    ----------
    name, direction, text : str
    width : int
    """

    name: str
    direction: str
    width: int
    text: str

    @property
    def range(self) -> str:
        """``[15:0]``, or nothing for a single bit."""
        return f"[{self.width - 1}:0]" if self.width > 1 else ""


def ports_of(component: wiring.Component, texts: dict[str, str]) -> list[Port]:
    """Every port in the order of ``texts``.

    Raises
    ------
    ValueError
        When a port has no text, or a text no port.
    """
    widths = {"clk": ("input", 1), "rst": ("input", 1)}
    for path, member, value in component.signature.flatten(component):
        name = "_".join(map(str, path)).replace("payload", "data")
        widths[name] = ("input" if member.flow == In else "output", len(Value.cast(value)))
    if set(widths) != set(texts):
        raise ValueError(
            f"Ports without a text or texts without a port: {set(widths) ^ set(texts)}"
        )
    return [
        Port(name=name, direction=widths[name][0], width=widths[name][1], text=text)
        for name, text in texts.items()
    ]
