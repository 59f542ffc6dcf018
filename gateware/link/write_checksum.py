"""Write checksum: the CRC-32 of what was written, half a byte per cycle.

Eight bits at once would take twice the cells on iCE40, and a byte of a WRITE lasts three cycles.
"""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

CRC32_POLYNOMIAL = 0xEDB88320
"""That of `thresh.layout.link.checksum`, least significant bit first."""


class WriteChecksum(wiring.Component):
    """`thresh.layout.link.checksum` of the bytes since ``clear``.

    Members
    -------
    clear : In(1)
    put : In(1), byte : In(8)
        A byte is taken; it rests for this cycle and the next, in which none is put.
    value : Out(32)
        Two cycles after the last byte.
    """

    def __init__(self):
        super().__init__({"clear": In(1), "put": In(1), "byte": In(8), "value": Out(32)})

    def elaborate(self, platform):
        m = Module()
        register, second = Signal(32, init=0xFFFFFFFF), Signal()
        m.d.comb += self.value.eq(~register)
        m.d.sync += second.eq(self.put)
        state = [register[bit] for bit in range(32)]
        for bit in range(4):
            feedback = state[0] ^ Mux(second, self.byte[4 + bit], self.byte[bit])
            shifted = [*state[1:], C(0, 1)]
            state = [
                old ^ feedback if CRC32_POLYNOMIAL >> place & 1 else old
                for place, old in enumerate(shifted)
            ]
        with m.If(self.put | second):
            m.d.sync += register.eq(Cat(state))
        with m.If(self.clear):
            m.d.sync += register.eq(register.init)
        return m
