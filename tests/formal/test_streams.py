"""Every stream that can be made to wait keeps what it offers until it is taken."""

import ast
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pytest
from amaranth import *
from amaranth.hdl import Assert, Assume
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out
from formal.prover import BASE, among, inputs_of, prove, watched
from formal.stream_rules import hold_rule
from link_bench import geometry

import thresh.gateware
from thresh.gateware.audio.word_spotter import WordSpotter
from thresh.gateware.columns.column_walker import ColumnWalker
from thresh.gateware.core_members import core_members
from thresh.gateware.device.output_reader import OutputReader as ScoreReader
from thresh.gateware.device.sample_queue import SampleQueue
from thresh.gateware.lib.registered_queue import RegisteredQueue
from thresh.gateware.lib.stream_register import StreamRegister
from thresh.gateware.link.packet_sender import PacketSender
from thresh.gateware.sdram.column_cutter import ColumnCutter, column_request
from thresh.gateware.sdram.column_fetcher import ColumnFetcher
from thresh.gateware.shells import stream_shell
from thresh.gateware.shells.output_reader import OutputReader
from thresh.gateware.shells.stream_shell import StreamShell
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
    "ScoreReader": lambda: ScoreReader(word_bits=64, values=4, classes=12),
    "SampleQueue": lambda: SampleQueue(depth=8, window=5, hop=2),
    "OutputReader": lambda: OutputReader(geometry=geometry(lanes=8, pointwise_lanes=2)),
    "StreamShell": lambda: StreamShell(geometry=geometry(lanes=8, pointwise_lanes=2)),
}

PROVEN = {
    "audio/front_end.x": "tested in tests/gateware/audio/test_front_end.py",
    "audio/word_spotter.o": "WordSpotter",
    "columns/column_engine.token": "ColumnWalker, WholeColumnWalker",
    "device/output_reader.o": "ScoreReader", "device/sample_queue.o": "SampleQueue",
    "lib/registered_queue.o": "RegisteredQueue", "lib/stream_register.o": "StreamRegister",
    "link/host_link.o": "test_link", "link/host_link.x": "test_link",
    "link/packet_executor.x": "test_link", "link/packet_sender.o": "PacketSender",
    "link/uart.o": "has no say: who listens to it is always ready",
    "sdram/column_cutter.o": "ColumnCutter", "sdram/column_fetcher.o": "ColumnFetcher",
    "sdram/column_fetcher.rows": "ColumnFetcher", "sdram/sdram_columns.o": "ColumnFetcher's",
    "shells/bus_core.y": "StreamShell's", "shells/output_reader.y": "OutputReader",
    "shells/stream_shell.word": "StreamShell", "shells/stream_shell.y": "StreamShell",
    "whole_columns/column_requests.jobs": "ColumnRequests",
    "whole_columns/column_requests.o": "ColumnRequests",
}  # fmt: skip
"""Where each stream's proof is, or why there is none."""


def waiting_streams(path):
    """Members of a file's components that are streams out, and can be made to wait."""
    tree = ast.parse(path.read_text())

    def may_wait(node):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) != "stream.Signature":
            return False
        return all(word.arg != "always_ready" for word in node.keywords)

    names = {
        ast.unparse(target)
        for node in ast.walk(tree) if isinstance(node, ast.Assign) and may_wait(node.value)
        for target in node.targets
    }  # fmt: skip
    for table in ast.walk(tree):
        if not isinstance(table, ast.Dict):
            continue
        for key, value in zip(table.keys, table.values, strict=True):
            if isinstance(value, ast.Call) and ast.unparse(value.func) == "Out":
                given = value.args[0]
                if may_wait(given) or ast.unparse(given) in names:
                    yield key.value


def test_no_stream_is_left_out():
    gateware = Path(thresh.gateware.__path__[0])
    found = {
        f"{path.relative_to(gateware).with_suffix('')}.{member}"
        for path in gateware.rglob("*.py")
        for member in waiting_streams(path)
    }
    assert found == set(PROVEN)


class FreeCore(wiring.Component):
    """A core that says anything: its outputs are inputs of a proof."""

    def __init__(self, *, geometry):
        super().__init__(core_members(geometry))

    def elaborate(self, platform):
        return Module()


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
    # Where there are two clocks, they are one here.
    m.submodules.component = DomainRenamer({"audio": "sync"})(component)
    for each, entering, name in streams_of(component, component.signature):
        hold_rule(m, each, Assume if entering else Assert, name)
        leaving += not entering
    return m, leaving


def offers_only_then(inner, names):
    """What the cutter offers, it offers in the state of that name."""
    inner.d.comb += Assert(names.self.o.valid == among(names.machine, "OFFER"))


def keeps_its_scores(inner, names):
    """The word of the state rests while the core does, and the number of classes."""
    me = names.self
    value = Cat(me.access.read_data, me.last_label)
    before, offered = Signal(len(value)), Signal()
    inner.d.sync += [before.eq(value), offered.eq(me.o.valid)]
    inner.d.comb += Assume(~offered | (value == before))


def overtakes_none(inner, names):
    """A batch lies there until as many samples have come as the memory has beyond it."""
    inner.d.comb += Assume(~(names.write.en & (names.write.addr == names.read.addr)))


def sends_what_it_has(inner, names):
    """A word comes when its request has been taken; the last output is said with its value."""
    me = names.self
    parts = ("write", "region", "address", "data")
    request = SimpleNamespace(
        valid=me.request.valid, ready=me.request.ready,
        payload=Cat(Value.cast(getattr(me.request, part)) for part in parts),
    )  # fmt: skip
    last = SimpleNamespace(valid=me.y.valid, ready=me.y.ready, payload=me.y_last)
    hold_rule(inner, request, name="request")
    hold_rule(inner, last, name="last")
    inner.d.comb += [
        Assert(me.y.valid == among(names.machine, "SEND")),
        Assume(~(me.done & me.request.valid)),
        Assert(~me.request.valid | ~among(names.machine, "IDLE", "SEND")),
    ]


def answers_one_word(inner, names):
    me = names.self
    inner.d.comb += Assert(~me.word.valid | ~among(names.machine, "WORD"))


KNOWN = {
    ColumnCutter: offers_only_then, ScoreReader: keeps_its_scores, SampleQueue: overtakes_none,
    OutputReader: sends_what_it_has, StreamShell: answers_one_word,
}  # fmt: skip


def proof_of(component, faults=(), base=None):
    module, leaving = rules(component)
    assert leaving
    free, core = inputs_of(component), None
    if isinstance(component, StreamShell):
        core = FreeCore(geometry=component.geometry)
        free += [
            value for _, member, value in core.signature.flatten(core) if member.flow is Out
        ]  # fmt: skip
    with watched(KNOWN, dict(faults)), mock.patch.object(stream_shell, "Core", return_value=core):
        return prove(module, free, 3, base=base)


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


def goes_on_to_the_next(inner, names):
    """Whether or not the value before it was taken."""
    with inner.If(among(names.machine, "SEND")):
        inner.d.sync += names.values.eq(names.values >> 16)


def counts_without_being_asked(inner, names):
    with inner.If(among(names.machine, "SEND")):
        inner.d.sync += names.part.eq(names.part + 1)


def reads_on(inner, names):
    inner.d.sync += names.read.addr.eq(names.read.addr + 1)


def drops_a_word(inner, names):
    inner.d.sync += names.self.word.valid.eq(among(names.machine, "WORD"))


@pytest.mark.parametrize(
    ("name", "kind", "fault", "base"),
    [
        ("StreamRegister", StreamRegister, changes_its_mind, 4),
        ("StreamRegister", StreamRegister, does_not_wait, 4),
        ("OutputReader", OutputReader, goes_on_to_the_next, 16),
        ("ScoreReader", ScoreReader, counts_without_being_asked, 16),
        ("SampleQueue", SampleQueue, reads_on, 16),
        ("StreamShell", StreamShell, drops_a_word, 48),
    ],
)
def test_a_source_that_does_not_is_found_out(name, kind, fault, base):
    assert proof_of(SOURCES[name](), {kind: fault}.items(), base).failed == BASE
