"""Ports of memories, with the registers that a latency asks for.

At a latency of 1 a port is the memory's own. At 2 a register follows its word. At 3 registers
come before the memory as well, before reading and writing alike, so that which access comes first
is the same at every latency. None has enable or reset: a block RAM can take in the one behind it.
"""

from dataclasses import dataclass
from typing import Any

from amaranth import *


@dataclass(frozen=True)
class ReadPort:
    """``data`` follows ``addr`` after the port's latency."""

    addr: Any
    data: Any


@dataclass(frozen=True)
class WritePort:
    """``data`` goes to ``addr`` where ``en`` is set."""

    en: Any
    addr: Any
    data: Any


def read_port(m, memory, latency):
    """A read port of ``memory`` in ``latency`` cycles, 1 to 3."""
    port = memory.read_port()
    address, word = port.addr, port.data
    if latency > 1:
        word = Signal(memory.shape, name="word_read", reset_less=True)
        m.d.sync += word.eq(port.data)
    if latency > 2:
        address = _before(m, port.addr, "read_at")
    return ReadPort(address, word)


def write_port(m, memory, latency):
    """The write port that goes with `read_port`."""
    port = memory.write_port()
    if latency < 3:
        return WritePort(port.en, port.addr, port.data)
    enable = _before(m, port.en, "write_enable")
    return WritePort(enable, _before(m, port.addr, "write_at"), _before(m, port.data, "written"))


def _before(m, target, name):
    """What ``target`` follows a cycle later."""
    register = Signal(target.shape(), name=f"{name}_register", reset_less=True)
    source = Signal(target.shape(), name=name)
    m.d.sync += register.eq(source)
    m.d.comb += target.eq(register)
    return source
