"""A device's bitstream and network into its board's flash, or another network alone.

openFPGALoader erases what a file will cover, in blocks of 64 KiB where that many lie ahead, and
then programs from the first address on. So every file begins at such a block, and a slot is written
with its first block, in which its header lies, last of all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from thresh.hw.device_boards import BLOCK_BYTES, DeviceBoard, shape_for
from thresh.layout.device.image import device_body
from thresh.layout.device.shape import PLATE_BYTES, DeviceShape, read_plate
from thresh.layout.flash_boot import next_slot
from thresh.layout.flash_slots import (
    HEADER_BYTES,
    MARK,
    PAGE_BYTES,
    SECTOR_BYTES,
    SLOTS,
    FlashLayout,
)
from thresh.model.files import write_atomically
from thresh.model.network import Network
from thresh.model.untrusted import read_bytes

from .built_device import BuiltDevice
from .flash import Cable, FlashError, flash_command, loader_command, run_loader

BLANK = b"\xff"
Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Piece:
    """``data`` to be written from ``address`` on, the first of a block; ``name`` of its file."""

    name: str
    address: int
    data: bytes


@dataclass(frozen=True, kw_only=True)
class DeviceFlash:
    """What was done, or would be.

    Parameters
    ----------
    commands : tuple of list of str
        openFPGALoader's, in order.
    slot : int
        That the network goes into.
    shape : DeviceShape
        Of the device on the board.
    """

    commands: tuple[list[str], ...]
    slot: int
    shape: DeviceShape


def slot_pieces(layout: FlashLayout, slot: int, content: bytes) -> list[Piece]:
    """How a slot is replaced: marked as half-written, then all but its first block, then that."""
    first = layout.slot_address(slot)
    mark = BLANK * (PAGE_BYTES - HEADER_BYTES) + MARK
    rest = content[BLOCK_BYTES:]
    return [
        Piece(name="mark", address=first, data=mark.ljust(SECTOR_BYTES, BLANK)),
        *([Piece(name="rest", address=first + BLOCK_BYTES, data=rest)] if rest else []),
        Piece(name="first", address=first, data=content[:BLOCK_BYTES]),
    ]


def flash_device(
    device: DeviceBoard,
    built: BuiltDevice,
    *,
    folder: Path,
    dry_run: bool = False,
    cable: Cable | None = None,
    progress: Progress | None = None,
) -> DeviceFlash:
    """Write a device and the network that it was built with.

    Both slots and what the flash says of its device are made blank before the bitstream is touched,
    so that no network of another device is ever loaded.

    Parameters
    ----------
    folder : Path
        Of the files that the loader is given.

    Raises
    ------
    FlashError
        As `thresh.hw.flow.flash.flash`, or when the bitstream reaches into the slots.
    """
    layout, board = device.layout(built.shape), device.board
    size = built.bitstream.stat().st_size
    if size > device.plate_address:
        raise FlashError(
            f"{built.bitstream} has {size} bytes, before the networks there are "
            f"{device.plate_address}"
        )
    slot, content = next_slot(BLANK * layout.end, layout, built.body)
    places = [*(layout.slot_address(n) for n in range(SLOTS)), device.plate_address]
    before = [
        Piece(name=f"blank{n}", address=place, data=BLANK * SECTOR_BYTES)
        for n, place in enumerate(places)
    ]
    plate = Piece(name="device", address=device.plate_address, data=built.shape.plate)
    after = [plate, *slot_pieces(layout, slot, content)]
    commands = [_write(device, piece, folder, cable) for piece in before]
    commands.append(flash_command(board, built.bitstream, cable=cable))
    commands += [_write(device, piece, folder, cable) for piece in after]
    if not dry_run:
        _keep(folder, [*before, *after])
        for command in commands:
            run_loader(board, command, progress)
    return DeviceFlash(commands=tuple(commands), slot=slot, shape=built.shape)


def replace_network(
    device: DeviceBoard,
    network: Network,
    *,
    folder: Path,
    dry_run: bool = False,
    cable: Cable | None = None,
    progress: Progress | None = None,
) -> DeviceFlash:
    """Write a network beside the one that a device has; its bitstream stays.

    The flash is read first: which device it carries, and which slot is free. In whatever step the
    power ends, the network of before or the new one is loaded. A dry run reads nothing, and shows
    what is done with a blank flash behind a device made for the network.

    Raises
    ------
    FlashError
        As `thresh.hw.flow.flash.flash`, or when the flash carries no device.
    ValueError
        When the network does not fit the device on the board.
    """
    shape = shape_for(device, network, "pdm")
    start, end = device.plate_address, device.layout(shape).end
    dump = folder / "dump.bin"
    words = ("--dump-flash", "--offset", str(start), "--file-size", str(end - start), str(dump))
    commands = [loader_command(device.board, *words, cable=cable)]
    flash = BLANK * end
    if not dry_run:
        folder.mkdir(parents=True, exist_ok=True)
        dump.unlink(missing_ok=True)
        run_loader(device.board, commands[0], progress)
        flash = BLANK * start + _dumped(dump, end - start)
        shape = _device_in(device, flash[start : start + PLATE_BYTES])
    layout = device.layout(shape)
    slot, content = next_slot(flash, layout, device_body(network, shape, layout))
    pieces = slot_pieces(layout, slot, content)
    writes = [_write(device, piece, folder, cable) for piece in pieces]
    if not dry_run:
        _keep(folder, pieces)
        for command in writes:
            run_loader(device.board, command, progress)
    return DeviceFlash(commands=(*commands, *writes), slot=slot, shape=shape)


def _device_in(device: DeviceBoard, plate: bytes) -> DeviceShape:
    try:
        return read_plate(plate)
    except ValueError as error:
        raise FlashError(
            f"{error}: write a device to the {device.board.title} first, with: thresh build "
            f"{device.name} MODEL --device pdm, then thresh flash {device.name}"
        ) from error


def _dumped(path: Path, size: int) -> bytes:
    data = read_bytes(path, size) if path.is_file() else b""
    if len(data) != size:
        raise FlashError(f"openFPGALoader read {len(data)} of {size} bytes of the flash")
    return data


def _path(piece: Piece, folder: Path) -> Path:
    return folder / f"{piece.name}.bin"


def _keep(folder: Path, pieces: list[Piece]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for piece in pieces:
        write_atomically(_path(piece, folder), piece.data)


def _write(device: DeviceBoard, piece: Piece, folder: Path, cable: Cable | None) -> list[str]:
    words = ("--write-flash", "--verify", "--offset", str(piece.address))
    return loader_command(device.board, *words, str(_path(piece, folder)), cable=cable)
