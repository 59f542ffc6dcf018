"""The device: a microphone's pins in, words out, and nothing else is plugged in."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out

from thresh.audio.decimator import Decimator
from thresh.audio.i2s_words import BIT_CLOCK_CYCLES
from thresh.audio.spotter import MOST_CLASSES
from thresh.gateware.audio.front_end import FrontEnd
from thresh.gateware.audio.i2s_receiver import I2sReceiver
from thresh.gateware.audio.pdm_receiver import PdmReceiver
from thresh.gateware.audio.word_spotter import Section, WordSpotter
from thresh.gateware.boot.flash_loader import FlashLoader
from thresh.gateware.core import Core
from thresh.gateware.primitives import Primitives
from thresh.layout.device_memories import RESULT_WORD, SEQUENCE_WORD, DeviceRegion
from thresh.layout.flash_slots import BootResult

from .command_receiver import CommandReceiver
from .decision_pins import DecisionPins
from .frame_control import FrameControl
from .handshake import Handshake
from .message_sender import MessageSender
from .output_reader import OutputReader
from .reporter import Reporter
from .sample_queue import SampleQueue

INNER = (
    "queue", "loader", "core", "front_end", "reader", "spotter", "control", "reporter", "sender",
)  # fmt: skip


class Device(wiring.Component):
    """Microphone -> `SampleQueue` -> `FrontEnd` -> `Core` -> `WordSpotter` -> pins and line.

    Two clock domains: ``audio`` never stops, ``sync`` may stand while ``wanted`` is low, and need
    not run at once when it rises. A network comes from the flash at the start; without one nothing
    is heard, and the line says so. What it makes of the microphone's bits equals
    `thresh.sim.device.golden.golden_device` in every integer.

    Parameters
    ----------
    shape : thresh.layout.device.shape.DeviceShape
    layout : thresh.layout.flash_slots.FlashLayout
    primitives : Primitives or None
    flash_divisor, wake_cycles : int
        As the `FlashLoader`'s, in cycles of ``sync``.
    bit_cycles : int
        Of the line, in cycles of ``audio``.
    hold : int
        Frames for which a decision pin stays high.

    Members
    -------
    mic_data : In(1)
        PDM: the bit of this cycle of ``audio``. I2S: the pin.
    mic_clock, mic_select : Out(1)
        I2S only: bit clock and word select.
    sck, cs_n, mosi : Out(1), miso : In(1)
        The flash, in ``sync``.
    rx : In(1), tx : Out(1)
        The line of `thresh.layout.device_link`.
    loaded : Out(1)
        A network is there: the bit of the cycle in which it rises is the first that counts. It
        falls after a frame that shows that it is none; frames go on, and nothing is heard.
    fell_back : Out(1)
        A slot of the flash was passed over.
    heard : Out(1), label : Out(range(64)), word : Out(classes)
        As the `DecisionPins`'.
    wanted : Out(1)
        ``sync`` is to run.
    """

    def __init__(
        self, *, shape, layout, primitives=None, flash_divisor=2, wake_cycles=72, bit_cycles=8,
        hold=25,
    ):  # fmt: skip
        self.shape = shape
        self.layout = layout
        self.primitives = primitives or Primitives()
        self.flash_divisor = flash_divisor
        self.wake_cycles = wake_cycles
        self.bit_cycles = bit_cycles
        self.hold = hold
        geometry, word_bits = shape.geometry, shape.geometry.weight_word_bits
        self.pdm = isinstance(shape.microphone, Decimator)
        self.receiver = (
            PdmReceiver(decimator=shape.microphone, divisor=1)
            if self.pdm
            else I2sReceiver(divisor=BIT_CLOCK_CYCLES, halve=shape.microphone.halve)
        )
        self.queue = SampleQueue(depth=shape.points, window=shape.window, hop=shape.hop)
        self.loader = FlashLoader(
            layout=layout, word_bits=word_bits, divisor=flash_divisor, wake_cycles=wake_cycles
        )
        self.core = Core(
            geometry=geometry, primitives=self.primitives, counters=False, readback=False,
            shares_multiplier=True,
        )  # fmt: skip
        latency = Core.multiplier_latency(self.primitives)
        self.front_end = FrontEnd(
            points=shape.points, window=shape.window, hop=shape.hop, latency=latency
        )
        self.reader = OutputReader(
            word_bits=word_bits, values=geometry.pointwise_lanes, classes=shape.classes
        )
        self.spotter = WordSpotter(shift=shape.shift)
        self.control = FrameControl()
        self.reporter = Reporter(count_bits=len(self.core.x_count))
        self.sender = MessageSender(bit_cycles=bit_cycles)
        self.pins = DecisionPins(classes=shape.classes, hold=hold)
        i2s = {"mic_clock": Out(1), "mic_select": Out(1)}
        super().__init__(
            {
                **({} if self.pdm else i2s),
                "mic_data": In(1),
                "sck": Out(1),
                "cs_n": Out(1, init=1),
                "mosi": Out(1),
                "miso": In(1),
                "rx": In(1, init=1),
                "tx": Out(1, init=1),
                "loaded": Out(1),
                "fell_back": Out(1),
                "heard": Out(1),
                "label": Out(range(MOST_CLASSES)),
                "word": Out(shape.classes),
                "wanted": Out(1, init=1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        for name in INNER:
            m.submodules[name] = getattr(self, name)
        m.submodules.pins = DomainRenamer("audio")(self.pins)
        audio, starts = DomainRenamer("audio")(self.receiver), Signal()
        m.submodules.receiver = ResetInserter({"audio": ~starts})(audio)
        self._cross(m, starts)
        self._listen(m)
        self._load(m)
        self._step(m)
        self._decide(m)
        self._say(m)
        return m

    def _cross(self, m, starts):
        """What passes between the domains, and when ``sync`` is wanted; the receiver ``starts``."""
        control, queue, sender = self.control, self.queue, self.sender
        m.submodules.batch = batch = Handshake(i_domain="audio", o_domain="sync")
        m.submodules.threshold = threshold = Handshake(i_domain="audio", o_domain="sync")
        m.submodules.report = report = Handshake(i_domain="sync", o_domain="audio")
        m.submodules.commands = commands = DomainRenamer("audio")(
            CommandReceiver(bit_cycles=self.bit_cycles)
        )
        booted, before, faulty = Signal(), Signal(), Signal()
        m.submodules.booted = FFSynchronizer(control.booted, booted, o_domain="audio")
        m.submodules.faulty = FFSynchronizer(control.faulty, faulty, o_domain="audio")
        found = booted & (self.loader.result != BootResult.NONE)
        m.submodules.listening = FFSynchronizer(commands.listening, control.listening)
        m.d.audio += [
            before.eq(booted),
            self.wanted.eq(~booted | queue.waiting | batch.busy | threshold.busy),
            # The loader's result rests from before `booted` on.
            starts.eq(found),
            self.loaded.eq(found & ~faulty),
            self.fell_back.eq(booted & (self.loader.result == BootResult.FELL_BACK)),
        ]
        m.d.comb += [
            batch.ask.eq(queue.ask),
            queue.busy.eq(batch.busy),
            control.batch.eq(batch.wanted),
            batch.answer.eq(control.batch_over),
            threshold.ask.eq(commands.ask),
            commands.busy.eq(threshold.busy | commands.ask),
            control.threshold.eq(threshold.wanted),
            threshold.answer.eq(control.set_threshold),
            report.ask.eq(control.report),
            control.room.eq(~report.busy),
            sender.wanted.eq(report.wanted),
            report.answer.eq(sender.answer),
            sender.identify.eq(commands.identify | (booted & ~before)),
            commands.rx.eq(self.rx),
            self.tx.eq(sender.tx),
        ]

    def _listen(self, m):
        """Bits become samples, and samples features."""
        receiver, queue, front_end = self.receiver, self.queue, self.front_end
        feed = self.control.feed
        m.d.comb += receiver.data.eq(self.mic_data)
        if not self.pdm:
            m.d.comb += [self.mic_clock.eq(receiver.clock), self.mic_select.eq(receiver.select)]
        wiring.connect(m, receiver.o, queue.i)
        wiring.connect(m, front_end.multiplier, self.core.multiplier)
        m.d.comb += [
            front_end.i.payload.eq(queue.o.payload),
            front_end.i.valid.eq(queue.o.valid & feed),
            queue.o.ready.eq(front_end.i.ready & feed),
            self.control.front_busy.eq(front_end.busy),
        ]

    def _load(self, m):
        """The flash fills the memories, those of the core first."""
        loader, core, front_end, reader = self.loader, self.core, self.front_end, self.reader
        written, inside, reads = loader.access, Signal(), reader.access.enable
        for name in ("sck", "cs_n", "mosi"):
            m.d.comb += getattr(self, name).eq(getattr(loader, name))
        m.d.comb += [
            loader.miso.eq(self.miso),
            self.control.loaded.eq(loader.done),
            self.control.found.eq(loader.result != BootResult.NONE),
            inside.eq(written.region < DeviceRegion.FRONT_END),
            core.access.enable.eq(reads | (written.enable & inside)),
            core.access.write.eq(written.write & inside),
            core.access.write_data.eq(written.write_data),
            core.access.region.eq(Mux(reads, reader.access.region, written.region)),
            core.access.address.eq(Mux(reads, reader.access.address, written.address)),
            reader.access.read_data.eq(core.access.read_data),
            front_end.table_write.eq(written.write & (written.region == DeviceRegion.FRONT_END)),
            front_end.table_address.eq(written.address),
            front_end.table_data.eq(written.write_data),
        ]

    def _step(self, m):
        """Features become outputs."""
        core, front_end, reader, control = self.core, self.front_end, self.reader, self.control
        wiring.connect(m, front_end.x, core.x)
        m.d.comb += [
            core.new_sequence.eq(control.new_sequence),
            control.core_busy.eq(core.busy),
            control.core_done.eq(core.done),
            control.core_fault.eq(core.fault),
            reader.start.eq(control.read),
            reader.base.eq(core.output_base),
        ]

    def _decide(self, m):
        """Outputs become words, and words the levels of pins."""
        loader, spotter, control, pins = self.loader, self.spotter, self.control, self.pins
        commands, written = m.submodules.commands, self.loader.access
        wiring.connect(m, self.reader.o, spotter.i)
        loads, changes, heard = Signal(), Signal(), spotter.o.p.heard & ~control.faulty
        # The record's last word is the last class's.
        with m.If(loads):
            m.d.sync += self.reader.last_label.eq(written.address)
        m.d.sync += changes.eq(changes ^ (control.take & heard))
        m.d.comb += [
            loads.eq(written.write & (written.region == DeviceRegion.SPOTTER)),
            spotter.write.eq(loads | control.set_threshold),
            spotter.section.eq(Mux(loader.done, Section.THRESHOLDS, written.address[6:8])),
            spotter.address.eq(Mux(loader.done, commands.label, written.address)),
            spotter.data.eq(Mux(loader.done, commands.value, written.write_data)),
            spotter.clear.eq(control.new_sequence),
            spotter.o.ready.eq(control.take),
            control.decided.eq(spotter.o.valid),
            control.heard.eq(heard),
            pins.changes.eq(changes),
            pins.heard_label.eq(spotter.o.p.label),
            pins.frame.eq(self.queue.whole),
        ]
        for name in ("heard", "label", "word"):
            m.d.comb += getattr(self, name).eq(getattr(pins, name))

    def _say(self, m):
        """What happens goes into the memory of messages."""
        loader, control, reporter, sender = self.loader, self.control, self.reporter, self.sender
        core, reader, spotter = self.core, self.reader, self.spotter
        written = loader.access
        m.d.comb += [
            reporter.begin.eq(control.begin),
            reporter.feature.eq(core.x.valid & core.x.ready),
            reporter.feature_value.eq(core.x.payload),
            reporter.output.eq(reader.o.valid & reader.o.ready),
            reporter.output_value.eq(reader.o.p.value),
            reporter.status.eq(control.status),
            reporter.frame.eq(control.frame),
            reporter.details.eq(control.listens),
            reporter.load.eq(written.write & (written.region == DeviceRegion.MESSAGES)),
            reporter.load_address.eq(written.address),
            reporter.load_data.eq(written.write_data),
            sender.frame.eq(control.listens),
            sender.write.eq(reporter.write & (control.recording | ~loader.done)),
            sender.address.eq(reporter.address),
            sender.data.eq(reporter.data),
        ]
        for name in ("x_done", "x_count", "h_done", "h_count"):
            m.d.comb += getattr(reporter, name).eq(getattr(core, name))
        for name in ("label", "heard", "score"):
            m.d.comb += getattr(reporter, name).eq(spotter.o.p[name])
        with m.If(loader.numbered):
            m.d.comb += [reporter.load.eq(1), reporter.load_address.eq(SEQUENCE_WORD)]
        with m.If(control.introduce):
            m.d.comb += [sender.write.eq(1), sender.address.eq(RESULT_WORD)]
            for place, bit in ((0, loader.result[0]), (1, loader.result[1]), (8, loader.slot)):
                m.d.comb += sender.data[place].eq(bit)
