"""Command receiver: what a host asks of a device."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out

from thresh.audio.spotter import MOST_CLASSES
from thresh.gateware.link.uart import UartReceiver
from thresh.layout.device_link import COMMAND_BYTES, START, DeviceCommand


class CommandReceiver(wiring.Component):
    """Takes commands of `thresh.layout.device_link` whose check holds.

    All members are of the block's own domain.

    Cost on iCE40: 100 logic cells, the receiver of bytes included.

    Parameters
    ----------
    bit_cycles : int
        Of the line, at least `thresh.layout.link.MIN_BIT_CYCLES`.

    Members
    -------
    rx : In(1)
        Not yet synchronous.
    identify : Out(1)
        A command was understood.
    listening : Out(1)
    label : Out(range(64)), value : Out(16)
        The threshold that is set; at rest while ``busy``.
    ask : Out(1), busy : In(1)
        It is to be set; it has not been yet.
    """

    def __init__(self, *, bit_cycles):
        self.bit_cycles = bit_cycles
        super().__init__(
            {
                "rx": In(1, init=1),
                "identify": Out(1),
                "listening": Out(1),
                "label": Out(range(MOST_CLASSES)),
                "value": Out(16),
                "ask": Out(1),
                "busy": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.receiver = line = UartReceiver(divisor=self.bit_cycles)
        m.submodules.settled = FFSynchronizer(self.rx, line.rx, init=1)
        byte = line.o.payload
        place, total = Signal(range(COMMAND_BYTES)), Signal(8)
        command, strange = Signal(2), Signal()
        m.d.comb += line.o.ready.eq(1)
        m.d.sync += [self.identify.eq(0), self.ask.eq(0)]
        with m.If(line.o.valid):
            m.d.sync += [place.eq(place + 1), total.eq(total + byte)]
            with m.Switch(place):
                with m.Case(0):
                    m.d.sync += total.eq(0)
                    # What has not been answered yet must rest.
                    with m.If((byte != START) | self.busy):
                        m.d.sync += place.eq(0)
                with m.Case(1):
                    m.d.sync += [command.eq(byte), strange.eq(byte[2:].any())]
                with m.Case(2):
                    m.d.sync += self.label.eq(byte)
                with m.Case(3):
                    m.d.sync += self.value[:8].eq(byte)
                with m.Case(4):
                    m.d.sync += self.value[8:].eq(byte)
                with m.Default():
                    m.d.sync += place.eq(0)
                    with m.If(((total + byte)[:8] == 0) & ~strange & (command != 0)):
                        m.d.sync += [
                            self.identify.eq(1),
                            self.ask.eq(command == DeviceCommand.THRESHOLD),
                        ]
                        with m.If(command == DeviceCommand.LISTEN):
                            m.d.sync += self.listening.eq(self.value[0])
        return m
