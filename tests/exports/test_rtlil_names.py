"""Names of exported designs: readable at every level, and no two alike."""

import re

from amaranth import *
from amaranth.back import rtlil
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.exports.rtlil_names import ReadableNames
from thresh.exports.verilog import readable_verilog


class Inner(wiring.Component):
    """Takes a sum that has no name outside, and a signal named as a keyword."""

    def __init__(self):
        super().__init__({"total": In(9), "event": In(1), "o": Out(9)})

    def elaborate(self, platform):
        m = Module()
        count = Signal(9, name="o")
        m.d.sync += count.eq(self.total + self.event)
        m.d.comb += self.o.eq(count)
        return m


class Outer(wiring.Component):
    def __init__(self):
        super().__init__(
            {
                "i": In(stream.Signature(8)),
                "begin": In(1),
                "end": Out(9),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.part = part = Inner()
        m.d.comb += [
            part.total.eq(self.i.payload + 3),
            part.event.eq(self.begin & self.i.valid),
            self.end.eq(part.o),
            self.i.ready.eq(1),
        ]
        return m


def test_every_name_is_plain_and_ports_are_called_as_their_members():
    text = ReadableNames(rtlil.convert(Outer(), name="outer", emit_src=False)).renamed()
    public = set(re.findall(r"\\(\S+)", text)) - {"init"}
    assert not [name for name in public if not re.fullmatch(r"\w+", name) or "__" in name]
    ports = re.findall(r"(?:input|output) \d+\s+(?:signed )?\\(\w+)", text)
    assert set(ports) >= {"i_data", "i_valid", "begin_now", "end_now", "i_ready", "clk", "rst"}


def test_modules_are_named_by_their_place_and_ports_by_the_nearest_name():
    (text,) = readable_verilog(Outer(), "outer").values()
    heads = dict(re.findall(r"^module (\w+)\((.*?)\);", text, re.M | re.S))
    assert set(heads) == {"outer", "outer_part"}
    inner = set(re.findall(r"\w+", heads["outer_part"]))
    assert {"total", "event_now", "clk", "rst"} <= inner
    assert not [name for name in inner if "net" in name]
