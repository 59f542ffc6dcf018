"""Lists of events: what goes in comes out, once, in order, in the right step's list.

One event of the inputs' list and one of a hidden list, chosen freely, stand for all: each must be
found where its list and its number in it say, until its list begins anew.
"""

import pytest
from amaranth import *
from amaranth.hdl import Assert, Assume
from formal.prover import constant, inputs_of, prove, watched

from thresh.gateware.encode.event_memory import EventMemory
from thresh.gateware.encode.list_lengths import ListLengths
from thresh.gateware.encode.nonzero_queue import SEGMENTS, NonzeroQueue


class Watched:
    """A list under way: how many events it has, and the chosen one."""

    def __init__(self, m, queue, mine, position, number):
        event = queue.i.p
        self.count = Signal(range(queue.depth + 1))
        self.seen, self.kept = Signal(), Signal(queue.event_layout.size)
        with m.If(mine):
            m.d.sync += self.count.eq(position + event.fires)
            with m.If(event.first):
                m.d.sync += self.seen.eq(0)
            with m.If(event.fires & (position == number)):
                m.d.sync += [self.seen.eq(1), self.kept.eq(Cat(event.index, event.delta))]


def in_order(m, queue, mine):
    """Lists come one after another: the first event says so, and the last one."""
    opened = Signal()
    m.d.comb += Assume(~mine | (queue.i.p.first == ~opened))
    with m.If(mine):
        m.d.sync += opened.eq(~queue.i.p.last)
    with m.If(queue.flush):
        m.d.sync += opened.eq(0)
    return opened


def input_list(m, queue, number):
    """The inputs' list; where the chosen event of the one under way and of the one taken lie."""
    lists, depth = queue.lists, queue.depth
    mine, position = queue.i.valid & ~queue.i.p.hidden, Signal(range(queue.depth + 1))
    opened = in_order(m, queue, mine)
    under_way = Watched(m, queue, mine, position, number)
    taken_seen, taken_kept, taken_parity = Signal(), Signal.like(under_way.kept), Signal(init=1)
    m.d.comb += [
        position.eq(Mux(queue.i.p.first, 0, under_way.count)),
        Assume(~mine | (~lists.x_complete & (position < depth))),
        Assume(~lists.take_x | lists.x_complete),
        Assert(~(lists.x_complete & opened)),
        Assert(~(lists.x_complete | opened) | (under_way.seen == (under_way.count > number))),
        Assert(~(lists.x_complete | opened) | (lists.x_count == under_way.count)),
        Assert(taken_parity != lists.x_parity),
    ]
    with m.If(lists.take_x):
        m.d.sync += [taken_parity.eq(lists.x_parity), taken_seen.eq(under_way.seen)]
        m.d.sync += [taken_kept.eq(under_way.kept), under_way.seen.eq(0)]
    places = [
        (Cat(number, lists.x_parity), under_way.seen, under_way.kept),
        (Cat(number, taken_parity), taken_seen, taken_kept),
    ]
    return position, places, (opened, under_way.count)


def hidden_list(m, queue, tag, base, number):
    """A hidden list by number and parity; where its chosen event lies, and what is its length."""
    lists, hidden, depth = queue.lists, queue.hidden, queue.depth
    now = Cat(hidden.number, hidden.parity)
    before, base_before = Signal.like(tag), Signal.like(base)
    mine, count = queue.i.valid & queue.i.p.hidden, Signal(range(depth + 1))
    opened = in_order(m, queue, mine)
    events = Signal.like(count)
    chosen, parity = mine & (now == tag), tag[-1]
    watched_list = Watched(m, queue, chosen, events, number)
    ends, ended = queue.i.p.last & mine | hidden.empty, Signal()
    length, complete = Signal.like(count), Signal()
    m.d.sync += [before.eq(now), base_before.eq(hidden.base), ended.eq(ends & (now == tag))]
    m.d.comb += [
        events.eq(Mux(queue.i.p.first, 0, count)),
        Assume(~hidden.empty | (~mine & ~opened)),
        Assume(~opened | ((now == before) & (hidden.base == base_before))),
        Assume(~chosen | (hidden.base == base)),
        Assume(~mine | (hidden.base + events < depth)),
        Assume(~(queue.clear & queue.h_done)),
        Assert(lists.h_complete == complete),
        Assert(~complete | ~opened),
        Assert(~(complete | opened) | (lists.h_count == count)),
        Assert(~(complete | opened) | (lists.h_tag == before_tag(m, now, mine | hidden.empty))),
        Assert(~(opened & (before == tag)) | (watched_list.count == count)),
        Assert(~(opened & (before == tag)) | (watched_list.seen == (count > number))),
        Assert(~ended | (lists.h_count == watched_list.count)),
    ]
    with m.If(mine):
        m.d.sync += [count.eq(events + queue.i.p.fires), complete.eq(queue.i.p.last)]
    with m.If(hidden.empty):
        m.d.sync += [count.eq(0), complete.eq(1)]
        with m.If(now == tag):
            m.d.sync += [watched_list.count.eq(0), watched_list.seen.eq(0)]
    with m.If(queue.flush):
        m.d.sync += complete.eq(0)
    with m.If(ended):
        m.d.sync += length.eq(watched_list.count)
    with m.If(queue.clear & (queue.clear_address == tag)):
        m.d.sync += length.eq(0)
    position = Signal(range(2 * depth))
    m.d.comb += position.eq(hidden.base + events)
    place = (Cat((base + number)[: queue.address_bits], parity), watched_list.seen,
             watched_list.kept)  # fmt: skip
    return position, chosen, place, length, (opened, hidden.base + count)


def before_tag(m, now, comes):
    """The tag of the event that came last."""
    tag = Signal.like(now)
    with m.If(comes):
        m.d.sync += tag.eq(now)
    return tag


def queue_proof(depth, faults=(), base=None):
    queue = NonzeroQueue(value_bits=4, depth=depth)
    m = Module()
    m.submodules.queue = queue
    number, h_number = constant(m, range(depth), "number"), constant(m, range(depth), "h_number")
    tag, h_base = constant(m, range(2 * SEGMENTS), "tag"), constant(m, range(depth), "h_base")
    position, places, x_next = input_list(m, queue, number)
    h_position, chosen, place, length, h_next = hidden_list(m, queue, tag, h_base, h_number)
    places.append(place)

    # Every list has a place of its own, as the memory map gives it.
    hidden = queue.i.valid & queue.i.p.hidden
    x, h_place, bank = queue.i.valid & ~queue.i.p.hidden, h_base + h_number, tag[-1]
    m.d.comb += [
        Assume((number != h_place) & (h_place < depth)),
        Assume(~hidden | (h_position != number)),
        Assume(~x | (position != h_place)),
        Assume(~hidden | chosen | (h_position != h_place) | (queue.hidden.parity != bank)),
    ]
    words = [Signal(queue.event_layout.size, name=f"word_{n}") for n in range(len(places))]
    stored_length = Signal.like(length)
    m.d.comb += Assert(stored_length == length)
    for word, (address, seen, kept) in zip(words, places, strict=True):
        asked, wanted = Signal(), Signal.like(kept)
        m.d.sync += [asked.eq(seen & (queue.lists.address == address)), wanted.eq(kept)]
        m.d.comb += [
            Assert(~seen | (word == kept)),
            Assert(~asked | (Value.cast(queue.event) == wanted)),
        ]

    def appends(inner, names):
        for kept, (opened, position) in ((names.x_position, x_next), (names.h_position, h_next)):
            inner.d.comb += Assert(~opened | (kept == position[: queue.address_bits]))

    def events(inner, names):
        begins = queue.i.p.first
        for word, (address, seen, _) in zip(words, places, strict=True):
            port = names.memory.read_port(domain="comb")
            writes = names.write.en & (names.write.addr == address)
            inner.d.comb += [
                port.addr.eq(address),
                word.eq(port.data),
                Assert(~(writes & seen) | begins),  # whoever reads it now meets no write
            ]

    def lengths(inner, names):
        port = names.memory.read_port(domain="comb")
        inner.d.comb += [port.addr.eq(tag), stored_length.eq(port.data)]

    inputs = [*inputs_of(queue), number, h_number, tag, h_base]
    rules = {NonzeroQueue: appends, EventMemory: events, ListLengths: lengths}
    with watched(rules, dict(faults)):
        return prove(m, inputs, 3, base=base)


@pytest.mark.parametrize("depth", [8, pytest.param(64, marks=pytest.mark.slow)])
def test_what_goes_in_comes_out_in_its_list(depth):
    proof = queue_proof(depth)
    assert proof.holds, proof.log


def counts_what_did_not_fire(inner, names):
    with inner.If(names.self.i.valid & ~names.hidden):
        inner.d.sync += names.lists.x_count.eq(names.length + 1)


def keeps_its_bank(inner, names):
    inner.d.sync += names.lists.x_parity.eq(names.lists.x_parity)


def appends_to_the_other_list(inner, names):
    with inner.If(names.self.i.valid & names.hidden):
        inner.d.sync += names.x_position.eq(names.position + names.fires)


@pytest.mark.parametrize(
    "fault", [counts_what_did_not_fire, keeps_its_bank, appends_to_the_other_list]
)
def test_a_spoilt_queue_is_found_out(fault):
    proof = queue_proof(8, {NonzeroQueue: fault}.items(), base=10)
    assert proof.failed == "from the beginning"
