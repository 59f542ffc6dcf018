"""A network compiled for an accelerator: run, simulated, written, built."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thresh.hw.board import Board
from thresh.layout.geometry import Geometry
from thresh.layout.image import Image, save_image
from thresh.layout.link import DEFAULT_BAUD
from thresh.model.files import BUILDS
from thresh.model.given import file, numbers, one_of, real, whole
from thresh.model.network import Network as Integers
from thresh.reports.placed import Placed, usage
from thresh.reports.shown import Shown
from thresh.reports.table import Table, facts

from .extras import names_extras
from .golden import Golden
from .progress import Lines, Progress, said, told
from .sequences import Sequences

if TYPE_CHECKING:
    from thresh.performance.activity import Activity
    from thresh.reports.device.estimate import DeviceEstimate
    from thresh.reports.estimate import Estimate
    from thresh.reports.hardware.sdram import SdramCost
    from thresh.reports.simulation import Simulation
    from thresh.reports.sources import Sources

    from .bitstream import Bitstream
    from .connection import Connection
    from .network import Network


class Accelerator(Golden, Shown):
    """A network laid out for an accelerator.

    Parameters
    ----------
    network : Network
    image : `thresh.layout.image.Image`
        Geometry, placement and every word of the memories, one level down.
    board : `thresh.hw.board.Board` or None
        None where it is just large enough for the network, to simulate or to write as Verilog.
    """

    def __init__(self, network: "Network", image: Image, board: Board | None = None) -> None:
        self.network = network
        self.image = image
        self.board = board

    @property
    def integers(self) -> Integers:
        """The network, one level down."""
        return self.network.integers

    @property
    def geometry(self) -> Geometry:
        """Lanes, widths and memory depths, one level down."""
        return self.image.geometry

    @property
    def lanes(self) -> int:
        """Multipliers, P."""
        return self.geometry.lanes

    def estimate(
        self, x: Sequences = None, *, activity: "Activity | float | None" = None
    ) -> "Estimate | DeviceEstimate | SdramCost":
        """Cost and fit on the board; ``x`` and ``activity`` are those of `Network.estimate`.

        Raises
        ------
        ValueError
            When the accelerator was compiled without a board.
        """
        from .compilation import estimate_network

        board = self._needs_board("estimate")
        if x is not None:
            activity = self.network.measure(x)
        return estimate_network(self.integers, board, geometry=self.geometry, activity=activity)

    @names_extras
    def simulate(
        self,
        x: Sequences,
        *,
        engine: str = "compiled",
        folder: str | os.PathLike[str] = BUILDS / "sim",
        waveform: bool = False,
        progress: Progress = None,
    ) -> "Simulation":
        """Simulate the gateware, and compare every integer after every step.

        Parameters
        ----------
        x :
            As for `predict`.
        engine : str
            ``"compiled"``: the core alone, fast, beside its SDRAM where columns lie in one;
            ``"verilator"`` and ``"icarus"``: the whole accelerator over its serial pins.
        folder : path
            For compiled simulators, logs and waveforms; a design is compiled once.
        waveform : bool
            Write one; not with ``"compiled"``.
        progress : callable or bool, optional
            Told how many steps of how many are done; True shows a bar.

        Returns
        -------
        Simulation
            ``equal`` says whether all integers are the golden model's.

        Raises
        ------
        ValueError
            When there is no such engine, it is missing or hangs, or ``x`` is no input.
        """
        from thresh.sim.runner import ENGINES

        from .simulation import simulate_accelerator

        one_of("engine", engine, ENGINES)
        place = file("folder", folder)
        batch = self.read(x)
        with told(progress, "simulating") as update:
            return simulate_accelerator(
                self.image, self.board, batch.integers, engine=engine, folder=place,
                update=update, waveform=waveform,
            )  # fmt: skip

    @names_extras
    def serve(
        self,
        announce: Callable[[str], None] = print,
        *,
        folder: str | os.PathLike[str] = BUILDS / "sim",
    ) -> None:
        """Serve the simulated accelerator as a serial port, until it is interrupted.

        Parameters
        ----------
        announce : callable
            Told the port's name, which `connect` takes.
        folder : path
            For the compiled simulator.
        """
        from .simulation import serve

        self._needs_chip("serve")
        serve(self.geometry, Path(folder), announce)

    @names_extras
    def write_verilog(
        self, folder: str | os.PathLike[str] = BUILDS / "verilog", *, shell: str = "uart",
        clip: Sequences = None, clock_mhz: float = 48.0, baud: int = DEFAULT_BAUD,
        preload: bool = False, memory_files: bool = True,
        command: str = "Accelerator.write_verilog",
    ) -> "Sources":  # fmt: skip
        """Write a folder for somebody else's design: Verilog, benches, C driver, FuseSoC core.

        Parameters
        ----------
        folder : path
        shell : str
            What lies around the core: ``"uart"``, ``"stream"``, ``"axi"``, ``"wishbone"``.
        clip : optional
            One sequence that the benches run, as for `predict`; a shipped one when absent.
        clock_mhz, baud, preload, memory_files, command :
            As for `thresh.sources.write_sources`: how the line is timed, what memories hold.

        Raises
        ------
        ValueError
            When there is no such shell, or the clock cannot time the line.
        """
        from .sources import write_sources

        self._needs_chip("write Verilog of")
        heard = None if clip is None else self.read(clip).integers
        return write_sources(
            self.image, file("folder", folder), shell=shell, clips=heard, clock_mhz=clock_mhz,
            baud=baud, preload=preload, memory_files=memory_files, command=command,
        )  # fmt: skip

    def write_image(self, path: str | os.PathLike[str]) -> Placed:
        """Write the network image that a host loads over the link."""
        place = file("The image", path)
        save_image(self.image, place)
        return Placed(image=self.image, path=place, board=self.board.name if self.board else None)

    @names_extras
    def build(
        self,
        folder: str | os.PathLike[str] | None = None,
        *,
        seeds: int | Sequence[int] = 3,
        jobs: int = 1,
        minutes: float | None = None,
        device: str | None = None,
        progress: Lines = None,
    ) -> "Bitstream":
        """Synthesise, place and route. What is done is not done again.

        Parameters
        ----------
        folder : path, optional
            ``build/BOARD`` when absent, where ``thresh flash`` looks.
        seeds : int or sequence of int
            How many placements are tried, or which; the fastest is kept.
        jobs : int
            Placements at a time.
        minutes : float, optional
            After which a placement is given up.
        device : str, optional
            ``"pdm"`` or ``"i2s"``: a device that hears with such a microphone, without a computer.
        progress : callable or bool, optional
            Told each step in a line of text; True prints them.

        Returns
        -------
        Bitstream
            ``met`` says whether the clock is; ``flash()`` writes it to the board.

        Raises
        ------
        ValueError
            Without a board, when a tool fails, or the network is none for a device.
        """
        from thresh.hw.flow.build import build

        from .bitstream import Bitstream

        board = self._needs_board("build")
        options: dict[str, Any] = {
            "out_dir": BUILDS / board.name if folder is None else file("folder", folder),
            "seeds": numbers("seeds", seeds),
            "jobs": whole("jobs", jobs, 1),
            "minutes": None if minutes is None else real("minutes", minutes, above=0),
            "progress": said(progress),
        }
        if device is not None:
            from .device_bitstream import build_for

            return build_for(self.integers, board, self.geometry, device, options)
        return Bitstream(board=board, result=build(board, self.image, **options))

    def connect(
        self, port: Any, *, baud: int = DEFAULT_BAUD, timeout: float = 1.0, load: bool = True,
        progress: Progress = None,
    ) -> "Connection":  # fmt: skip
        """As `Network.connect`: the network is laid out again for the accelerator that answers."""
        return self.network.connect(port, baud=baud, timeout=timeout, load=load, progress=progress)

    def _needs_chip(self, verb: str) -> None:
        if self.geometry.columns != "chip":
            raise ValueError(f"To {verb} an accelerator, compile it with its columns on the chip")

    def _needs_board(self, verb: str) -> Board:
        if self.board is None:
            raise ValueError(f"To {verb} an accelerator, compile the network for a board")
        return self.board

    @property
    def title(self) -> str:
        """Network, board and lanes."""
        where = f" on {self.board.name}" if self.board else ""
        return f"{self.network.name}{where}, {self.lanes} lanes"

    @property
    def summary(self) -> str:
        """Its memories."""
        return ", ".join(
            f"{used['used']:,} of {used['available']:,} words of {name}"
            for name, used in usage(self.image)["memories"].items()
        )

    def to_dict(self) -> dict[str, Any]:
        """Board, and what is used of every memory."""
        return {"board": self.board and self.board.name} | usage(self.image)

    def tables(self) -> list[Table | str]:
        """Lanes, and the use of every memory."""
        used = usage(self.image)
        lanes = {"lanes": self.lanes, "pointwise lanes": self.geometry.pointwise_lanes}
        rows: list[tuple[str, object]] = [*lanes.items()]
        rows += [
            (name, f"{words['used']:,} of {words['available']:,} words")
            for name, words in used["memories"].items()
        ]
        return [facts(f"Accelerator: {self.title}", rows)]
