"""Any component behind two wide ports, for simulators that know no names."""

from amaranth import *
from amaranth.hdl import Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

SLOT = 64
"""Bits of the slots that ports are padded to."""


class FlatPorts(wiring.Component):
    """A component's inputs and outputs side by side, each from a multiple of 64 bits on.

    Parameters
    ----------
    component : wiring.Component

    Attributes
    ----------
    places : dict of str to (str, int, int)
        By a member's path, joined by dots: ``"i"`` or ``"o"``, first slot and width.

    Members
    -------
    i : In, o : Out
    """

    def __init__(self, component):
        self.component = component
        self.places = {}
        self._flows = {"i": [], "o": []}
        for path, member, value in component.signature.flatten(component):
            flow = "i" if member.flow == In else "o"
            value = Value.cast(value)
            slots = self._flows[flow]
            self.places[".".join(map(str, path))] = flow, len(slots), len(value)
            padding = -len(value) % SLOT
            slots += [(value, padding), *[None] * ((len(value) + padding) // SLOT - 1)]
        widths = {flow: max(1, len(slots)) * SLOT for flow, slots in self._flows.items()}
        super().__init__({"i": In(widths["i"]), "o": Out(widths["o"])})

    def elaborate(self, platform):
        m = Module()
        m.submodules.component = self.component
        for flow, slots in self._flows.items():
            port = self.i if flow == "i" else self.o
            for number, slot in enumerate(slots):
                if slot is None:
                    continue
                value, _ = slot
                part = port[number * SLOT : number * SLOT + len(value)]
                m.d.comb += value.eq(part) if flow == "i" else part.eq(value)
        return m
