"""Tables of columns from SDRAM: measured, built, and what other memories would bring."""

from dataclasses import dataclass

from bench.results import load

from .markdown import table

BYTES_PER_WORD = 2
MEASURED = "0.03"
"""The case of `bench.cycles.sdram_network` from which other memories are reckoned."""


@dataclass(frozen=True, kw_only=True)
class Memory:
    """A memory beside an FPGA.

    Parameters
    ----------
    name : str
    bits : int
        Data pins.
    transfers : float
        Per second and pin.
    """

    name: str
    bits: int
    transfers: float

    @property
    def bytes_per_second(self) -> float:
        """While words pass."""
        return self.bits * self.transfers / 8


MEMORIES = (
    Memory(name="ULX3S: SDRAM at the accelerator's clock", bits=16, transfers=120e6),
    Memory(name="the same chip at its own limit", bits=16, transfers=133e6),
    Memory(name="Colorlight i5: SDRAM of 32 bits", bits=32, transfers=120e6),
    Memory(name="OrangeCrab: DDR3 at 96 MHz, as its LiteX target has it", bits=16, transfers=192e6),
    Memory(name="OrangeCrab: DDR3 at 400 MHz, the most that ECP5's pins promise", bits=16,
           transfers=800e6),
)  # fmt: skip


def streamed() -> str:
    """What a network gets whose columns are streamed from SDRAM."""
    rows = [
        [
            f"{row['weight_bits']}",
            f"{row['activity']:.0%}",
            f"{row['integers_compared']:,}",
            f"{row['words']:,.0f}",
            f"{row['cycles']:,.0f}",
            f"{row['bandwidth_used']:.1%}",
            f"{row['frames_per_second']:,.0f}",
            f"{row['effective_gops']:.1f}",
        ]
        for row in load("streamed") or []
    ]
    head = ["bits of a weight", "active", "integers compared", "words per step", "cycles per step"]
    return table([*head, "of the pins' bandwidth", "frames per second", "effective GOp/s"], rows)


def builds() -> str:
    """PyTorch files of such networks, simulated and routed by commands."""
    rows = []
    for build in load("streamed-build") or []:
        simulated = build["simulated"]
        rows.append([
            f"`{build['built_by']}`",
            f"{build['zeros']:.0%}",
            f"{simulated['integers_compared']:,}, {simulated['mismatches']} differences",
            f"{simulated['cycles_per_frame']['mean']:,.0f}",
            ", ".join(f"{mhz:.1f}" for mhz in build["fmax_mhz"].values()),
            "yes" if build["met"] else "no",
            f"`{build['command']}`",
        ])  # fmt: skip
    head = ["build", "weights that are zero", "integers compared", "cycles per frame"]
    head += [f"routed fmax per seed, MHz, for {clock:g}" for clock in _clocks()]
    return table([*head, "all 1.08 times", "command"], rows)


def _clocks() -> list[float]:
    """Of all builds; it is one."""
    return sorted({build["clock_mhz"] for build in load("streamed-build") or []})


def on_paper() -> str:
    """What other memories would bring, reckoned from the step that was measured.

    Its words pass as fast as the pins allow; the cycles in which none passes stay as they are.
    """
    found = [row for row in load("streamed") or [] if row["case"] == MEASURED]
    rows = []
    for memory in MEMORIES if found else ():
        (row,) = found
        clock = 1e6 * row["clock_mhz"]
        words = BYTES_PER_WORD * row["words"] / memory.bytes_per_second
        step = words + (row["cycles"] - row["words"]) / clock
        rows.append([
            memory.name,
            f"{memory.bits} x {memory.transfers / 1e6:g}",
            f"{memory.bytes_per_second / 1e6:,.0f}",
            f"{memory.bytes_per_second / clock:.1f}",
            f"{1 / step:,.0f}",
            f"{words / step:.0%}",
        ])  # fmt: skip
    head = ["memory", "pins x million transfers a second", "MB/s"]
    head += ["8-bit weights a cycle of 120 MHz", "frames per second at 3 %"]
    return table([*head, "of its bandwidth"], rows)
