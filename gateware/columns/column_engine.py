"""What a column engine says to the blocks around it."""

from amaranth import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.control.layer_table import TABLE_READER
from thresh.gateware.encode.event_memory import stored_event
from thresh.gateware.encode.nonzero_queue import list_reader
from thresh.model.arithmetic import ACCUMULATOR_BITS
from thresh.model.network import MAX_LAYERS

TOKEN = data.StructLayout({"layer": range(MAX_LAYERS), "skip": 1})
"""What the pointwise stage is told when a layer begins."""

LAYERS = wiring.Signature(
    {"token": Out(stream.Signature(TOKEN)), "settled": In(MAX_LAYERS), "idle": In(1)}
)
"""The layers that begin, from the engine; behind it, which of them have settled, and that nothing
of an earlier step is under way."""

PASSES = wiring.Signature({"complete": Out(1), "take": In(1), "shift": In(1)})
"""From the engine: the sums of the next pass can be taken. Their consumer takes them, and then S
of them with every ``shift``."""


def column_access(geometry):
    """Signature of the way from outside to the memory of columns, while no step is under way.

    ``select`` loads ``address``, and the word is there ``1 + latency of the memory`` cycles later.
    A ``write`` has an address and a word of its own. ``page_write`` says that ``write_data`` is
    the number of an SDRAM page. ``capture`` and ``flush`` clear the lanes' sums for a new sequence;
    where sums lie in a memory, ``clear`` clears those of ``clear_address``.
    """
    address, word = range(geometry.weight_depth), geometry.weight_word_bits
    return wiring.Signature(
        {
            "select": Out(1),
            "address": Out(address),
            "word": In(word),
            "write": Out(1),
            "write_address": Out(address),
            "write_data": Out(word),
            "page_write": Out(1),
            "capture": Out(1),
            "flush": Out(1),
            "clear": Out(1),
            "clear_address": Out(range(geometry.accumulator_depth)),
        }
    )


def index_bits(geometry):
    """Width of a column's number."""
    return Shape.cast(range(geometry.value_depth)).width


def engine_members(geometry):
    """Members of every column engine: events of the lists in, sums of passes out.

    table : Out(`TABLE_READER`)
    lists : Out(`list_reader`), event : In(`stored_event`)
        The lists' lengths and events: the event wanted, the board's ``read_latency`` cycles after
        its address.
    layers : Out(`LAYERS`), passes : Out(`PASSES`)
    sums : Out(S * 32)
        ``read_latency`` cycles after ``shift``.
    access : In(`column_access`)
    waiting : Out(1)
        No step has begun.
    busy : Out(1)
        The lanes multiply in this cycle.
    """
    return {
        "table": Out(TABLE_READER),
        "lists": Out(list_reader(geometry.value_depth)),
        "event": In(stored_event(geometry.value_bits, index_bits(geometry))),
        "layers": Out(LAYERS),
        "passes": Out(PASSES),
        "sums": Out(geometry.pointwise_lanes * ACCUMULATOR_BITS),
        "access": In(column_access(geometry)),
        "waiting": Out(1),
        "busy": Out(1),
    }
