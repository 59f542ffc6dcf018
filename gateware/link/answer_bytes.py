"""The bytes that answers of the serial link are made of."""

from amaranth import *
from amaranth.lib import enum, wiring
from amaranth.lib.wiring import In, Out

from thresh.layout.link import IDENTITY_FIELDS, PROTOCOL, REPLY, columns_code


class Source(enum.Enum, shape=2):
    """Where a byte of an answer comes from."""

    SEQUENCE = 0
    COMMAND = 1
    IDENTITY = 2
    WORD = 3


def answer_port():
    """Signature of how an answer is made: its bytes by source, sent or refused as a whole.

    ``clear`` drops the last answer; ``put`` appends a byte of ``source``, of IDENTIFY's answer that
    at ``position``; ``send`` sends the answer, ``refuse`` a refusal instead. ``busy`` : one of them
    is under way.
    """
    return wiring.Signature(
        {
            "clear": Out(1),
            "put": Out(1),
            "source": Out(Source),
            "position": Out(5),
            "send": Out(1),
            "refuse": Out(1),
            "busy": In(1),
        }
    )


class AnswerBytes(wiring.Component):
    """Fetches the next byte of an answer, a cycle after it was asked for.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry
    clock_khz : int
        What IDENTIFY says.

    Members
    -------
    source : In(Source)
    sequence, command : In(8)
        Of the packet that is answered; they rest meanwhile.
    loaded : In(1), position : In(5)
        A network is there; which byte of IDENTIFY's answer.
    word : In(8)
        The lowest byte of the word that is read.
    put : In(1)
        A byte is asked for; ``byte`` is valid in the next cycle, which ``valid`` marks.
    valid : Out(1), byte : Out(8)
    """

    def __init__(self, *, geometry, clock_khz):
        self.geometry = geometry
        self.clock_khz = clock_khz
        super().__init__(
            {
                "source": In(Source),
                "sequence": In(8),
                "command": In(8),
                "loaded": In(1),
                "position": In(5),
                "word": In(8),
                "put": In(1),
                "valid": Out(1),
                "byte": Out(8),
            }
        )

    def elaborate(self, platform):
        m = Module()
        source, identity, word = Signal(Source), Signal(8), Signal(8)
        m.d.sync += [
            self.valid.eq(self.put),
            source.eq(self.source),
            identity.eq(self._identity().word_select(self.position, 8)),
            word.eq(self.word),
        ]
        with m.Switch(source):
            with m.Case(Source.SEQUENCE):
                m.d.comb += self.byte.eq(self.sequence)
            with m.Case(Source.COMMAND):
                m.d.comb += self.byte.eq(self.command | REPLY)
            with m.Case(Source.IDENTITY):
                m.d.comb += self.byte.eq(identity)
            with m.Case(Source.WORD):
                m.d.comb += self.byte.eq(word)
        return m

    def _identity(self):
        """The payload of IDENTIFY's answer."""
        values = vars(self.geometry) | {
            "protocol": PROTOCOL,
            "sparse": columns_code(self.geometry),
            "clock_khz": self.clock_khz,
        }
        for name in ("weight_depth", "accumulator_depth", "state_depth", "value_depth"):
            values[f"{name}_minus_1"] = values[name] - 1
        return Cat(
            Cat(self.loaded, C(0, 7)) if name == "loaded" else C(values[name], 8 * size)
            for name, size in IDENTITY_FIELDS
        )
