"""Streamed stage: from list events to the sums of a layer, by way of the SDRAM."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.columns.column_stage import stage_members
from thresh.gateware.sdram.column_fetcher import FETCHED_WORD, column_request

from .column_requests import ColumnRequests, pass_events, request_members
from .sdram_mac import SdramMAC


class SdramStage(wiring.Component):
    """What the `ColumnStage` is to columns on the chip: events in, sums out, biases read.

    Parameters
    ----------
    geometry, primitives, weights, index_bits
        As the `ColumnStage`'s; the weight memory holds biases, in the lower half of
        its addresses only.
    chip : thresh.layout.sdram_chip.SdramChip

    Members
    -------
    issue, mark, base, first, bursts, kind, sparse, inputs, side, index, delta, credit
        As the `ColumnRequests`'.
    request : Out(stream of `column_request`), words : In(stream of `FETCHED_WORD`)
        To and from the `SdramColumns`.
    begin, full, shift, sums, works
        As the `SdramMAC`'s; ``take``, ``capture`` and ``flush`` mean nothing here.
    claims, address, word, write_enable, write_address, write_data
        As the `ColumnStage`'s.
    """

    def __init__(self, *, geometry, primitives, weights, index_bits, chip):
        self.geometry = geometry
        self.primitives = primitives
        self.weights = weights
        self.index_bits = index_bits
        self.chip = chip
        super().__init__(
            {
                **stage_members(geometry, index_bits),
                **request_members(geometry.value_bits, index_bits),
                "request": Out(stream.Signature(column_request(chip))),
                "words": In(stream.Signature(FETCHED_WORD)),
                "begin": In(1),
                "works": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape, make = self.geometry, self.primitives
        m.submodules.requests = requests = ColumnRequests(
            request=column_request(self.chip),
            base_bits=self.chip.column_bits - 3,
            value_bits=shape.value_bits,
            index_bits=self.index_bits,
            read_latency=make.read_latency,
        )
        m.submodules.mac = mac = SdramMAC(
            pointwise_lanes=shape.pointwise_lanes,
            beats=shape.beats,
            weight_bits=shape.weight_bits,
            value_bits=shape.value_bits,
            depth=shape.accumulator_depth,
            read_latency=make.read_latency,
        )
        pass_events(m, requests, self, shape.value_bits, self.index_bits)
        m.d.comb += [
            mac.begin.eq(self.begin),
            mac.shift.eq(self.shift),
            self.full.eq(mac.full),
            self.sums.eq(mac.sums),
            self.works.eq(mac.works),
        ]
        wiring.connect(m, requests.o, wiring.flipped(self.request))
        wiring.connect(m, wiring.flipped(self.words), mac.words)
        wiring.connect(m, requests.jobs, mac.jobs)

        m.submodules.biases = biases = make.column_memory(
            width=shape.weight_word_bits, depth=shape.weight_depth // 2, init=self.weights
        )
        m.d.sync += biases.read_address.eq(self.address)
        m.d.comb += [
            self.word.eq(biases.read_data),
            biases.write_enable.eq(self.write_enable & ~self.write_address[-1]),
            biases.write_address.eq(self.write_address),
            biases.write_data.eq(self.write_data),
        ]
        return m
