"""A device: built for a board, and what is written to a board's flash."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thresh.hw.board import Board
from thresh.hw.device_boards import DeviceBoard, find_device_board
from thresh.hw.estimates.fit import board_geometry_for
from thresh.hw.flow.built import built
from thresh.hw.flow.built_device import BuiltDevice, built_device
from thresh.hw.flow.device_flash import DeviceFlash, flash_device, replace_network
from thresh.hw.flow.flash import Cable, FlashError
from thresh.layout.device.shape import DeviceShape, hearing_of
from thresh.layout.geometry import Geometry
from thresh.model.network import Network as Integers
from thresh.reports.shown import Shown
from thresh.reports.table import Table, facts

from .bitstream import Bitstream, Flash, write_to_board
from .extras import names_extras
from .progress import Lines, said

FILES = "flash"
"""Folder beside the bitstream, of what the loader is given."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FlashedDevice(Shown):
    """A network, and with it perhaps a device, in the flash of a board.

    Parameters
    ----------
    device : `thresh.hw.device_boards.DeviceBoard`
    bitstream : Path or None
        None where the network alone was replaced.
    done : `thresh.hw.flow.device_flash.DeviceFlash`
        Commands, the slot that was written, the shape of the device.
    written : bool
        They were run.
    """

    device: DeviceBoard
    bitstream: Path | None
    done: DeviceFlash
    written: bool

    @property
    def title(self) -> str:
        """The board."""
        return self.device.board.title

    @property
    def summary(self) -> str:
        """What was written."""
        what = "a network" if self.bitstream is None else f"{self.bitstream} and its network"
        how = "was written" if self.written else "would be written"
        return f"{what} {how}, into slot {self.done.slot}"

    def to_dict(self) -> dict[str, Any]:
        """As ``thresh flash --json`` prints it."""
        return {
            "board": self.device.name,
            "bitstream": None if self.bitstream is None else str(self.bitstream),
            "slot": self.done.slot,
            "device": self.done.shape.kind,
            "commands": list(self.done.commands),
            "written": self.written,
        }

    def tables(self) -> list[Table | str]:
        """One table."""
        rows: list[tuple[str, object]] = [
            ("board", self.title),
            ("bitstream", "stays" if self.bitstream is None else self.bitstream),
            ("network in slot", self.done.slot),
            ("written", self.written),
        ]
        rows += [
            (f"command {number}", " ".join(words))
            for number, words in enumerate(self.done.commands, 1)
        ]
        return [facts(f"Flash {self.title}", rows)]


@names_extras
def write_device(
    built: BuiltDevice,
    board: str,
    *,
    dry_run: bool = False,
    cable: Cable | None = None,
    progress: Lines = None,
) -> FlashedDevice:
    """Write a device with its network; see `thresh.hw.flow.device_flash.flash_device`."""
    device = find_device_board(board)
    done = flash_device(
        device, built, folder=built.bitstream.parent / FILES, dry_run=dry_run, cable=cable,
        progress=said(progress),
    )  # fmt: skip
    return FlashedDevice(device=device, bitstream=built.bitstream, done=done, written=not dry_run)


@names_extras
def write_network(
    network: Integers,
    board: str,
    *,
    folder: Path,
    dry_run: bool = False,
    cable: Cable | None = None,
    progress: Lines = None,
) -> FlashedDevice:
    """Replace a device's network; see `thresh.hw.flow.device_flash.replace_network`."""
    device = find_device_board(board)
    done = replace_network(
        device, network, folder=folder / FILES, dry_run=dry_run, cable=cable,
        progress=said(progress),
    )  # fmt: skip
    return FlashedDevice(device=device, bitstream=None, done=done, written=not dry_run)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class DeviceBitstream(Bitstream):
    """What the build of a device made and measured.

    Parameters
    ----------
    shape : `thresh.layout.device.shape.DeviceShape`
        What the bitstream fixes: geometry, microphone, samples per second in Hz.
    built : `thresh.hw.flow.built_device.BuiltDevice`
        What is flashed.
    wanted_rate : float
        Samples per second, Hz, that the network's front end was made for.
    """

    shape: DeviceShape
    built: BuiltDevice
    wanted_rate: float

    def flash(  # type: ignore[override]
        self,
        *,
        dry_run: bool = False,
        permanent: bool = True,
        cable: Cable | None = None,
        progress: Lines = None,
    ) -> FlashedDevice:
        """Write bitstream and network into the board's flash; see `Bitstream.flash`.

        Raises
        ------
        ValueError
            When it is to last until power-off only: a device starts from its flash.
        """
        if not permanent:
            raise FlashError("A device finds its network in the flash: it is always permanent")
        return write_device(
            self.built, self.board.name, dry_run=dry_run, cable=cable, progress=progress
        )

    @property
    def title(self) -> str:
        """Board and microphone."""
        return f"{self.result.board} ({self.result.device}) as a device, {self.shape.kind}"

    @property
    def verdict(self) -> str:
        """Whether every clock is met, in words."""
        slow = [name for name, clock in self.result.clocks.items() if not clock.met]
        if not slow:
            return super().verdict
        return f"{super().verdict}; clocks not met: {', '.join(slow)}"

    def to_dict(self) -> dict[str, Any]:
        """As ``thresh build --device --json`` prints it."""
        return super().to_dict() | {
            "device_shape": self.shape.to_dict(),
            "rate_wanted": self.wanted_rate,
            "network": str(self.result.image),
            "clocks": {
                name: {
                    "clock_mhz": clock.clock_mhz,
                    "fmax_mhz": {str(seed): fmax for seed, fmax in clock.fmax_mhz.items()},
                }
                for name, clock in self.result.clocks.items()
            },
        }

    def tables(self) -> list[Table | str]:
        """Use of the device, routed clocks, and the microphone's rate."""
        rows: list[tuple[str, object]] = [
            (f"{name} clock, MHz", f"{clock.clock_mhz:g}, routed for {_listed(clock.fmax_mhz)}")
            for name, clock in self.result.clocks.items()
        ]
        off = 100 * (self.shape.rate / self.wanted_rate - 1)
        rows += [
            ("microphone", str(self.shape.microphone)),
            ("samples per second", f"{self.shape.rate:,.1f}"),
            ("the network's", f"{self.wanted_rate:,.1f} ({off:+.1f} %)"),
        ]
        return [*super().tables(), facts("Clocks", rows)]


def _listed(fmax: dict[int, float]) -> str:
    return ", ".join(f"{mhz:.1f}" for mhz in fmax.values())


def build_for(
    network: Integers, board: Board, geometry: Geometry, kind: str, options: dict[str, Any]
) -> DeviceBitstream:
    """`thresh.Accelerator.build` with a device.

    Raises
    ------
    ValueError
        When the geometry is not the board's own, or as `build_device`.
    """
    from thresh.hw.flow.device_build import build_device

    device = find_device_board(board.name)
    if geometry != board_geometry_for(network, board):
        raise ValueError(
            f"A device on {board.name} has the board's own lanes and columns: choose none"
        )
    result, shape = build_device(device, network, kind, **options)
    built = built_device(result.bitstream)
    assert built is not None
    rate = hearing_of(network)[0].rate
    return DeviceBitstream(board=board, result=result, shape=shape, built=built, wanted_rate=rate)


def flash(
    board: Board,
    bitstream: Path,
    *,
    network: Integers | None = None,
    permanent: bool = True,
    dry_run: bool = False,
    cable: Cable | None = None,
    progress: Lines = None,
) -> Flash | FlashedDevice:
    """Write ``bitstream``, with its network where it is a device; or ``network`` alone.

    Parameters
    ----------
    network : optional
        Takes the place of the network of the device that the board is; its bitstream stays.

    Raises
    ------
    ValueError
        As `thresh.bitstream.Bitstream.flash`, or when the board is no device or another than the
        network's.
    """
    if network is not None:
        return write_network(
            network, board.name, folder=built(board).parent, dry_run=dry_run, cable=cable,
            progress=progress,
        )  # fmt: skip
    device = built_device(bitstream)
    if device is None:
        return write_to_board(
            board, bitstream, dry_run=dry_run, permanent=permanent, cable=cable, progress=progress
        )
    if not permanent:
        raise FlashError("A device finds its network in the flash: it is always permanent")
    return write_device(device, board.name, dry_run=dry_run, cable=cable, progress=progress)
