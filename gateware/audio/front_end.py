"""Front end: samples to log-mel features, one micro-program around one multiplier."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.audio.front_end_tables import LAST_INTERVAL, LAST_OF_INTERVAL, TableLayout

from .front_end_addresses import FrontEndAddresses
from .front_end_arithmetic import FrontEndArithmetic
from .front_end_program import LEAST_LATENCY, Factor, Phase, Place, Table
from .front_end_sequencer import FrontEndSequencer
from .multiplier_port import multiplier_port
from .sample_ring import SAMPLE, SampleRing
from .transform_counters import TransformCounters

SIXTEEN = 16


class FrontEnd(wiring.Component):
    """`thresh.audio.magnitude_front_end.MagnitudeFrontEnd`, every integer.

    A frame's bands come one after another, the first some 10,000 cycles after its last sample at
    256 points; a frame of 40 bands takes about 12,600 (`front_end_program.frame_cycles` says it
    exactly). The multiplier is the front end's while ``busy`` is high and ``hold`` low, until the
    frame's last band is taken. Bands, edges, offsets and scales are words of the table memory,
    which are written while ``busy`` is low: `thresh.audio.front_end_tables.table_words`. Reset
    forgets the samples.

    Cost on iCE40 at 256 points, without the multiplier: 744 logic cells and 4 block RAMs, or 627
    and 6 with the program in block RAM.

    Parameters
    ----------
    points, window, hop : int
        As the front end's.
    latency : int
        Cycles from the multiplier's factors to their product.
    init : iterable of int
        Table words to begin with.
    program_in_memory : bool
        Whether the micro-program lies in block RAM, or in logic.

    Members
    -------
    i : In(stream of signed(16))
        Samples; one every 8 cycles is always taken, unless a frame waits that long.
    x : Out(stream of signed(16))
        Features in order of bands.
    multiplier : Out(`multiplier_port`)
    table_write : In(1), table_address : In(range(2 * points)), table_data : In(16)
    hold : In(1)
        No frame is begun, because the multiplier is another's; one that is under way goes on.
    busy : Out(1)
        A frame is complete or being computed.
    """

    def __init__(
        self, *, points=256, window=200, hop=80, latency=4, init=(), program_in_memory=False
    ):
        if latency < LEAST_LATENCY:
            raise ValueError(
                f"The front end's multiplier must take at least {LEAST_LATENCY} cycles, not "
                f"{latency!r}"
            )
        self.points = points
        self.window = window
        self.hop = hop
        self.latency = latency
        self.init = init
        self.program_in_memory = program_in_memory
        super().__init__(
            {
                "i": In(stream.Signature(SAMPLE)),
                "x": Out(stream.Signature(SAMPLE)),
                "multiplier": Out(multiplier_port()),
                "table_write": In(1),
                "table_address": In(range(2 * points)),
                "table_data": In(16),
                "hold": In(1),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        layout = TableLayout(points=self.points, window=self.window)
        m.submodules.ring = SampleRing(points=self.points, window=self.window, hop=self.hop)
        m.submodules.counters = TransformCounters(points=self.points)
        m.submodules.arithmetic = FrontEndArithmetic()
        m.submodules.sequencer = FrontEndSequencer(
            latency=self.latency, program_in_memory=self.program_in_memory
        )
        m.submodules.addresses = FrontEndAddresses(layout=layout)
        m.submodules.samples = samples = Memory(shape=16, depth=2 * self.points, init=[])
        m.submodules.table = table = Memory(shape=16, depth=layout.depth, init=self.init)
        sample, word = samples.read_port(), table.read_port()
        wiring.connect(m, wiring.flipped(self.i), m.submodules.ring.i)
        self._control(m, word)
        self._remember(m, sample, samples.write_port(), word, table.write_port())
        self._multiply(m, sample, word)
        self._sum(m, sample)
        return m

    def _control(self, m, word):
        """What the sequencer and the blocks tell each other."""
        ring, counters, arithmetic = (
            m.submodules.ring,
            m.submodules.counters,
            m.submodules.arithmetic,
        )
        sequencer, addresses = m.submodules.sequencer, m.submodules.addresses
        m.d.comb += [
            self.busy.eq(sequencer.busy | ring.pending),
            sequencer.pending.eq(ring.pending & ~self.hold),
            sequencer.leave.eq(counters.leave),
            sequencer.beyond.eq(counters.angle[-1]),
            sequencer.normal.eq(arithmetic.normal),
            sequencer.last_interval.eq(word.data[LAST_INTERVAL]),
            sequencer.taken.eq(self.x.ready),
            sequencer.word.eq(arithmetic.word),
            counters.clear.eq(sequencer.begin),
            counters.step.eq(sequencer.step),
            counters.phase.eq(sequencer.phase),
            counters.interval_ends.eq(word.data[LAST_OF_INTERVAL]),
            counters.rewind.eq(sequencer.next_band),
            ring.begin.eq(sequencer.begin),
            ring.advance.eq(sequencer.advance),
            ring.done.eq(sequencer.window_done),
            addresses.control.eq(sequencer.control),
            addresses.begin.eq(sequencer.begin),
            addresses.advance.eq(sequencer.advance),
            addresses.next_band.eq(sequencer.next_band),
            addresses.power.eq(sequencer.exponent),
            addresses.mantissa.eq(arithmetic.mantissa),
            addresses.head.eq(ring.head),
            addresses.tail.eq(ring.tail),
        ]
        for name in ("bin", "partner", "mirror", "angle"):
            m.d.comb += getattr(addresses, name).eq(getattr(counters, name))

    def _remember(self, m, sample, sample_write, word, word_write):
        """Samples and results share an address, of which the ring has what is left."""
        ring, sequencer = m.submodules.ring, m.submodules.sequencer
        control, addresses = sequencer.control, m.submodules.addresses
        free = ~sequencer.running | (control.place == Place.FREE)
        m.d.comb += [
            ring.free.eq(free),
            sample.en.eq(~free & ~control.store),
            sample.addr.eq(addresses.sample),
            sample_write.addr.eq(Mux(free, ring.head, addresses.sample)),
            sample_write.en.eq(ring.write | (~free & control.store)),
            sample_write.data.eq(Mux(free, ring.word, m.submodules.arithmetic.word)),
            word.addr.eq(addresses.table),
            word_write.addr.eq(self.table_address),
            word_write.data.eq(self.table_data),
            word_write.en.eq(self.table_write),
        ]

    def _multiply(self, m, sample, word):
        """The multiplier's factors, a cycle after their addresses."""
        sequencer = m.submodules.sequencer
        factor, mel, falling = Signal(Factor), Signal(), Signal()
        m.d.sync += [
            factor.eq(sequencer.control.factor),
            mel.eq(sequencer.control.table == Table.MEL),
            falling.eq(sequencer.phase == Phase.FALL),
        ]
        rise = word.data[:8] ^ (mel & falling).replicate(8)
        m.d.comb += self.multiplier.unsigned.eq(Cat(rise, word.data[8:] & ~mel.replicate(8)))
        with m.Switch(factor):
            with m.Case(Factor.SAMPLE):
                m.d.comb += self.multiplier.signed.eq(sample.data)
            with m.Case(Factor.SUM):
                m.d.comb += self.multiplier.signed.eq(m.submodules.arithmetic.factor)
            with m.Default():
                m.d.comb += self.multiplier.signed.eq(SIXTEEN)

    def _sum(self, m, sample):
        """Products become sums, and sums results and features."""
        arithmetic, sequencer = m.submodules.arithmetic, m.submodules.sequencer
        control = sequencer.control
        m.d.comb += [
            arithmetic.product.eq(self.multiplier.product),
            arithmetic.add.eq(sequencer.add),
            arithmetic.minus.eq(sequencer.minus),
            arithmetic.start.eq(Mux(sequencer.running, control.start, 0)),
            arithmetic.shift.eq(control.normalise & sequencer.running),
            arithmetic.exponent.eq(control.exponent & sequencer.running),
            arithmetic.whole.eq(sequencer.whole),
            arithmetic.load.eq(sequencer.step),
            arithmetic.sample.eq(sample.data),
            arithmetic.value.eq(control.value),
            arithmetic.difference.eq(control.difference),
            arithmetic.magnitude.eq(control.magnitude),
            self.x.valid.eq(sequencer.sending),
            self.x.payload.eq(arithmetic.x),
        ]
