"""A bitstream onto a board, through openFPGALoader."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from thresh.hw.board import Board
from thresh.hw.chips import CHIPS
from thresh.tools.loader import LOADER, find_loader, find_program

RULES_FILE = "/etc/udev/rules.d/60-thresh.rules"


FREQUENCIES_HZ = (1_000, 60_000_000)
"""Least and most of what cables do."""


class FlashError(ValueError):
    """The board was not written."""


@dataclass(frozen=True, kw_only=True)
class Cable:
    """How a board is reached, where its own USB bridge is not what is used or there are several.

    Parameters
    ----------
    name : str, optional
        openFPGALoader's name of a cable, such as ``ft2232``.
    frequency_hz : int, optional
        Of the programming clock.
    bus : str, optional
        USB bus and device, as ``1:4``.

    Raises
    ------
    FlashError
        For a frequency or a bus that cannot be.
    """

    name: str | None = None
    frequency_hz: int | None = None
    bus: str | None = None

    def __post_init__(self) -> None:
        least, most = FREQUENCIES_HZ
        if self.frequency_hz is not None and not least <= self.frequency_hz <= most:
            raise FlashError(
                f"The cable's frequency must be 1 kHz to 60 MHz, not {self.frequency_hz} Hz"
            )
        if self.bus is not None and not re.fullmatch(r"\d+:\d+", self.bus):
            raise FlashError(f"The bus must be a bus and a device as 1:4, not {self.bus!r}")

    def options(self) -> list[str]:
        """openFPGALoader's options."""
        given = {"--cable": self.name, "--freq": self.frequency_hz, "--busdev-num": self.bus}
        return [str(w) for pair in given.items() if pair[1] is not None for w in pair]


def flash(
    board: Board,
    bitstream: Path | str,
    *,
    dry_run: bool = False,
    permanent: bool = True,
    cable: Cable | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[str]:
    """Write ``bitstream`` to ``board``.

    Parameters
    ----------
    board : Board
    bitstream : path of a ``.bin`` (iCE40), ``.bit`` (ECP5) or ``.fs`` (Gowin) file
    dry_run : bool
        Run nothing.
    permanent : bool
        Into flash memory, so that it is there after the next power-up. Where the loader cannot do
        anything else, it always goes there.
    cable : Cable, optional
    progress : function of str, optional
        Told each line of the loader.

    Returns
    -------
    list of str
        The loader's command.

    Raises
    ------
    FlashError
        In one sentence: the file, the loader or the board is missing, the user may not open it, or
        it carries another device.
    """
    bitstream = Path(bitstream)
    if not bitstream.is_file():
        raise FlashError(f"{bitstream} is missing; make it with: thresh build {board.name} MODEL")
    command = flash_command(board, bitstream, permanent=permanent, cable=cable)
    if not dry_run:
        run_loader(board, command, progress)
    return command


def run_loader(
    board: Board, command: list[str], progress: Callable[[str], None] | None = None
) -> None:
    """Run a command of the loader.

    Raises
    ------
    FlashError
        In one sentence: what is missing, or what went wrong.
    """
    status, output = _run(command, progress or (lambda text: None))
    _judge(board, status, output)


def flash_command(
    board: Board, bitstream: Path, *, permanent: bool = True, cable: Cable | None = None
) -> list[str]:
    """The loader's command that writes ``bitstream``."""
    loader = board.loader
    words = loader.to_flash if permanent or loader.to_sram is None else loader.to_sram
    return loader_command(board, *words, str(bitstream), cable=cable)


def loader_command(board: Board, *words: str, cable: Cable | None = None) -> list[str]:
    """The loader of ``board`` with what reaches it, then ``words``.

    Raises
    ------
    FlashError
        When a cable is chosen for a loader that has none.
    """
    loader, way = board.loader, (cable or Cable()).options()
    if loader.tool != LOADER and way:
        raise FlashError(f"{loader.tool} reaches the {board.title} by itself: choose no cable")
    program = find_loader() if loader.tool == LOADER else find_program(loader.tool, loader.where)
    return [program, *loader.options, *way, *words]


def udev_rule(board: Board) -> str:
    """The rule that lets the user at the computer open the board's USB bridge."""
    return "\n".join(
        f'SUBSYSTEM=="usb", ATTRS{{idVendor}}=="{vendor}", ATTRS{{idProduct}}=="{product}", '
        f'MODE="0660", TAG+="uaccess"'
        for vendor, product in (ids.split(":") for ids in board.usb_ids)
    )


def _run(command: list[str], say: Callable[[str], None]) -> tuple[int, str]:
    lines = []
    try:
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line)
                say(re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip())
    except OSError as error:
        raise FlashError(f"{Path(command[0]).name} does not start: {error}") from error
    return process.returncode, re.sub(r"\x1b\[[0-9;]*m", "", "".join(lines))


def _judge(board: Board, status: int, output: str) -> None:
    """Raise what went wrong; the loader may end with status 0 after a failure."""
    library = re.search(r"loading shared libraries: (\S+):", output)
    if library:
        raise FlashError(
            f"openFPGALoader lacks the system library {library[1]}; install libusb 1.0 and "
            f"libftdi 1, on Debian and Ubuntu with: apt-get install libusb-1.0-0 libftdi1-2"
        )
    if re.search(r"device not found|cannot find cable|No such device", output):
        raise FlashError(
            f"No {board.title} was found: USB device {' or '.join(board.usb_ids)} is not connected"
        )
    if re.search(r"usb_open\(\) failed|ACCESS|[Pp]ermission|insufficient perm", output):
        raise FlashError(
            f"The {board.title} may not be opened by this user; write this line to {RULES_FILE} "
            f"and reconnect the board: {udev_rule(board)}"
        )
    wrong = re.search(r"bitstream has (0x\w+) hardware requires (0x\w+)", output)
    if wrong:
        raise FlashError(
            f"The bitstream is for {_device(wrong[1])}, the board carries {_device(wrong[2])}"
        )
    error = re.search(r"^.*(?:\berror\b|\bFAIL\b|\bfailed\b).*$", output, re.MULTILINE | re.I)
    if status or error:
        last = error[0] if error else (output.strip().splitlines() or [f"status {status}"])[-1]
        raise FlashError(f"{board.loader.tool} failed: {last.strip()}")


def _device(idcode: str) -> str:
    known = {chip.idcode: chip.name for chip in CHIPS.values() if chip.idcode}
    number = int(idcode, 16)
    return f"an {known[number]}" if number in known else f"a device with IDCODE {idcode}"
