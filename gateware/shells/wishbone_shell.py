"""Wishbone shell: the core as a slave with 256 bytes of registers."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .bus_core import BusCore
from .register_file import ADDRESS_BITS


class WishboneShell(wiring.Component):
    """`BusCore` behind Wishbone B4, classic or pipelined. Answers a cycle after it was asked.

    Parameters
    ----------
    geometry, primitives, image, clock_khz, queue_depth :
        As the `BusCore`'s, with queues.

    Members
    -------
    wb_cyc, wb_stb, wb_we : In(1), wb_adr : In(6), wb_sel : In(4), wb_dat_w : In(32)
        ``wb_adr`` counts words.
    wb_dat_r : Out(32), wb_ack, wb_err, wb_stall : Out(1)
        ``wb_err`` instead of ``wb_ack`` where there is no register; it never stalls.
    wb_pipelined : In(1)
        Constant. 1: every cycle with ``wb_stb`` is a transfer. 0: classic, ``wb_stb`` stays until
        the answer.
    irq : Out(1)
    """

    def __init__(self, *, geometry, primitives=None, image=None, clock_khz, queue_depth):
        self.geometry = geometry
        self.primitives = primitives
        self.image = image
        self.clock_khz = clock_khz
        self.queue_depth = queue_depth
        super().__init__(
            {
                "wb_cyc": In(1),
                "wb_stb": In(1),
                "wb_we": In(1),
                "wb_adr": In(ADDRESS_BITS - 2),
                "wb_sel": In(4),
                "wb_dat_w": In(32),
                "wb_dat_r": Out(32),
                "wb_ack": Out(1),
                "wb_err": Out(1),
                "wb_stall": Out(1),
                "wb_pipelined": In(1),
                "irq": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.core = core = BusCore(
            geometry=self.geometry, primitives=self.primitives, image=self.image,
            clock_khz=self.clock_khz, queue_depth=self.queue_depth,
        )  # fmt: skip
        bus, taken = core.bus, Signal()
        m.d.comb += [
            taken.eq(
                self.wb_cyc & self.wb_stb & (self.wb_pipelined | ~(self.wb_ack | self.wb_err))
            ),
            bus.address.eq(self.wb_adr << 2),
            bus.read.eq(taken & ~self.wb_we & bus.known),
            bus.write.eq(taken & self.wb_we & bus.known),
            bus.write_data.eq(self.wb_dat_w),
            bus.mask.eq(self.wb_sel),
            self.wb_dat_r.eq(bus.read_data),
            self.irq.eq(core.irq),
        ]
        m.d.sync += [self.wb_ack.eq(taken & bus.known), self.wb_err.eq(taken & ~bus.known)]
        return m
