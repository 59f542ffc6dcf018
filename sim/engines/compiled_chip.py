"""An SDRAM compiled beside a component: an edge of both, or many, without Python in between."""

import ctypes
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from thresh.layout.link import READ_LATENCY
from thresh.layout.sdram_chip import SdramChip, SdramCommand
from thresh.layout.sizes import ceil_div
from thresh.sim.sdram_model import TIMES, SdramViolation

from .compiled_flat import CompiledFlat

HARNESS = "chip_harness.cpp"

SLOT = 64
"""Bits of a slot, see `thresh.gateware.flat_ports`."""

PINS = {
    "pins.command": "o", "pins.bank": "o", "pins.address": "o", "pins.dq_oe": "o",
    "pins.dq_o": "o", "pins.mask": "o", "pins.dq_i": "i",
}  # fmt: skip
"""A component's pins, and which way they go: in the order of `Pins` in the harness."""

ACCESS = {
    "access.enable": "i", "access.region": "i", "access.address": "i", "access.write": "i",
    "access.write_data": "i", "access.read_data": "o",
}  # fmt: skip
"""Members of an access port, in the order of `Access` there."""

STEPS = {"x.valid": "i", "x.payload": "i", "x.ready": "o", "done": "o"}
"""Members of a core that steps, in the order of `Steps` there."""

SIZES = ("bank_bits", "row_bits", "column_bits", "cas_latency", "first_refreshes")
"""Of a chip, in the order of `Chip` in sdram_chip.h; then come the `TIMES`."""

LIMIT = 10_000_000
"""Cycles after which a component has hung."""

SIGNATURES = {
    "open": "pppppd", "close": "p", "words": "p", "cycle": "p", "busy": "p", "commands": "pu",
    "violation": "p", "step": "puuuiu", "tick": "p", "until_zero": "pul", "feed": "pppul",
    "write": "ppupuu", "read": "ppuppuuu",
}  # fmt: skip
"""Arguments of the harness's functions."""

RESULTS = {
    "open": "p", "words": "p", "cycle": "l", "busy": "l", "commands": "l", "violation": "s",
    "until_zero": "l", "feed": "l",
}  # fmt: skip

TYPES = {
    "p": ctypes.c_void_p, "u": ctypes.c_uint, "i": ctypes.c_int, "l": ctypes.c_int64,
    "d": ctypes.c_double, "s": ctypes.c_char_p,
}  # fmt: skip


def _declared(library: ctypes.CDLL) -> dict[str, Callable[..., Any]]:
    """The harness's functions by name."""
    functions = {name: getattr(library, f"chip_{name}") for name in SIGNATURES}
    for name, function in functions.items():
        function.argtypes = [TYPES[letter] for letter in SIGNATURES[name]]
        function.restype = TYPES[RESULTS.get(name, "i")]
    return functions


class CompiledChip:
    """The chip of a component's ``pins``: the rules of `thresh.sim.sdram_model.SdramModel`.

    Every method raises `SdramViolation` at the first edge that the chip refuses.

    Parameters
    ----------
    simulation : CompiledFlat
        Compiled with `HARNESS`.
    chip : SdramChip
    clock_hz : float
        Of both.

    Attributes
    ----------
    words : ndarray of uint16
        Content, by address.
    """

    def __init__(self, simulation: CompiledFlat, chip: SdramChip, clock_hz: float) -> None:
        self.chip, self.clock_hz = chip, clock_hz
        self._simulation, self._functions = simulation, _declared(simulation.library)
        numbers = [getattr(chip, name) for name in SIZES]
        numbers += [chip.cycles(name, clock_hz) for name in TIMES]
        self._handle = self._functions["open"](
            simulation.handle, simulation.inputs, simulation.outputs, self._slots(PINS),
            (ctypes.c_int64 * len(numbers))(*numbers), clock_hz,
        )  # fmt: skip
        content = ctypes.cast(self._call("words"), ctypes.POINTER(ctypes.c_uint16))
        self.words = np.ctypeslib.as_array(content, (1 << chip.address_bits,))

    def close(self) -> None:
        """Free the chip; `words` are no more."""
        if self._handle:
            self.words = np.zeros(0, np.uint16)
            self._call("close")
            self._handle = None

    @property
    def cycle(self) -> int:
        """Edges so far."""
        return self._call("cycle")

    @property
    def busy(self) -> int:
        """Cycles in which the chip or the controller drove data."""
        return self._call("busy")

    @property
    def commands(self) -> dict[SdramCommand, int]:
        """How often each command came."""
        return {command: self._call("commands", command) for command in SdramCommand}

    def load(self, address: int, words: np.ndarray) -> None:
        """Put words into the chip without a command."""
        self.words[address : address + len(words)] = words

    def step(
        self, command: int, bank: int, address: int, dq: int | None, mask: int = 0
    ) -> int | None:
        """One edge of the chip alone, as of `SdramModel`."""
        word = self._checked("step", command, bank, address, -1 if dq is None else dq, mask)
        return None if word < 0 else word

    def tick(self) -> None:
        """An edge of both."""
        self._checked("tick")

    def until_zero(self, name: str) -> int:
        """Let cycles pass until an output is 0: how many; -1 after `LIMIT`."""
        return self._checked("until_zero", self._simulation.slot(name, "o")[0], LIMIT)

    def feed(self, x: np.ndarray) -> int:
        """Give a core the values of a step, to its end: its cycles; -1 after `LIMIT`."""
        mask = (1 << self._simulation.slot("x.payload", "i")[1]) - 1
        values = np.ascontiguousarray(np.asarray(x, np.int64) & mask)
        return self._checked("feed", self._slots(STEPS), values.ctypes.data, len(values), LIMIT)

    def write(self, region: int, words: Sequence[int]) -> None:
        """Words of a region of a core's access port, from address 0 on."""
        size = ceil_div(self._simulation.slot("access.write_data", "i")[1], SLOT)
        data = b"".join(int(word).to_bytes(8 * size, "little") for word in words)
        self._checked("write", self._slots(ACCESS), region, data, size, len(words))

    def read(self, region: int, addresses: Sequence[int]) -> list[int]:
        """Words of a region."""
        size = ceil_div(self._simulation.slot("access.read_data", "o")[1], SLOT)
        count = len(addresses)
        data = (ctypes.c_uint64 * (size * count))()
        self._checked(
            "read", self._slots(ACCESS), region, (ctypes.c_uint * count)(*addresses), data, size,
            count, READ_LATENCY,
        )  # fmt: skip
        return [
            sum(word << SLOT * place for place, word in enumerate(data[at : at + size]))
            for at in range(0, size * count, size)
        ]

    def _slots(self, names: Mapping[str, str]) -> ctypes.Array:
        slots = [self._simulation.slot(name, flow)[0] for name, flow in names.items()]
        return (ctypes.c_uint * len(slots))(*slots)

    def _call(self, name: str, *arguments: Any) -> Any:
        return self._functions[name](self._handle, *arguments)

    def _checked(self, name: str, *arguments: Any) -> Any:
        """As `_call`, of what lets edges pass."""
        found = self._call(name, *arguments)
        if violation := self._call("violation"):
            raise SdramViolation(violation.decode())
        return found
