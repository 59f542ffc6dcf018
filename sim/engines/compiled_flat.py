"""Any compiled component, driven cycle by cycle from Python."""

import ctypes
from collections.abc import Callable
from pathlib import Path

from thresh.layout.sizes import ceil_div

from .compiled import SOURCES, compile_verilog
from .open_memories import OpenMemories

MODULE = "thresh_flat"
"""Name of the Verilog module, a `thresh.gateware.flat_ports.FlatPorts`."""

HARNESS = SOURCES[MODULE]
"""C++ around it."""


class CompiledFlat(OpenMemories):
    """A component behind flat ports, as a compiled simulation.

    Parameters
    ----------
    verilog : str
        Of module `MODULE`.
    places : dict
        Where each port lies, see `thresh.gateware.flat_ports.FlatPorts`.
    folder : path
        Where compiled simulators are kept.
    open_memories : bool
        As `compile_verilog` takes it.
    harness : str
        C++ around it: `HARNESS`, or one that has all of that and more.

    Attributes
    ----------
    library : ctypes.CDLL
    handle : int or None
        Of the simulation; None when it is closed.
    inputs, outputs : ctypes.Array of c_uint64
        Slots of the ports.
    """

    def __init__(
        self,
        verilog: str,
        places: dict,
        folder: Path | str,
        *,
        open_memories: bool = False,
        harness: str = HARNESS,
    ) -> None:
        compiled = compile_verilog(
            verilog, MODULE, folder, open_memories=open_memories, harness=harness
        )
        library = ctypes.CDLL(str(compiled))
        library.flat_open.restype = ctypes.c_void_p
        library.flat_cycles.restype = ctypes.c_uint64
        library.flat_cycles.argtypes = library.flat_close.argtypes = [ctypes.c_void_p]
        library.flat_tick.argtypes = [ctypes.c_void_p] * 3
        self.library = library
        self.handle = library.flat_open()
        super().__init__(library, "flat", ctypes.c_void_p(self.handle))
        self._places = places
        sizes = {
            flow: 1 + max((at + width // 64 for f, at, width in places.values() if f == flow))
            for flow in "io"
        }
        self.inputs = (ctypes.c_uint64 * sizes["i"])()
        self.outputs = (ctypes.c_uint64 * sizes["o"])()
        self._pointers = ctypes.addressof(self.inputs), ctypes.addressof(self.outputs)

    def close(self) -> None:
        """Free the simulation."""
        if self.handle:
            self.library.flat_close(self.handle)
            self.handle = None

    @property
    def cycles(self) -> int:
        """Clock cycles simulated."""
        return int(self.library.flat_cycles(self.handle))

    def writer(self, name: str) -> Callable[[int], None]:
        """A function that sets an input, from the next `tick` on."""
        array, (first, width) = self.inputs, self.slot(name, "i")
        mask, slots = (1 << width) - 1, range(first, first + ceil_div(width, 64))

        def write(value: int) -> None:
            value = int(value) & mask
            for slot in slots:
                array[slot] = value & 0xFFFF_FFFF_FFFF_FFFF
                value >>= 64

        return write

    def reader(self, name: str) -> Callable[[], int]:
        """A function that says what an output was just before the last edge."""
        array, (first, width) = self.outputs, self.slot(name, "o")
        if width <= 64:
            return lambda: array[first]
        slots = range(ceil_div(width, 64))
        return lambda: sum(array[first + slot] << 64 * slot for slot in slots)

    def slot(self, name: str, flow: str) -> tuple[int, int]:
        """The first slot of a port, an input ``"i"`` or an output ``"o"``, and its bits."""
        found, first, width = self._places[name]
        if found != flow:
            raise ValueError(f"{name} is an {'in' if found == 'i' else 'out'}put")
        return first, width

    def tick(self) -> None:
        """One clock cycle."""
        self.library.flat_tick(self.handle, *self._pointers)
