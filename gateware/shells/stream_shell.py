"""Stream shell: inputs in, outputs out, one frame after another."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.core import Core

from .output_reader import OutputReader
from .word_port import WordPort, word_request

SETTLE_CYCLES = 32
"""Cycles after the last input that was taken until ``busy`` of the core tells the truth."""

START_CYCLES = 4
"""Cycles after which a new sequence has made the core busy."""


class StreamShell(wiring.Component):
    """The `Core` with nothing but streams around it.

    A frame of the network's inputs goes in, a frame of its outputs comes out; inputs of the next
    frame may come meanwhile, all but the last one. Memories are reached between frames. A frame
    that shows that what was loaded is no network has no outputs, and no other follows.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry
    primitives : Primitives or None
    image : thresh.layout.image.Image or None
        A network that is there from power-up.

    Members
    -------
    x : In(stream of signed(V))
        Inputs in their order; ready only while a network is there.
    y : Out(stream of signed(V)), y_last : Out(1)
        Outputs in their order; ``y_last`` goes with the payload that is a frame's last.
    new_sequence : In(1)
        A pulse: state and references to zero once the frame under way is over. Inputs that were
        given for an unfinished frame are forgotten.
    loaded : In(1)
        The memories hold a whole network: when it rises a sequence begins.
    memory : In(`word_request`), word : Out(stream of a word)
        Words of the memories; one that is read is answered.
    fault : Out(1)
        From such a frame on, until ``loaded`` falls.
    busy : Out(1)
        Something is under way, or outputs have not been taken.
    fired : Out(1)
        An event fired.
    inputs_minus_1, outputs_minus_1 : Out(16)
        Of the network that is there.
    """

    def __init__(self, *, geometry, primitives=None, image=None):
        self.geometry = geometry
        self.primitives = primitives
        self.image = image
        self.word_bits = geometry.weight_word_bits
        super().__init__(
            {
                "x": In(stream.Signature(signed(geometry.value_bits))),
                "y": Out(stream.Signature(signed(geometry.value_bits))),
                "y_last": Out(1),
                "new_sequence": In(1),
                "loaded": In(1),
                "fault": Out(1),
                "memory": In(word_request(self.word_bits)),
                "word": Out(stream.Signature(self.word_bits)),
                "busy": Out(1, init=1),
                "fired": Out(1),
                "inputs_minus_1": Out(16),
                "outputs_minus_1": Out(16),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.core = core = Core(
            geometry=self.geometry, primitives=self.primitives, image=self.image
        )
        m.submodules.port = port = WordPort(word_bits=self.word_bits)
        m.submodules.outputs = outputs = OutputReader(geometry=self.geometry)
        wiring.connect(m, port.access, core.access)
        wiring.connect(m, outputs.y, wiring.flipped(self.y))
        m.d.comb += [
            self.y_last.eq(outputs.y_last),
            outputs.word.eq(port.word),
            outputs.done.eq(port.done),
            outputs.output_base.eq(core.output_base),
            self.outputs_minus_1.eq(outputs.outputs_minus_1),
            self.inputs_minus_1.eq(core.inputs_minus_1),
            self.fired.eq(core.fired),
        ]
        asked, known = Signal(), Signal()
        with m.If(self.new_sequence):
            m.d.sync += asked.eq(1)
        with m.If(~self.loaded):
            m.d.sync += [known.eq(0), self.fault.eq(0)]
        self._run(m, asked, known, self._gate(m, asked, known))
        return m

    def _gate(self, m, asked, known):
        """Which inputs pass: none while something else waits, the last one only at rest.

        Returns
        -------
        dict of Signal
            ``open`` and ``resting``, which the states set, ``ends``: the last input passes.
        """
        core, index = m.submodules.core, Signal(16)
        gate = {name: Signal(name=f"gate_{name}") for name in ("open", "resting", "ends")}
        last = index == core.inputs_minus_1
        waits = asked | ~known | self.memory.valid
        passes = gate["open"] & (gate["resting"] & ~waits | ~last)
        moved = core.x.valid & core.x.ready
        m.d.comb += [
            core.x.payload.eq(self.x.payload),
            core.x.valid.eq(self.x.valid & passes),
            self.x.ready.eq(core.x.ready & passes),
            gate["ends"].eq(moved & last),
        ]
        with m.If(moved):
            m.d.sync += index.eq(Mux(last, 0, index + 1))
        with m.If(core.new_sequence | self.fault):
            m.d.sync += index.eq(0)
        with m.If(self.word.ready):
            m.d.sync += self.word.valid.eq(0)
        m.d.sync += self.busy.eq(~gate["resting"] | asked | (index != 0) | gate["ends"])
        gate["waits"] = waits & gate["resting"]
        return gate

    def _run(self, m, asked, known, gate):
        """A frame, a word, a new sequence: one after another."""
        core, outputs = m.submodules.core, m.submodules.outputs
        cycles, usable = Signal(range(SETTLE_CYCLES + 1)), self.loaded & ~self.fault
        m.d.sync += core.new_sequence.eq(0)
        with m.FSM():
            with m.State("REST"):
                m.d.comb += [gate["open"].eq(known & ~asked), gate["resting"].eq(1)]
                m.d.sync += cycles.eq(0)
                with m.If(gate["ends"]):
                    m.next = "STEP"
                with m.Elif(gate["waits"] & (asked | self.memory.valid | usable)):
                    m.next = "SETTLE"
            with m.State("STEP"):
                m.d.comb += gate["open"].eq(~asked)
                with m.If(core.done):
                    m.next = "STEPPED"
            with m.State("STEPPED"):
                m.d.comb += gate["open"].eq(~asked)
                with m.If(~core.busy & core.fault):
                    m.d.sync += [known.eq(0), self.fault.eq(1)]
                    m.next = "REST"
                with m.Elif(~core.busy):
                    m.d.comb += outputs.start.eq(1)
                    m.next = "OUTPUTS"
            with m.State("OUTPUTS"):
                self._forward(m, outputs.request)
                with m.If(outputs.finished):
                    m.next = "REST"
            with m.State("SETTLE"):
                m.d.sync += cycles.eq(cycles + (cycles != SETTLE_CYCLES))
                with m.If((cycles == SETTLE_CYCLES) & ~core.busy):
                    m.d.sync += cycles.eq(0)
                    m.next = "REACH"
            with m.State("REACH"):
                with m.If(usable & ~known):
                    m.d.comb += outputs.measure.eq(1)
                    m.next = "MEASURE"
                with m.Elif(asked):
                    m.d.sync += [core.new_sequence.eq(1), asked.eq(self.new_sequence)]
                    m.next = "BEGIN"
                with m.Elif(~self.memory.valid):
                    m.next = "REST"
                with m.Elif(~(self.word.valid & ~self.word.ready)):
                    self._forward(m, self.memory)
                    m.next = "WORD"
            self._settle(m, asked, known, cycles)
        return m

    def _settle(self, m, asked, known, cycles):
        """What a word, a table that is read, or a new sequence ends with."""
        core, port, outputs = m.submodules.core, m.submodules.port, m.submodules.outputs
        with m.State("WORD"):
            with m.If(port.done):
                with m.If(~port.wrote):
                    m.d.sync += [self.word.payload.eq(port.word), self.word.valid.eq(1)]
                m.next = "REACH"
        with m.State("MEASURE"):
            self._forward(m, outputs.request)
            with m.If(outputs.finished):
                m.d.sync += [known.eq(1), asked.eq(1), cycles.eq(0)]
                m.next = "REACH"
        with m.State("BEGIN"):
            m.d.sync += cycles.eq(cycles + (cycles != START_CYCLES))
            with m.If((cycles == START_CYCLES) & ~core.busy):
                m.d.sync += cycles.eq(0)
                m.next = "REST"

    @staticmethod
    def _forward(m, request):
        """Hand a request to the word port."""
        port = m.submodules.port.i
        m.d.comb += request.ready.eq(port.ready)
        for name in ("valid", "write", "region", "address", "data"):
            m.d.comb += getattr(port, name).eq(getattr(request, name))
