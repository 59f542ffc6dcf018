"""Bus turnaround: when the data bus is free for the next burst."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .sdram_ports import BURST


class BusTurnaround(wiring.Component):
    """A burst occupies the bus for its words; a write waits until a read's words have left it.

    Parameters
    ----------
    chip : thresh.layout.sdram_chip.SdramChip
    pad_delay : int
        As the `SdramController`'s.

    Members
    -------
    read, write : In(1)
        The command given now.
    may_read, may_write : Out(1)
        The bus is free for this command.
    """

    def __init__(self, *, chip, pad_delay):
        self.turn = BURST + chip.cas_latency + pad_delay + 1
        super().__init__(
            {
                "read": In(1),
                "write": In(1),
                "may_read": Out(1, init=1),
                "may_write": Out(1, init=1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        for name, free, after_read in (
            ("read", self.may_read, BURST), ("write", self.may_write, self.turn),
        ):  # fmt: skip
            left = Signal(range(self.turn), name=f"{name}_in")
            m.d.sync += [left.eq(Mux(left == 0, 0, left - 1)), free.eq(left <= 1)]
            with m.If(self.read):
                m.d.sync += [left.eq(after_read - 1), free.eq(0)]
            with m.If(self.write):
                m.d.sync += [left.eq(BURST - 1), free.eq(0)]
        return m
