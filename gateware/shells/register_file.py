"""Register file: the registers of a description, behind a port that every bus can use."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.layout.registers import REGISTER_BITS, Access

ADDRESS_BITS = 8
"""Of byte addresses: every shell has 256 bytes of registers."""


def register_port():
    """Signature of a port to the registers.

    ``read`` or ``write`` is high for one cycle; ``read_data`` holds from the next one on.
    ``mask`` has a bit for each byte that is written; ``known``: there is a register at ``address``.
    """
    return wiring.Signature(
        {
            "address": Out(ADDRESS_BITS),
            "read": Out(1),
            "write": Out(1),
            "write_data": Out(REGISTER_BITS),
            "mask": Out(REGISTER_BITS // 8),
            "read_data": In(REGISTER_BITS),
            "known": In(1),
        }
    )


class RegisterFile(wiring.Component):
    """What is stored is stored here; what is read, done or cleared goes through members.

    Parameters
    ----------
    registers : tuple of thresh.layout.registers.Register
    constants : dict of str to int
        Values of constant fields, as ``register.field``.
    init : dict of str to int
        Values of stored fields at power-up and reset, where they are not 0.

    Members
    -------
    bus : In(`register_port`)
    <register>_<field> : In or Out
        In for what is read only or cleared (where it is a pulse that sets the bit); Out for what is
        stored, and for pulses.
    <register>_written, <register>_read : Out(1)
        High for a cycle when the bus does that.
    irq : Out(1)
        An event that is enabled has happened and was not cleared.
    window_load : In(1), window_data : In
        The memory window takes a word.
    advance : In(1)
        The memory address counts up.
    """

    def __init__(self, *, registers, constants, init):
        self.registers = registers
        self.constants = constants
        self.init = init
        members = {"bus": In(register_port())}
        for register in registers:
            for field in register.fields:
                name = f"{register.name}_{field.name}"
                if field.access in (Access.READ, Access.CLEARED):
                    members[name] = In(field.bits)
                elif field.access != Access.CONSTANT:
                    start = init.get(f"{register.name}.{field.name}", 0)
                    members[name] = Out(field.bits * register.words, init=start)
            members |= {f"{register.name}_written": Out(1), f"{register.name}_read": Out(1)}
        window = next(r for r in registers if r.name == "memory_window")
        members |= {
            "irq": Out(1),
            "window_load": In(1),
            "window_data": In(REGISTER_BITS * window.words),
            "advance": In(1),
        }
        super().__init__(members)

    def elaborate(self, platform):
        m = Module()
        bus = self.bus
        written = Signal(REGISTER_BITS)
        for byte in range(REGISTER_BITS // 8):
            m.d.comb += written.word_select(byte, 8).eq(Mux(bus.mask[byte], 0xFF, 0))
        value = Signal(REGISTER_BITS)
        for register in self.registers:
            for word in range(register.words):
                with m.If(bus.address[2:] == (register.address >> 2) + word):
                    m.d.comb += bus.known.eq(1)
                    m.d.comb += [
                        getattr(self, f"{register.name}_written").eq(bus.write),
                        getattr(self, f"{register.name}_read").eq(bus.read),
                    ]
                    for field in register.fields:
                        self._field(m, register, field, word, value, written)
        with m.If(bus.read):
            m.d.sync += bus.read_data.eq(value)
        self._own(m)
        return m

    def _field(self, m, register, field, word, value, written):
        """What the bus does to a field whose register it addresses."""
        bus, here = self.bus, slice(field.at, field.at + field.bits)
        member = getattr(self, f"{register.name}_{field.name}", None)
        kept = None if member is None else member.word_select(word, field.bits)
        if field.access == Access.CONSTANT:
            m.d.comb += value[here].eq(self.constants[f"{register.name}.{field.name}"])
        elif field.access == Access.READ:
            m.d.comb += value[here].eq(kept)
        elif field.access == Access.STORED:
            m.d.comb += value[here].eq(kept)
            with m.If(bus.write):
                changed, mask = bus.write_data[here] & written[here], written[here]
                m.d.sync += kept.eq((kept & ~mask) | changed)
        elif field.access == Access.PULSE:
            m.d.comb += kept.eq(bus.write & bus.write_data[field.at] & written[field.at])
        elif field.access == Access.WRITE:
            m.d.comb += kept.eq(bus.write_data[here])

    def _own(self, m):
        """Interrupts, the memory window, and the address that counts up."""
        interrupt = next(r for r in self.registers if r.name == "interrupt")
        pending = Signal(len(interrupt.fields))
        enabled = []
        for number, field in enumerate(interrupt.fields):
            clears = self.interrupt_written & self.bus.write_data[field.at] & self.bus.mask[0]
            happened = getattr(self, f"interrupt_{field.name}")
            m.d.sync += pending[number].eq((pending[number] & ~clears) | happened)
            enabled.append(pending[number] & getattr(self, f"interrupt_enable_{field.name}"))
        with m.If(self.interrupt_read):
            m.d.sync += self.bus.read_data.eq(pending)
        m.d.sync += self.irq.eq(Cat(enabled).any())
        with m.If(self.window_load):
            m.d.sync += self.memory_window_bits.eq(self.window_data)
        with m.If(self.advance):
            m.d.sync += self.memory_address_address.eq(self.memory_address_address + 1)
