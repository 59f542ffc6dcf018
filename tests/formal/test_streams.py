"""Every stream that can be made to wait keeps what it offers until it is taken.

Those of the link are in `test_link`. A UART's has no say: who listens to it is always ready.
"""

import pytest
from amaranth import *
from amaranth.hdl import Assert, Assume
from amaranth.lib import stream
from amaranth.lib.wiring import In
from formal.prover import BASE, among, inputs_of, prove, watched
from formal.stream_rules import hold_rule

from thresh.gateware.audio.word_spotter import WordSpotter
from thresh.gateware.columns.column_walker import ColumnWalker
from thresh.gateware.lib.registered_queue import RegisteredQueue
from thresh.gateware.lib.stream_register import StreamRegister
from thresh.gateware.link.packet_sender import PacketSender
from thresh.gateware.sdram.column_cutter import ColumnCutter, column_request
from thresh.gateware.sdram.column_fetcher import ColumnFetcher
from thresh.gateware.whole_columns.column_requests import ColumnRequests
from thresh.gateware.whole_columns.whole_column_walker import WholeColumnWalker
from thresh.layout.sdram_chip import ULX3S_SDRAM

LISTS = {"depth": 16, "read_latency": 1}
SOURCES = {
    "StreamRegister": lambda: StreamRegister(signed(16)),
    "RegisteredQueue": lambda: RegisteredQueue(8, depth=4),
    "PacketSender": lambda: PacketSender(packet_bytes=256),
    "ColumnWalker": lambda: ColumnWalker(weight_depth=64, blocks=4, **LISTS),
    "WholeColumnWalker": lambda: WholeColumnWalker(**LISTS),
    "ColumnRequests": lambda: ColumnRequests(
        request=column_request(ULX3S_SDRAM), base_bits=16, value_bits=16, **LISTS
    ),
    "ColumnCutter": lambda: ColumnCutter(chip=ULX3S_SDRAM),
    "ColumnFetcher": lambda: ColumnFetcher(chip=ULX3S_SDRAM, depth=64),
    "WordSpotter": WordSpotter,
}


def streams_of(interface, signature, entering=False, name=""):
    """Every stream of an interface: itself, whether it enters, and its name."""
    for key, member in signature.members.items():
        if not member.is_signature:
            continue
        inwards = entering != (member.flow is In)
        here, path = getattr(interface, key), f"{name}{key}"
        if isinstance(member.signature, stream.Signature):
            yield here, inwards, path
        else:
            yield from streams_of(here, member.signature, inwards, f"{path}_")


def rules(component):
    """A module in which every stream of ``component`` keeps the rule; how many leave it."""
    m, leaving = Module(), 0
    m.submodules.component = component
    for each, entering, name in streams_of(component, component.signature):
        hold_rule(m, each, Assume if entering else Assert, name)
        leaving += not entering
    return m, leaving


def offers_only_then(inner, names):
    """What the cutter offers, it offers in the state of that name."""
    inner.d.comb += Assert(names.self.o.valid == among(names.machine, "OFFER"))


def proof_of(component, faults=()):
    module, leaving = rules(component)
    assert leaving
    with watched({ColumnCutter: offers_only_then}, dict(faults)):
        return prove(module, inputs_of(component), 3)


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_keeps_what_it_offers(name):
    proof = proof_of(SOURCES[name]())
    assert proof.holds, proof.log


def changes_its_mind(inner, names):
    me = names.self
    with inner.If(me.o.valid & ~me.o.ready):
        inner.d.sync += me.o.payload.eq(me.i.payload)


def does_not_wait(inner, names):
    inner.d.sync += names.self.o.valid.eq(names.self.i.valid)


@pytest.mark.parametrize("fault", [changes_its_mind, does_not_wait])
def test_a_source_that_does_not_is_found_out(fault):
    proof = proof_of(StreamRegister(8), {StreamRegister: fault}.items())
    assert proof.failed == BASE
