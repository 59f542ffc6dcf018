"""Handshake: one request at a time from one clock domain to another, either of which may stop."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out


class Handshake(wiring.Component):
    """A request and its answer, each the change of a level.

    What the request is about rests with who asks while ``busy``.

    Cost on iCE40: 8 logic cells.

    Parameters
    ----------
    i_domain, o_domain : str
        Who asks, and who answers.

    Members
    -------
    ask : In(1), busy : Out(1)
        In ``i_domain``: asks, while not ``busy``; the answer is awaited.
    wanted : Out(1), answer : In(1)
        In ``o_domain``: a request waits; it is answered, while ``wanted``.
    """

    def __init__(self, *, i_domain, o_domain):
        self.i_domain = i_domain
        self.o_domain = o_domain
        super().__init__(
            {"ask": In(1), "busy": Out(1), "wanted": Out(1), "answer": In(1)},
        )

    def elaborate(self, platform):
        m = Module()
        asked, answered, asked_there, answered_here = Signal(), Signal(), Signal(), Signal()
        m.submodules.there = FFSynchronizer(asked, asked_there, o_domain=self.o_domain)
        m.submodules.here = FFSynchronizer(answered, answered_here, o_domain=self.i_domain)
        m.d[self.i_domain] += asked.eq(asked ^ self.ask)
        m.d[self.o_domain] += answered.eq(answered ^ self.answer)
        m.d.comb += [
            self.busy.eq(asked ^ answered_here),
            self.wanted.eq(asked_there ^ answered),
        ]
        return m
