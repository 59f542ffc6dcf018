"""Region checker: whether the words that a packet names are there."""

from functools import reduce
from operator import or_

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.layout.link import (
    MAX_READ_WORDS,
    PACKET_OVERHEAD,
    Region,
    region_words,
    word_bytes,
)


class RegionChecker(wiring.Component):
    """Compares a READ or WRITE with the memory it is for.

    Four cycles for ``beyond``, two for the others, after ``is_read`` and ``data_bytes``; one
    comparison between registers.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry

    Members
    -------
    region : In(8), address : In(16), count : In(8)
        Of the packet; ``count`` is how many words a READ wants.
    data_bytes : In
        Bytes of the words that a WRITE brings.
    is_read : In(1)
    known, writable : Out(1)
        There is such a region; a WRITE may reach it.
    whole, fits : Out(1)
        The bytes are whole words; the words fit an answer.
    beyond : Out(1)
        The last word lies behind the region's end.
    """

    def __init__(self, *, geometry):
        self.geometry = geometry
        super().__init__(
            {
                "region": In(8),
                "address": In(16),
                "count": In(8),
                "data_bytes": In(range(geometry.packet_bytes + 1)),
                "is_read": In(1),
                "known": Out(1),
                "writable": Out(1),
                "whole": Out(1),
                "fits": Out(1),
                "beyond": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape = self.geometry
        m.d.sync += [
            self.known.eq(self.region <= max(Region)),
            self.writable.eq((self.region <= max(Region)) & (self.region != Region.COUNTERS)),
        ]
        # What depends on the region, chosen by one bit per region.
        selected = {region: Signal(name=f"select_{region.name.lower()}") for region in Region}
        m.d.sync += [select.eq(self.region == region.value) for region, select in selected.items()]

        def of_region(value):
            """``value(region)`` of the packet's region."""
            return reduce(or_, (Mux(select, value(which), 0) for which, select in selected.items()))

        def shift(region):
            return word_bytes(region, shape).bit_length() - 1

        def most(region):
            words_in_packet = (shape.packet_bytes - PACKET_OVERHEAD) // word_bytes(region, shape)
            return min(words_in_packet, MAX_READ_WORDS)

        words, limit, end = Signal.like(self.data_bytes), Signal(17), Signal(17)
        written = of_region(lambda region: self.data_bytes >> shift(region))
        m.d.sync += [
            words.eq(Mux(self.is_read, self.count, written)),
            limit.eq(of_region(lambda region: region_words(region, shape))),
            end.eq(self.address + words),
            self.beyond.eq(end > limit),
            self.whole.eq(~of_region(lambda region: self.data_bytes[: shift(region)].any())),
            self.fits.eq(of_region(lambda region: self.count <= most(region))),
        ]
        return m
