"""Memory access: everything that reaches the core's memories while no step is under way."""

from functools import reduce
from operator import or_

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.columns.column_engine import column_access
from thresh.gateware.encode.nonzero_queue import SEGMENTS
from thresh.gateware.lib.access import access_port, region_port
from thresh.layout.layer_table import PAGE_WORD
from thresh.layout.link import COUNTER_WORDS, Region

from .layer_table import HEADER_BASE, LayerTable
from .sequence_reset import SequenceReset

LOADED = (Region.WEIGHTS, Region.TABLE, Region.HEADER)
"""Regions that hold a network."""


class MemoryAccess(wiring.Component):
    """Reads and writes words of a region, and resets all memories for a new sequence.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry
    latency : int
        Of the column memory.
    readback : bool
        As the `Core`'s.

    Members
    -------
    outside : In(`region_port`)
    new_sequence : In(1)
    bias_base, last : In(16)
        Weight address of the first bias word; last address to reset.
    active : Out(1)
        A new sequence is under way.
    columns : Out(`column_access`)
    accumulators, state, references, table : Out(access port)
    counter_address : Out, counter_value : In
    clear_list : Out(1), list_address : Out
    """

    def __init__(self, *, geometry, latency, readback=True):
        self.geometry = geometry
        self.latency = latency
        self.readback = readback
        bits = geometry.value_bits
        super().__init__(
            {
                "outside": In(region_port(geometry.weight_word_bits)),
                "new_sequence": In(1),
                "bias_base": In(16),
                "last": In(16),
                "active": Out(1),
                "columns": Out(column_access(geometry)),
                "accumulators": Out(
                    access_port(geometry.accumulator_depth, geometry.accumulator_word_bits)
                ),
                "state": Out(access_port(geometry.state_depth, geometry.pointwise_lanes * bits)),
                "references": Out(access_port(geometry.value_depth, bits)),
                "table": Out(access_port(LayerTable.depth, 16)),
                "counter_address": Out(range(COUNTER_WORDS)),
                "counter_value": In(32),
                "clear_list": Out(1),
                "list_address": Out(range(2 * SEGMENTS)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        outside, columns = self.outside, self.columns
        m.submodules.reset = reset = SequenceReset(geometry=self.geometry, latency=self.latency)
        m.d.comb += [
            reset.start.eq(self.new_sequence),
            reset.bias_base.eq(self.bias_base),
            reset.last.eq(self.last),
            self.active.eq(reset.active),
            columns.capture.eq(reset.capture),
            columns.flush.eq(reset.shift),
            columns.clear.eq(reset.clear),
            columns.clear_address.eq(reset.address),
            self.clear_list.eq(reset.clear),
            self.list_address.eq(reset.address),
            columns.select.eq(reset.active | outside.enable),
            columns.address.eq(Mux(reset.active, reset.weight_address, outside.address)),
            self.counter_address.eq(outside.address),
        ]
        # The region is decoded into registers, a cycle after it came.
        selected = {
            region: Signal(name=f"select_{region.name.lower()}") for region in self._regions
        }
        for region, select in selected.items():
            m.d.sync += select.eq(outside.enable & (outside.region == region))
        self._write(m, selected, reset)
        self._write_table(m, selected[Region.HEADER])
        turns = (outside.region == Region.TABLE) & (outside.address == PAGE_WORD)
        m.d.comb += [
            columns.write.eq(selected[Region.WEIGHTS] & outside.write),
            columns.write_address.eq(outside.address),
            columns.write_data.eq(outside.write_data),
            columns.page_write.eq(outside.write & turns),
        ]
        self._read(m, selected)
        return m

    @property
    def _regions(self):
        """Those that can be reached."""
        return Region if self.readback else (*LOADED, Region.STATE)

    def _write(self, m, selected, reset):
        """From outside one memory, from the reset several at once."""
        shape, outside, written = self.geometry, self.outside, self.outside.write_data
        values = [
            written.word_select(n, 16)[: shape.value_bits] for n in range(shape.pointwise_lanes)
        ]
        bias = self.columns.word.word_select(reset.bias_part, shape.accumulator_word_bits)
        ports = {
            Region.STATE: (self.state, Cat(values), reset.address, reset.clear, 0),
            Region.REFERENCES: (self.references, written, reset.address, reset.clear, 0),
            Region.ACCUMULATORS: (
                self.accumulators, written, reset.bias_address, reset.bias_write, bias,
            ),
        }  # fmt: skip
        for region, (port, value, address, write, initial) in ports.items():
            select = selected.get(region, C(0))
            if region in selected:
                address = Mux(reset.active, address, outside.address)
            if self.readback:
                write = (select & outside.write) | write
                initial = Mux(reset.active, initial, value)
            m.d.sync += [
                port.enable.eq(select | reset.active),
                port.address.eq(address),
                port.write.eq(write),
                port.write_data.eq(initial),
            ]

    def _write_table(self, m, select_header):
        """The header lies behind the layers in one memory."""
        outside, select = self.outside, Signal(name="select_table_or_header")
        m.d.sync += select.eq(
            outside.enable & ((outside.region == Region.HEADER) | (outside.region == Region.TABLE))
        )
        m.d.sync += [
            self.table.enable.eq(select),
            self.table.address.eq(outside.address | Mux(select_header, HEADER_BASE, 0)),
            self.table.write.eq(select & outside.write),
            self.table.write_data.eq(outside.write_data),
        ]

    def _read(self, m, selected):
        """Values are extended to whole bytes."""
        shape = self.geometry
        extended = Signal(16 * shape.pointwise_lanes)
        for number in range(shape.pointwise_lanes):
            value = self.state.read_data.word_select(number, shape.value_bits).as_signed()
            wide = Signal(signed(16), name=f"value_{number}")
            m.d.comb += [wide.eq(value), extended.word_select(number, 16).eq(wide)]
        if not self.readback:
            m.d.comb += self.outside.read_data.eq(extended)
            return
        reference = Signal(signed(16))
        m.d.comb += reference.eq(self.references.read_data.as_signed())
        words = {
            Region.WEIGHTS: self.columns.word,
            Region.TABLE: self.table.read_data,
            Region.HEADER: self.table.read_data,
            Region.ACCUMULATORS: self.accumulators.read_data,
            Region.STATE: extended,
            Region.REFERENCES: reference.as_unsigned(),
            Region.COUNTERS: self.counter_value,
        }
        m.d.sync += self.outside.read_data.eq(
            reduce(or_, (Mux(selected[region], word, 0) for region, word in words.items()))
        )
