"""`UartTransmitter` and `UartReceiver` as scripts: every level and every byte in its cycle."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from thresh.layout.link import BREAK_BITS

from .script import Script

EDGES = (0x00, 0xFF, 0x55, 0xAA, 0xC0, 0xDB, 0x01, 0x80)
"""Bytes of few and of many edges, and those that SLIP escapes."""

BITS = 10
"""A start bit, eight of data, a stop bit."""


def line_of(byte: int, length: float, *, stop: int = 1) -> list[int]:
    """The line, cycle by cycle, during a byte whose bits last ``length`` cycles.

    They are rounded so that no error adds up.
    """
    bits = [0, *(byte >> n & 1 for n in range(8)), stop]
    ends = [round(length * n) for n in range(BITS + 1)]
    return [bit for n, bit in enumerate(bits) for _ in range(ends[n + 1] - ends[n])]


def back_to_back(data: Iterable[int], divisor: int) -> list[int]:
    """The line of a transmitter that never waits for a byte: a cycle lies between two."""
    return [level for byte in data for level in (*line_of(byte, divisor), 1)]


def transmit(data: Sequence[int], divisor: int, *, gaps: Iterable[int] = ()) -> Script:
    """A transmitter's bytes, and its line in every cycle.

    Parameters
    ----------
    data : sequence of int
    divisor : int
    gaps : iterable of int
        Cycles without a byte before each; none when they are not given.
    """
    script, now = Script(i_valid=0), 1
    script.drive(-1, i_payload=0)
    script.want(0, tx=1, i_ready=1)
    for byte, gap in zip(data, gaps or [0] * len(data), strict=True):
        for _ in range(gap):
            script.want(now, tx=1, i_ready=1)
            now += 1
        script.want(now, tx=1, i_ready=1)
        script.drive(now, i_valid=1, i_payload=byte)
        levels = line_of(byte, divisor)
        for cycle, level in enumerate(levels, now + 1):
            script.want(cycle, tx=level, i_ready=0)
            # The next byte may wait long before it is taken.
            if not gap:
                script.drive(cycle, i_valid=1, i_payload=byte ^ 0xFF)
        now += 1 + len(levels)
    script.want(now, tx=1, i_ready=1)
    return script


def received(line: Sequence[int], divisor: int) -> list[tuple[int, int]]:
    """(cycle, byte) of what a receiver hears: each bit is looked at once, in its middle.

    A byte is there a cycle after the middle of its stop bit; the next one may begin when the line
    was high again.
    """
    found, cycle = [], 0

    def level(at: int) -> int:
        return line[at] if at < len(line) else 1

    while cycle < len(line):
        if level(cycle):
            cycle += 1
            continue
        middles = [cycle + divisor // 2 + n * divisor for n in range(BITS)]
        if level(middles[0]):  # a glitch
            cycle = middles[0] + 1
            continue
        if level(middles[-1]):
            byte = sum(level(at) << n for n, at in enumerate(middles[1:9]))
            found.append((middles[-1] + 1, byte))
        cycle = middles[-1] + 1
        while not level(cycle):
            cycle += 1
        cycle += 1
    return found


def receive(
    line: Sequence[int],
    divisor: int,
    wanted: Sequence[int],
    *,
    stall: Callable[[], int] = lambda: 0,
) -> Script:
    """A receiver's line, and its bytes in their cycles.

    Parameters
    ----------
    line : sequence of int
        Its level in every cycle.
    divisor : int
    wanted : sequence of int
        The bytes that must be heard.
    stall : callable
        Cycles that the next byte waits until it is taken, less than a byte takes; one that still
        waits when the next comes gives way to it.
    """
    bytes_of_line = received(line, divisor)
    assert [byte for _, byte in bytes_of_line] == list(wanted), bytes_of_line
    script, free = Script(o_ready=0), -1
    for cycle, level in enumerate([*line, *[1] * BITS * divisor]):
        script.drive(cycle, rx=level)
    script.drive(-1, rx=1)
    ends = [cycle for cycle, _ in bytes_of_line[1:]] + [script.cycles]
    for (cycle, byte), end in zip(bytes_of_line, ends, strict=True):
        if free < cycle:
            script.want(cycle - 1, o_valid=0)
        taken = cycle + stall()
        for at in range(cycle, min(taken + 1, end)):
            script.want(at, o_valid=1, o_payload=byte)
        free = taken + 1
        if taken < end:
            script.drive(taken, o_ready=1)
            script.want(free, o_valid=free == end)
    return script


def data_of(random: np.random.Generator, count: int) -> list[int]:
    """`EDGES` and ``count`` random bytes."""
    return [*EDGES, *random.integers(0, 256, count).tolist()]


def received_bytes(
    divisor: int,
    random: np.random.Generator,
    *,
    gaps: bool = False,
    stalls: bool = False,
    error: float = 0.0,
    count: int = 3,
) -> Script:
    """Bytes from a clock that is a little off, into a sink that lets them wait."""
    data, line, byte = data_of(random, count), [1] * 4, 9 * divisor
    for value in data:
        line += line_of(value, divisor * (1 + error))
        line += [1] * (1 + (int(random.integers(0, byte)) if gaps else 0))
    if not stalls:
        return receive(line, divisor, data)
    return receive(line, divisor, data, stall=lambda: int(random.integers(0, byte)))


def without_stop_bit(divisor: int) -> Script:
    """A byte without a stop bit is dropped, and what follows until the line is high."""
    line = [1] * 20 + line_of(0x37, divisor, stop=0) + [0] * 30 + [1] * 2 * divisor
    return receive(line + line_of(0x42, divisor), divisor, [0x42])


def serial_break(divisor: int, bits: float) -> Script:
    """A line that is low for so many bit times: a break from `BREAK_BITS` on, then bytes again."""
    line = [1] * 20 + [0] * round(bits * divisor) + [1] * 2 * divisor
    script = receive(line + line_of(0x42, divisor), divisor, [0x42])
    breaks = range(20 + divisor // 2 + (BREAK_BITS - 1) * divisor + 1, script.cycles, 32 * divisor)
    ends = 20 + round(bits * divisor)
    for cycle in range(20 + divisor, script.cycles):
        script.want(cycle, broken=int(cycle in breaks and cycle <= ends))
    return script


def glitch(divisor: int) -> Script:
    """A start bit that ends before its middle is none."""
    line = [1] * 20 + [0] * (divisor // 2 - 1) + [1] * 20
    return receive(line + line_of(0x42, divisor), divisor, [0x42])


def overrun(divisor: int) -> Script:
    """A byte that is not taken gives way to the next, which is taken long after."""
    line, stalls = [1, 1, *back_to_back([0x12, 0x34], divisor)], iter([1000, divisor])
    return receive(line, divisor, [0x12, 0x34], stall=lambda: next(stalls))
