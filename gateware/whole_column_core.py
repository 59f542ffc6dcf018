"""The core whose events meet whole columns."""

from amaranth import *

from .core import Core
from .whole_columns.sdram_walker import SdramWalker


class WholeColumnCore(Core):
    """Event outer: an event meets its whole column, of every pass and block, before the next one.

    What sparse columns and columns from SDRAM have in common. Everything but the way from events
    to sums is the `Core`'s; busy cycles count words.

    Parameters
    ----------
    geometry, primitives, image
        As the `Core`'s.
    """

    def _walker(self, depth):
        return SdramWalker(depth=depth, read_latency=self.primitives.read_latency)

    def _multiply(self, m, walker, queue, columns, sequencer, access):
        super()._multiply(m, walker, queue, columns, sequencer, access)
        for name in ("first", "bursts", "kind", "sparse", "inputs", "side"):
            m.d.comb += getattr(columns, name).eq(getattr(walker, name))
        m.d.comb += columns.begin.eq(walker.token.valid & walker.token.ready)

    def _count(self, m, counters, walker, sequencer, queue, pointwise, encoder, access):
        super()._count(m, counters, walker, sequencer, queue, pointwise, encoder, access)
        m.d.comb += counters.issue.eq(m.submodules.columns.works)
