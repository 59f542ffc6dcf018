"""What a core says to the blocks around it."""

from amaranth import *
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from .audio.multiplier_port import multiplier_port
from .engines import engine_pins
from .lib.access import region_port


def core_members(geometry, sdram=None, *, counters=True, shares_multiplier=False):
    """Members of a `Core` with these options.

    x : In(stream of signed(V))
        The network's inputs in order.
    new_sequence : In(1)
        State and references to zero, M to bias; only while not ``busy``.
    done : Out(1)
        A step is complete: its outputs lie in the state memory.
    busy : Out(1)
        A step or a new sequence is under way.
    fault : Out(1)
        From ``done`` to the next one: the step's layer table is no network's, and what came of it
        means nothing.
    fired : Out(1)
        An event fired.
    access : In
        ``region`` (`thresh.layout.link.Region`), ``address``, ``write``, ``write_data``;
        ``enable`` only while not ``busy``, a cycle before ``write``; data
        `thresh.layout.link.READ_LATENCY` later.
    output_base, output_words_minus_1, inputs_minus_1 : Out(16)
        From the layer table's header; of the inputs, as many bits as a value's address has.
    pins : Out(`sdram_pins`)
        Where columns are in SDRAM.
    x_done, h_done : Out(1), x_count, h_count : Out
        Where nothing is counted: the list of a step's inputs, or the next layer's list of its
        state, is complete, and its events.
    multiplier : In(`multiplier_port`), stepping : Out(1)
        Where the multiplier is shared: `multiplier_latency` cycles from its factors to their
        product. It is the core's while ``stepping``: from a step's first input until the step is
        complete. A block that sends a step's inputs has the multiplier until it has sent the last.
    """
    count = Out(range(geometry.value_depth + 1))
    lists = {"x_done": Out(1), "x_count": count, "h_done": Out(1), "h_count": count}
    shared = {"multiplier": In(multiplier_port()), "stepping": Out(1)}
    return {
        "x": In(stream.Signature(signed(geometry.value_bits))),
        "new_sequence": In(1),
        "done": Out(1),
        "busy": Out(1),
        "fault": Out(1),
        "fired": Out(1),
        "access": In(region_port(geometry.weight_word_bits)),
        "output_base": Out(16),
        "output_words_minus_1": Out(16),
        "inputs_minus_1": Out(16),
        **engine_pins(geometry, sdram),
        **({} if counters else lists),
        **(shared if shares_multiplier else {}),
    }
