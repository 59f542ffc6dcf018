"""The front end's micro-program: what every part does in every cycle."""

from amaranth.hdl import unsigned
from amaranth.lib import data, enum


class Phase(enum.Enum, shape=unsigned(3)):
    """Loops of the program, in order."""

    WINDOW = 0
    SCALE = 1
    TRANSFORM = 2
    SPLIT = 3
    RISE = 4
    FALL = 5
    LOGARITHM = 6


class Place(enum.Enum, shape=unsigned(3)):
    """Words of the sample memory: a complex word's part, but for the ring's samples."""

    FREE = 0
    RING = 1
    BIN = 2
    PARTNER = 3
    MIRROR = 4
    REVERSED = 5
    SPARE = 6


class Table(enum.Enum, shape=unsigned(3)):
    """Words of the table memory."""

    ONE = 0
    COSINE = 1
    SINE = 2
    WINDOW = 3
    POWER = 4
    NORM = 5
    MEL = 6
    LOGARITHM = 7


class Factor(enum.Enum, shape=unsigned(2)):
    """What a table word is multiplied with, in the next cycle: a sample, the sum / 16, or 16."""

    SAMPLE = 0
    SUM = 1
    SIXTEEN = 2


class Start(enum.Enum, shape=unsigned(2)):
    """What the sum becomes: as it is, zero, or half of what a narrowing cuts off."""

    KEEP = 0
    ZERO = 1
    HALF_15 = 2
    HALF_12 = 3


class Value(enum.Enum, shape=unsigned(2)):
    """What is stored in the next cycle: sum / 2**15, sum / 2, or (sample +- sum / 2**15) / 2."""

    HIGH = 0
    LOW = 1
    BUTTERFLY = 2


WORD = data.StructLayout(
    {
        "place": Place,
        "imaginary": 1,
        "store": 1,
        "table": Table,
        "multiply": 1,
        "minus": 1,
        "factor": Factor,
        "start": Start,
        "value": Value,
        "difference": 1,
        "magnitude": 1,
        "exponent": 1,
        "normalise": 1,
        "advance": 1,
        "measure": 1,
        "last": 1,
    }
)
"""A micro-instruction. With neither ``store`` nor a free place a sample is read; ``imaginary`` also
chooses a band's scale instead of its offset."""

BIN, PARTNER, MIRROR, SPARE = Place.BIN, Place.PARTNER, Place.MIRROR, Place.SPARE

LEAST_LATENCY = 4
"""Cycles from a factor to its product, at least: fewer, and two parts want one port."""


class Body:
    """The cycles of one turn of a loop."""

    def __init__(self):
        self.cycles = {}

    def at(self, cycle, **fields):
        """Sets fields of a cycle; none is set twice."""
        word = self.cycles.setdefault(cycle, {})
        assert not word.keys() & fields.keys(), (cycle, word, fields)
        word |= fields

    def load(self, cycle, table, place=Place.FREE, part=0, **more):
        """Issues a product of a sample, or of another factor, and a table word."""
        self.at(cycle, place=place, imaginary=part, table=table, multiply=1, **more)

    def read(self, cycle, place, part):
        """Reads a sample for `store` two cycles later and after."""
        self.at(cycle, place=place, imaginary=part)

    def store(self, cycle, value, place, part, measure=0, **more):
        """Stores in a cycle what the one before computes."""
        self.at(cycle - 1, value=value, **more)
        self.at(cycle, place=place, imaginary=part, store=1, measure=measure)

    def words(self):
        """Every cycle's fields, the last one marked."""
        self.at(max(self.cycles), last=1)
        return [self.cycles.get(cycle, {}) for cycle in range(max(self.cycles) + 1)]


def program(latency):
    """Micro-instructions and the first of each phase's loop.

    Parameters
    ----------
    latency : int
        Cycles from a factor to its product, at least `LEAST_LATENCY`.

    Returns
    -------
    words : list of dict
        Fields of `WORD`.
    starts : dict of Phase to int
    """
    bodies = {
        Phase.WINDOW: _window(latency),
        Phase.SCALE: _scale(latency),
        Phase.TRANSFORM: _transform(latency),
        Phase.SPLIT: _split(latency),
        Phase.RISE: _mel(),
        Phase.FALL: _mel(),
        Phase.LOGARITHM: _logarithm(latency),
    }
    words, starts = [], {}
    for phase, body in bodies.items():
        if phase is Phase.RISE:
            words += [FLOOR_WORD]
        starts[phase] = len(words)
        words += body.words()
    return words, starts


def frame_cycles(latency, points, doublings, shift, visits):
    """Cycles of a frame whose features are taken at once.

    Parameters
    ----------
    latency, points : int
        As the front end's.
    doublings : iterable of int
        Per band, zeros above the energy's leading one in 32 bits.
    shift : int
        The block's exponent.
    visits : int
        Bins that bands look at: each interval once from below and once from above.
    """
    window, scale, butterfly, split, logarithm = (
        len(make(latency).words()) for make in (_window, _scale, _transform, _split, _logarithm)
    )
    half, bands = points // 2, list(doublings)
    transform = half * (window + scale) + (half.bit_length() - 1) * half // 2 * butterfly
    # To begin, to end the exponent's search, and per band the floor and to send take a cycle each.
    return (
        1 + transform + half // 2 * split + shift + 1
        + 2 * visits + sum(bands) + (logarithm + 2) * len(bands)
    )  # fmt: skip


FLOOR_WORD = {"table": Table.POWER, "multiply": 1, "factor": Factor.SIXTEEN, "start": Start.ZERO}
"""The floor of a band, before the loop that adds its first bins."""


def _window(latency):
    """``v = shift_round(pcm * window, 15)``, to where the transform wants it."""
    body, end = Body(), latency + 2
    for part in range(2):
        body.load(2 * part, Table.WINDOW, Place.RING, advance=1)
        body.at(2 * part + latency, start=Start.HALF_15)
        body.store(2 * part + end + 1, Value.HIGH, Place.REVERSED, part, measure=1)
    return body


def _scale(latency):
    """``(v << exponent) >> 1``."""
    body, end = Body(), latency + 2
    for part in range(2):
        body.load(2 * part, Table.POWER, BIN, part)
        body.at(2 * part + latency, start=Start.ZERO)
        body.store(2 * part + end + 1, Value.LOW, BIN, part)
    return body


def _transform(latency):
    """A butterfly: ``t = b w``, then ``(a - t) / 2`` and ``(a + t) / 2``, real part first."""
    body = Body()
    body.load(0, Table.COSINE, PARTNER, 0)
    body.load(1, Table.SINE, PARTNER, 1)
    body.load(4, Table.SINE, PARTNER, 0, minus=1)
    body.load(5, Table.COSINE, PARTNER, 1)
    for part in range(2):
        end = latency + 3 + 4 * part
        body.at(end - 3, start=Start.HALF_15)
        body.read(end - 1, BIN, part)
        body.store(end + 1, Value.BUTTERFLY, PARTNER, part, difference=1)
        body.store(end + 2, Value.BUTTERFLY, BIN, part)
    return body


def _split(latency):
    """Magnitudes of bins k and n - k of the real block, see `thresh.audio.block_transform`."""
    body, even = Body(), latency + 2
    body.load(0, Table.ONE, MIRROR, 0)
    body.at(even - 2, start=Start.ZERO)
    body.read(even - 1, BIN, 0)
    body.store(even + 1, Value.BUTTERFLY, SPARE, 0, difference=1)
    body.store(even + 2, Value.BUTTERFLY, BIN, 0)
    body.load(3, Table.ONE, MIRROR, 1)
    body.at(even + 1, start=Start.ZERO)
    body.read(even + 3, BIN, 1)
    body.store(even + 5, Value.BUTTERFLY, BIN, 1, difference=1)
    body.store(even + 6, Value.BUTTERFLY, SPARE, 1)
    body.load(even + 7, Table.SINE, SPARE, 0, minus=1)
    body.load(even + 8, Table.COSINE, SPARE, 1)
    body.load(even + 11, Table.SINE, SPARE, 1, minus=1)
    body.load(even + 12, Table.COSINE, SPARE, 0, minus=1)
    for part in range(2):
        odd = even + 10 + latency + 4 * part
        body.at(odd - 3, start=Start.HALF_15)
        body.read(odd - 1, BIN, part)
        body.store(odd + 1, Value.BUTTERFLY, BIN, part, magnitude=1)
        body.store(odd + 2, Value.BUTTERFLY, MIRROR, part, difference=1, magnitude=1)
    return body


def _mel():
    """A bin's two magnitudes times its weight."""
    body = Body()
    body.load(0, Table.MEL, BIN, 0)
    body.load(1, Table.MEL, BIN, 1)
    return body


def _logarithm(latency):
    """``log2`` of the energy, minus exponent and offset, times the scale."""
    body, begin = Body(), latency + 1
    end = begin + latency + 4
    body.at(begin, normalise=1)
    body.load(begin + 1, Table.LOGARITHM, factor=Factor.SIXTEEN, start=Start.ZERO)
    body.load(begin + 2, Table.NORM, factor=Factor.SIXTEEN, minus=1, exponent=1)
    body.load(end - 1, Table.NORM, part=1, factor=Factor.SUM)
    body.at(end, start=Start.HALF_12)
    body.at(end + latency + 1)
    return body
