"""A plain dense matrix-vector design of the same lanes: what skipping is compared with."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.columns.column_mac import ColumnMAC
from thresh.gateware.lib.delayed import delayed
from thresh.gateware.link.uart import UartReceiver, UartTransmitter
from thresh.model.arithmetic import ACCUMULATOR_BITS


class DenseMatvec(wiring.Component):
    """``y = W x``: every column of every block of P rows, one per cycle, without a gap.

    ``blocks * columns`` cycles and a fixed ``latency``. Sums leave S per cycle.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry
        Lanes, pointwise lanes, formats and depth of the weight memory.
    primitives : thresh.gateware.primitives.Primitives
    blocks, columns : int
        Of W; a block must take longer than its sums' leaving.

    Members
    -------
    start : In(1)
    y : Out(S * 32), valid : Out(1)
        Sums of each block in order.
    x_write, x_address, x_data, w_write, w_address, w_data : In
    """

    def __init__(self, *, geometry, primitives, blocks, columns):
        if columns <= geometry.beats + 1:
            raise ValueError(f"columns must exceed {geometry.beats + 1}, not {columns!r}")
        if blocks * columns > geometry.weight_depth:
            raise ValueError(
                f"blocks * columns must be at most {geometry.weight_depth}, not {blocks * columns}"
            )
        self.geometry = geometry
        self.primitives = primitives
        self.blocks = blocks
        self.columns = columns
        super().__init__(
            {
                "start": In(1),
                "y": Out(geometry.pointwise_lanes * ACCUMULATOR_BITS),
                "valid": Out(1),
                "x_write": In(1),
                "x_address": In(range(columns)),
                "x_data": In(signed(geometry.value_bits)),
                "w_write": In(1),
                "w_address": In(range(geometry.weight_depth)),
                "w_data": In(geometry.weight_word_bits),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape, make = self.geometry, self.primitives
        m.submodules.weights = weights = make.column_memory(
            width=shape.weight_word_bits, depth=shape.weight_depth
        )
        m.submodules.x = x = Memory(shape=self.x_data.shape(), depth=self.columns, init=[])
        m.submodules.mac = mac = ColumnMAC(
            lanes=shape.lanes, pointwise_lanes=shape.pointwise_lanes, weight_bits=shape.weight_bits,
            value_bits=shape.value_bits, mac_lane=make.lane_of(shape),
        )  # fmt: skip
        read, write = x.read_port(), x.write_port()
        running, last_column = self._walk(m, read, write, weights)
        self._meet(m, running, last_column, read.data, weights, mac)
        return m

    def _walk(self, m, read, write, weights):
        """One column after another, one block after another."""
        shape = self.geometry
        running, last_column = Signal(), Signal()
        address, column = Signal(range(shape.weight_depth)), Signal(range(self.columns))
        blocks_left = Signal(range(self.blocks))
        m.d.sync += last_column.eq(running & (column == self.columns - 2))  # A cycle ahead.
        with m.If(running):
            m.d.sync += [address.eq(address + 1), column.eq(Mux(last_column, 0, column + 1))]
            with m.If(last_column):
                m.d.sync += [blocks_left.eq(blocks_left - 1), running.eq(blocks_left != 0)]
        with m.Elif(self.start):
            m.d.sync += [
                running.eq(1), address.eq(0), column.eq(0), blocks_left.eq(self.blocks - 1),
            ]  # fmt: skip
        m.d.comb += [
            read.addr.eq(column),
            write.en.eq(self.x_write),
            write.addr.eq(self.x_address),
            write.data.eq(self.x_data),
            weights.write_enable.eq(self.w_write),
            weights.write_address.eq(self.w_address),
            weights.write_data.eq(self.w_data),
        ]
        m.d.sync += weights.read_address.eq(address)
        return running, last_column

    def _meet(self, m, running, last_column, x, weights, mac):
        """A column slice and its value meet in the lanes."""
        works = delayed(m, running, 1, "works")[-1]
        value = delayed(m, Mux(works, x, 0), weights.latency, "value")[-1]
        mark = delayed(m, running & last_column, 1 + weights.latency, "mark")[-1]
        left, shift = Signal(range(self.geometry.beats)), Signal()
        m.d.comb += [
            mac.weights.eq(weights.read_data),
            mac.delta.eq(value),
            mac.mark.eq(mark),
            mac.take.eq(mac.full & ~shift),
            mac.shift.eq(shift),
            self.y.eq(mac.sums),
        ]
        with m.If(mac.take):
            m.d.sync += [shift.eq(1), left.eq(self.geometry.beats - 1)]
        with m.Elif(shift):
            m.d.sync += [left.eq(left - 1), shift.eq(left != 0)]
        m.d.sync += self.valid.eq(shift)


class DenseLine(wiring.Component):
    """A `DenseMatvec` behind a serial line: weights, then x, come; y goes.

    Parameters
    ----------
    matvec : DenseMatvec
    clock_hz : float
    baud : int

    Members
    -------
    rx : In(1), tx : Out(1), loaded, busy, fired : Out(1)
        As the `Accelerator`'s.
    """

    def __init__(self, *, matvec, clock_hz, baud):
        self.matvec = matvec
        self.clock_hz = clock_hz
        self.baud = baud
        super().__init__(
            {
                "rx": In(1, init=1),
                "tx": Out(1, init=1),
                "loaded": Out(1),
                "busy": Out(1),
                "fired": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        divisor = round(self.clock_hz / self.baud)
        m.submodules.receiver = receiver = UartReceiver(divisor=divisor)
        m.submodules.transmitter = transmitter = UartTransmitter(divisor=divisor)
        m.submodules.matvec = matvec = self.matvec
        m.d.comb += [
            receiver.rx.eq(self.rx), receiver.o.ready.eq(1), self.tx.eq(transmitter.tx),
            self.busy.eq(matvec.valid), self.fired.eq(receiver.o.valid),
        ]  # fmt: skip
        self._gather(m, receiver, matvec)
        self._leave(m, matvec, transmitter)
        return m

    def _gather(self, m, receiver, matvec):
        """Bytes gather to words of weights until all are there, then to values.

        A byte is many cycles on the line, so what decides over it comes out of registers.
        """
        word, count = Signal(len(matvec.w_data)), Signal(range(len(matvec.w_data) // 8))
        full, last_weight, last_value = Signal(), Signal(), Signal()
        value = word[-16:][: len(matvec.x_data)]
        m.d.comb += [matvec.w_data.eq(word), matvec.x_data.eq(value)]
        m.d.sync += [
            full.eq(count == Mux(self.loaded, 1, len(word) // 8 - 1)),
            last_weight.eq(matvec.w_address == matvec.blocks * matvec.columns - 1),
            last_value.eq(matvec.x_address == matvec.columns - 1),
            matvec.w_write.eq(0), matvec.x_write.eq(0), matvec.start.eq(0),
        ]  # fmt: skip
        with m.If(receiver.o.valid):
            m.d.sync += word.eq(Cat(word[8:], receiver.o.payload))
            m.d.sync += count.eq(Mux(full, 0, count + 1))
            with m.If(full):
                m.d.sync += [matvec.w_write.eq(~self.loaded), matvec.x_write.eq(self.loaded)]
        with m.If(matvec.w_write):
            m.d.sync += [matvec.w_address.eq(matvec.w_address + 1), self.loaded.eq(last_weight)]
        with m.If(matvec.x_write):
            m.d.sync += matvec.x_address.eq(Mux(last_value, 0, matvec.x_address + 1))
            m.d.sync += matvec.start.eq(last_value)

    def _leave(self, m, matvec, transmitter):
        """Sums wait in a memory, whose words pass a register, and leave byte by byte."""
        depth = matvec.blocks * matvec.geometry.beats
        m.submodules.sums = sums = Memory(shape=len(matvec.y), depth=depth, init=[])
        store, fetch = sums.write_port(), sums.read_port()
        head, tail = Signal(range(depth)), Signal(range(depth))
        fetched = Signal(len(matvec.y))
        m.d.comb += [
            store.en.eq(matvec.valid), store.addr.eq(tail), store.data.eq(matvec.y),
            fetch.addr.eq(head),
        ]  # fmt: skip
        m.d.sync += fetched.eq(fetch.data)
        with m.If(matvec.valid):
            m.d.sync += tail.eq(Mux(tail == depth - 1, 0, tail + 1))

        out, left = Signal(len(fetched)), Signal(range(len(fetched) // 8))
        byte, sent = Signal(8), Signal(init=1)
        m.d.comb += [transmitter.i.valid.eq(~sent), transmitter.i.payload.eq(byte)]
        with m.If(transmitter.i.ready):
            m.d.sync += sent.eq(1)
        with m.FSM():
            with m.State("AWAIT"):
                with m.If(head != tail):
                    m.next = "READ"
            with m.State("READ"):
                m.next = "TAKE"
            with m.State("TAKE"):
                m.d.sync += [out.eq(fetched), left.eq(len(fetched) // 8 - 1)]
                m.d.sync += head.eq(Mux(head == depth - 1, 0, head + 1))
                m.next = "SEND"
            with m.State("SEND"):
                with m.If(sent):
                    m.d.sync += [byte.eq(out[:8]), sent.eq(0), out.eq(out >> 8), left.eq(left - 1)]
                    with m.If(left == 0):
                        m.next = "AWAIT"
