"""Output reader: a frame's outputs, out of the words that hold them."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.layout.layer_table import (
    HEADER_FIELDS,
    LAST_LAYER,
    POINTWISE_FIELDS,
    POINTWISE_OFFSET,
    TABLE_WORDS,
)
from thresh.layout.link import Region
from thresh.model.network import MAX_LAYERS

from .word_port import word_request

KIND, UNITS = (
    POINTWISE_OFFSET + POINTWISE_FIELDS.index(name) for name in ("kind", "units_minus_1")
)
"""Words of a layer's entry that say whether it is the last, and how many outputs it has."""


class OutputReader(wiring.Component):
    """Asks for the words of a frame's outputs, and takes them apart into values.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry

    Members
    -------
    start : In(1)
        A frame is complete: its outputs are sent. Neither this nor ``measure`` while one is under
        way.
    measure : In(1)
        How many outputs there are is looked up in the layer table. The header's words are written
        where they lie: the core has copies of them, which a reset forgets.
    output_base : In(16)
        State word of the first output.
    request : Out(`word_request`), done : In(1), word : In
        To the `WordPort`.
    y : Out(stream of signed(V)), y_last : Out(1)
        ``y_last`` belongs to the payload: it is the frame's last.
    finished : Out(1)
        The last output has been taken, or the number is known.
    outputs_minus_1 : Out(16)
    """

    def __init__(self, *, geometry):
        self.geometry = geometry
        super().__init__(
            {
                "start": In(1),
                "measure": In(1),
                "output_base": In(16),
                "request": Out(word_request(geometry.weight_word_bits)),
                "done": In(1),
                "word": In(geometry.weight_word_bits),
                "y": Out(stream.Signature(signed(geometry.value_bits))),
                "y_last": Out(1),
                "finished": Out(1),
                "outputs_minus_1": Out(16),
            }
        )

    def elaborate(self, platform):
        m = Module()
        lanes, request = self.geometry.pointwise_lanes, self.request
        values, lane, left = Signal(16 * lanes), Signal(range(lanes)), Signal(16)
        m.d.comb += [
            self.y.payload.eq(values.word_select(0, 16)[: self.geometry.value_bits]),
            self.y_last.eq(left == 0),
        ]
        with m.If(request.ready):
            m.d.sync += request.valid.eq(0)
        with m.FSM():
            with m.State("IDLE"):
                with m.If(self.start):
                    self._ask(m, Region.STATE, self.output_base)
                    m.d.sync += [left.eq(self.outputs_minus_1), lane.eq(0)]
                    m.next = "AWAIT_WORD"
                with m.If(self.measure):
                    self._ask(m, Region.HEADER, 0)
                    m.next = "AWAIT_HEADER"
            self._send(m, values, lane, left)
            self._measure(m)
        return m

    def _send(self, m, values, lane, left):
        """The states that read word after word of the state and send its values."""
        lanes, request = self.geometry.pointwise_lanes, self.request
        with m.State("AWAIT_WORD"):
            with m.If(self.done):
                m.d.sync += [values.eq(self.word), self.y.valid.eq(1)]
                m.next = "SEND"
        with m.State("SEND"):
            with m.If(self.y.ready):
                m.d.sync += [
                    values.eq(values >> 16),
                    lane.eq(lane + 1),
                    left.eq(left - 1),
                ]
                with m.If(left == 0):
                    m.d.sync += self.y.valid.eq(0)
                    m.d.comb += self.finished.eq(1)
                    m.next = "IDLE"
                with m.Elif(lane == lanes - 1):
                    self._ask(m, Region.STATE, request.address + 1)
                    m.d.sync += [self.y.valid.eq(0), lane.eq(0)]
                    m.next = "AWAIT_WORD"

    def _measure(self, m):
        """The states that write the header where it was read, and find the last layer's units."""
        request = self.request
        with m.State("AWAIT_HEADER"):
            with m.If(self.done):
                m.d.sync += [
                    request.valid.eq(1),
                    request.write.eq(1),
                    request.data.eq(self.word),
                ]
                m.next = "AWAIT_WRITTEN"
        with m.State("AWAIT_WRITTEN"):
            with m.If(self.done):
                self._ask(m, Region.HEADER, request.address + 1)
                m.next = "AWAIT_HEADER"
                with m.If(request.address == len(HEADER_FIELDS) - 1):
                    self._ask(m, Region.TABLE, KIND)
                    m.next = "AWAIT_KIND"
        with m.State("AWAIT_KIND"):
            with m.If(self.done):
                last = self.word & LAST_LAYER
                final = request.address >= (MAX_LAYERS - 1) * TABLE_WORDS
                self._ask(m, Region.TABLE, request.address + TABLE_WORDS)
                with m.If((last != 0) | final):
                    m.d.sync += request.address.eq(request.address + (UNITS - KIND))
                    m.next = "AWAIT_UNITS"
        with m.State("AWAIT_UNITS"):
            with m.If(self.done):
                m.d.sync += self.outputs_minus_1.eq(self.word)
                m.d.comb += self.finished.eq(1)
                m.next = "IDLE"

    def _ask(self, m, region, address):
        m.d.sync += [
            self.request.valid.eq(1),
            self.request.write.eq(0),
            self.request.region.eq(region),
            self.request.address.eq(address),
        ]
