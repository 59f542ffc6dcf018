"""AXI shell: values over AXI4-Stream, registers over AXI4-Lite."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .bus_core import BusCore
from .register_file import ADDRESS_BITS

OKAY, SLAVE_ERROR = 0, 2
"""Responses; the second where there is no register."""


class AxiShell(wiring.Component):
    """`BusCore` with streams. A register answers a cycle after it was asked.

    Parameters
    ----------
    geometry, primitives, image, clock_khz :
        As the `BusCore`'s.

    Members
    -------
    s_axi_* :
        AXI4-Lite of 32 bits, 256 bytes. Address and data of a write are taken together.
    s_axis_tdata : In(16), s_axis_tvalid, s_axis_tlast : In(1), s_axis_tready : Out(1)
        Inputs; ``tlast`` with the last one of a frame.
    m_axis_tdata : Out(16), m_axis_tvalid, m_axis_tlast : Out(1), m_axis_tready : In(1)
        Outputs, extended to 16 bits.
    irq : Out(1)
    """

    def __init__(self, *, geometry, primitives=None, image=None, clock_khz):
        self.geometry = geometry
        self.primitives = primitives
        self.image = image
        self.clock_khz = clock_khz
        super().__init__(
            {
                "s_axi_awaddr": In(ADDRESS_BITS),
                "s_axi_awprot": In(3),
                "s_axi_awvalid": In(1),
                "s_axi_awready": Out(1),
                "s_axi_wdata": In(32),
                "s_axi_wstrb": In(4),
                "s_axi_wvalid": In(1),
                "s_axi_wready": Out(1),
                "s_axi_bresp": Out(2),
                "s_axi_bvalid": Out(1),
                "s_axi_bready": In(1),
                "s_axi_araddr": In(ADDRESS_BITS),
                "s_axi_arprot": In(3),
                "s_axi_arvalid": In(1),
                "s_axi_arready": Out(1),
                "s_axi_rdata": Out(32),
                "s_axi_rresp": Out(2),
                "s_axi_rvalid": Out(1),
                "s_axi_rready": In(1),
                "s_axis_tdata": In(16),
                "s_axis_tvalid": In(1),
                "s_axis_tready": Out(1),
                "s_axis_tlast": In(1),
                "m_axis_tdata": Out(16),
                "m_axis_tvalid": Out(1),
                "m_axis_tready": In(1),
                "m_axis_tlast": Out(1),
                "irq": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.core = core = BusCore(
            geometry=self.geometry, primitives=self.primitives, image=self.image,
            clock_khz=self.clock_khz, queue_depth=None,
        )  # fmt: skip
        self._registers(m, core.bus)
        output = Signal(signed(16))
        m.d.comb += [
            core.x.payload.eq(self.s_axis_tdata),
            core.x.valid.eq(self.s_axis_tvalid),
            core.x_last.eq(self.s_axis_tlast),
            self.s_axis_tready.eq(core.x.ready),
            output.eq(core.y.payload),
            self.m_axis_tdata.eq(output),
            self.m_axis_tvalid.eq(core.y.valid),
            self.m_axis_tlast.eq(core.y_last),
            core.y.ready.eq(self.m_axis_tready),
            self.irq.eq(core.irq),
        ]
        return m

    def _registers(self, m, bus):
        """Writes first; one is not taken before the one before it has been answered."""
        writes, reads = Signal(), Signal()
        m.d.comb += [
            writes.eq(self.s_axi_awvalid & self.s_axi_wvalid & ~self.s_axi_bvalid),
            reads.eq(self.s_axi_arvalid & ~self.s_axi_rvalid & ~writes),
            self.s_axi_awready.eq(writes),
            self.s_axi_wready.eq(writes),
            self.s_axi_arready.eq(reads),
            bus.address.eq(Mux(writes, self.s_axi_awaddr, self.s_axi_araddr)),
            bus.write.eq(writes & bus.known),
            bus.read.eq(reads & bus.known),
            bus.write_data.eq(self.s_axi_wdata),
            bus.mask.eq(self.s_axi_wstrb),
            self.s_axi_rdata.eq(bus.read_data),
        ]
        with m.If(self.s_axi_bready):
            m.d.sync += self.s_axi_bvalid.eq(0)
        with m.If(self.s_axi_rready):
            m.d.sync += self.s_axi_rvalid.eq(0)
        response = Mux(bus.known, OKAY, SLAVE_ERROR)
        with m.If(writes):
            m.d.sync += [self.s_axi_bvalid.eq(1), self.s_axi_bresp.eq(response)]
        with m.If(reads):
            m.d.sync += [self.s_axi_rvalid.eq(1), self.s_axi_rresp.eq(response)]
