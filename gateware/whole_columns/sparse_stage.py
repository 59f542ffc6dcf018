"""Sparse stage: from list events to the sums of a layer, by way of sparse columns on the chip."""

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.columns.column_stage import stage_members
from thresh.layout.layer_table import REST_SHIFT
from thresh.layout.sparse_columns import SETTLE

from .column_requests import ColumnRequests, pass_events, request_members
from .sparse_mac import SparseMAC
from .sparse_memory import SparseColumnMemory


class SparseStage(wiring.Component):
    """What the `ColumnStage` is to dense columns: events in, sums out, biases read.

    Parameters
    ----------
    geometry, primitives, weights, index_bits
        As the `ColumnStage`'s; the weight memory is that of `thresh.layout.sparse_columns`.

    Members
    -------
    issue, mark, base, first, bursts, kind, sparse, inputs, side, index, delta, credit
        As the `ColumnRequests`'; a burst is a word.
    begin, full, shift, sums
        As the `SparseMAC`'s; ``take``, ``capture`` and ``flush`` mean nothing here.
    works : Out(1)
        The lanes multiply a word.
    claims, address, word, write_enable, write_address, write_data
        As the `ColumnStage`'s.
    """

    def __init__(self, *, geometry, primitives, weights, index_bits):
        self.geometry = geometry
        self.primitives = primitives
        self.weights = weights
        self.index_bits = index_bits
        super().__init__(
            {
                **stage_members(geometry, index_bits),
                **request_members(geometry.value_bits, index_bits),
                "begin": In(1),
                "works": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape, make = self.geometry, self.primitives
        depth = shape.weight_depth // 2
        request = data.StructLayout(
            {"address": range(depth), "bursts": REST_SHIFT, "rest": range(SETTLE)}
        )
        m.submodules.requests = requests = ColumnRequests(
            request=request,
            base_bits=0,
            value_bits=shape.value_bits,
            index_bits=self.index_bits,
            read_latency=make.read_latency,
        )
        m.submodules.columns = columns = SparseColumnMemory(
            column_memory=make.column_memory, width=shape.weight_word_bits, depth=depth,
            init=self.weights, request=request, value_bits=shape.value_bits,
        )  # fmt: skip
        m.submodules.mac = mac = SparseMAC(
            lanes=shape.lanes, pointwise_lanes=shape.pointwise_lanes, weight_bits=shape.weight_bits,
            value_bits=shape.value_bits, depth=shape.accumulator_depth,
            read_latency=make.read_latency,
        )  # fmt: skip
        pass_events(m, requests, self, shape.value_bits, self.index_bits)
        wiring.connect(m, requests.o, columns.i)
        wiring.connect(m, requests.jobs, columns.jobs)
        for name in ("valid", "first", "end", "delta", "side", "weights", "rows"):
            m.d.comb += getattr(mac, name).eq(getattr(columns, name))
        m.d.comb += [
            mac.begin.eq(self.begin),
            mac.shift.eq(self.shift),
            self.full.eq(mac.full),
            self.sums.eq(mac.sums),
            self.works.eq(mac.valid),
            self.word.eq(columns.word),
        ]
        for name in ("claims", "address", "write_enable", "write_address", "write_data"):
            m.d.comb += getattr(columns, name).eq(getattr(self, name))
        return m
