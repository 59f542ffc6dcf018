"""Bus core: the stream shell behind registers, whatever the bus."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.fifo import SyncFIFOBuffered
from amaranth.lib.wiring import In, Out

from thresh.layout.registers import constants, register_map, window_words

from .register_file import RegisterFile, register_port
from .stream_shell import StreamShell


class BusCore(wiring.Component):
    """`StreamShell` with its memories, and if asked its values, behind registers.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry
    primitives : Primitives or None
    image : thresh.layout.image.Image or None
        A network that is there from power-up.
    clock_khz : int
        What the register says.
    queue_depth : int or None
        Inputs and outputs that wait between the bus and the core; None: streams instead.

    Members
    -------
    bus : In(`register_port`)
    irq : Out(1)
        High while an enabled event has happened and was not cleared.
    x : In(stream of signed(V)), x_last : In(1)
    y : Out(stream of signed(V)), y_last : Out(1)
        Without queues.
    """

    def __init__(self, *, geometry, primitives=None, image=None, clock_khz, queue_depth):
        self.geometry = geometry
        self.primitives = primitives
        self.image = image
        self.clock_khz = clock_khz
        self.queue_depth = queue_depth
        self.registers = register_map(
            window_words=window_words(geometry), values=queue_depth is not None
        )
        members = {"bus": In(register_port()), "irq": Out(1)}
        if queue_depth is None:
            values = stream.Signature(signed(geometry.value_bits))
            members |= {"x": In(values), "x_last": In(1), "y": Out(values), "y_last": Out(1)}
        super().__init__(members)

    def elaborate(self, platform):
        m = Module()
        m.submodules.shell = shell = StreamShell(
            geometry=self.geometry, primitives=self.primitives, image=self.image
        )
        m.submodules.registers = registers = RegisterFile(
            registers=self.registers,
            constants=constants(self.geometry, self.clock_khz),
            init={"control.loaded": int(self.image is not None)},
        )
        wiring.connect(m, wiring.flipped(self.bus), registers.bus)
        refused, known = Signal(), Signal()
        m.d.sync += known.eq(shell.fault)
        m.d.comb += [
            self.irq.eq(registers.irq),
            registers.identity_loaded.eq(registers.control_loaded & ~shell.fault),
            registers.interrupt_fault.eq(shell.fault & ~known),
            registers.shape_inputs_minus_1.eq(shell.inputs_minus_1),
            registers.shape_outputs_minus_1.eq(shell.outputs_minus_1),
            registers.interrupt_frame.eq(shell.y.valid & shell.y.ready & shell.y_last),
            registers.interrupt_refused.eq(refused),
            shell.loaded.eq(registers.control_loaded),
            shell.new_sequence.eq(registers.control_new_sequence),
        ]
        busy = self._memory(m, registers, shell)
        asked = registers.memory_command_read | registers.memory_command_write
        wrong = busy & asked
        if self.queue_depth is None:
            self._streams(m, registers, shell)
            m.d.comb += [registers.control_busy.eq(shell.busy | busy), refused.eq(wrong)]
        else:
            waiting, missed = self._queues(m, registers, shell)
            m.d.comb += [
                registers.control_busy.eq(shell.busy | busy | waiting),
                refused.eq(wrong | missed),
            ]
        return m

    def _memory(self, m, registers, shell):
        """A word between the window and a memory; whether one is under way."""
        offered, busy, writes = Signal(), Signal(), Signal()
        m.d.comb += [
            registers.memory_command_busy.eq(busy),
            registers.window_data.eq(shell.word.payload),
            shell.memory.valid.eq(offered),
            shell.memory.write.eq(writes),
            shell.memory.region.eq(registers.memory_address_region),
            shell.memory.address.eq(registers.memory_address_address),
            shell.memory.data.eq(registers.memory_window_bits),
            shell.word.ready.eq(1),
            registers.window_load.eq(shell.word.valid),
        ]
        with m.If(~busy):
            starts = registers.memory_command_read | registers.memory_command_write
            m.d.sync += [
                busy.eq(starts),
                offered.eq(starts),
                writes.eq(registers.memory_command_write),
            ]
        with m.If(offered & shell.memory.ready):
            m.d.sync += offered.eq(0)
        ends = Mux(writes, offered & shell.memory.ready, shell.word.valid)
        with m.If(busy & ends):
            m.d.sync += busy.eq(0)
            m.d.comb += registers.advance.eq(1)
        return busy

    def _streams(self, m, registers, shell):
        """Values have streams of their own."""
        wiring.connect(m, wiring.flipped(self.x), shell.x)
        wiring.connect(m, shell.y, wiring.flipped(self.y))
        at = Signal(16)
        last = at == shell.inputs_minus_1
        with m.If(shell.x.valid & shell.x.ready):
            m.d.sync += at.eq(Mux(last, 0, at + 1))
            m.d.comb += registers.interrupt_misplaced.eq(self.x_last != last)
        with m.If(registers.control_new_sequence):
            m.d.sync += at.eq(0)
        m.d.comb += self.y_last.eq(shell.y_last)

    def _queues(self, m, registers, shell):
        """Values wait between bus and core: whether some do, and whether one was refused."""
        bits = self.geometry.value_bits
        x = SyncFIFOBuffered(width=bits, depth=self.queue_depth)
        m.submodules.x_queue = ResetInserter(registers.control_new_sequence | shell.fault)(x)
        m.submodules.y_queue = y = SyncFIFOBuffered(width=bits + 1, depth=self.queue_depth)
        value = Signal(signed(16))
        m.d.comb += [
            x.w_data.eq(registers.x_value),
            x.w_en.eq(registers.x_written),
            shell.x.payload.eq(x.r_data),
            shell.x.valid.eq(x.r_rdy & ~registers.control_new_sequence),
            x.r_en.eq(shell.x.ready & ~registers.control_new_sequence),
            y.w_data.eq(Cat(shell.y.payload, shell.y_last)),
            y.w_en.eq(shell.y.valid),
            shell.y.ready.eq(y.w_rdy),
            value.eq(y.r_data[:bits].as_signed()),
            registers.y_value.eq(value),
            registers.y_last.eq(y.r_data[bits]),
            registers.y_valid.eq(y.r_rdy),
            y.r_en.eq(registers.y_read),
            registers.levels_x_room.eq(self.queue_depth - x.level),
            registers.levels_y_there.eq(y.level),
        ]
        missed = (registers.x_written & ~x.w_rdy) | (registers.y_read & ~y.r_rdy)
        return x.r_rdy | y.r_rdy, missed
