"""Streamed stage: from list entries to the sums of a layer, by way of the SDRAM."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.model.arithmetic import ACCUMULATOR_BITS

from .column_fetcher import FETCHED_WORD, column_request
from .column_requests import ColumnRequests
from .streamed_mac import StreamedMAC


class StreamedStage(wiring.Component):
    """What the `ColumnStage` is to columns on the chip: entries in, sums out, biases read.

    Parameters
    ----------
    geometry, primitives, weights, index_bits
        As the `ColumnStage`'s; the weight memory holds biases, in the lower half of
        its addresses only.
    chip : thresh.model.sdram.SdramChip

    Members
    -------
    issue, mark, base, first, bursts, kind, inputs, side, index, delta, credit
        As the `ColumnRequests`'.
    request : Out(stream of `column_request`), words : In(stream of `FETCHED_WORD`)
        To and from the `SdramColumns`.
    begin, full, shift, sums, works
        As the `StreamedMAC`'s; ``take``, ``capture`` and ``flush`` mean nothing here.
    claims, address, word, write_enable, write_address, write_data
        As the `ColumnStage`'s.
    """

    def __init__(self, *, geometry, primitives, weights, index_bits, chip):
        self.geometry = geometry
        self.primitives = primitives
        self.weights = weights
        self.index_bits = index_bits
        self.chip = chip
        address = range(geometry.weight_depth)
        super().__init__(
            {
                "issue": In(1),
                "mark": In(1),
                "base": In(16),
                "first": In(index_bits + 1),
                "bursts": In(16),
                "kind": In(4),
                "inputs": In(1),
                "side": In(1),
                "index": In(index_bits),
                "delta": In(signed(geometry.value_bits)),
                "credit": Out(1),
                "request": Out(stream.Signature(column_request(chip))),
                "words": In(stream.Signature(FETCHED_WORD)),
                "begin": In(1),
                "full": Out(1),
                "take": In(1),
                "shift": In(1),
                "sums": Out(geometry.serial * ACCUMULATOR_BITS),
                "works": Out(1),
                "claims": In(1),
                "address": In(address),
                "word": Out(geometry.weight_word_bits),
                "write_enable": In(1),
                "write_address": In(address),
                "write_data": In(geometry.weight_word_bits),
                "capture": In(1),
                "flush": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape, make = self.geometry, self.primitives
        m.submodules.requests = requests = ColumnRequests(
            chip=self.chip,
            value_bits=shape.value_bits,
            index_bits=self.index_bits,
            read_latency=make.read_latency,
        )
        m.submodules.mac = mac = StreamedMAC(
            serial=shape.serial,
            vector=shape.vector,
            weight_bits=shape.weight_bits,
            value_bits=shape.value_bits,
            depth=shape.accumulator_depth,
            read_latency=make.read_latency,
        )
        asked = (
            "issue", "mark", "base", "first", "bursts", "kind", "inputs", "side", "index", "delta",
        )  # fmt: skip
        m.d.comb += [getattr(requests, name).eq(getattr(self, name)) for name in asked]
        m.d.comb += [
            self.credit.eq(requests.credit),
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
