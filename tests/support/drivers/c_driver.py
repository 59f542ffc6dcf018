"""The C driver, compiled with a program that uses it."""

import shutil
import subprocess
from pathlib import Path

from thresh.exports.register_texts import register_header
from thresh.host.c_header import link_header
from thresh.layout.registers import register_map

FIRMWARE = Path(__file__).parents[3] / "firmware"
SOURCES = sorted(FIRMWARE.glob("*.c"))
CC = shutil.which("cc")
FLAGS = (
    "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Wshadow",
    "-Wcast-qual", "-Wstrict-prototypes", "-Werror", "-O1",
)  # fmt: skip
SANITIZED = ("-std=c99", "-g", "-fsanitize=address,undefined", "-Wall")


def write_headers(folder, values=True):
    """The generated headers. ``values``: those of a frame have registers."""
    (folder / "thresh_link.h").write_text(link_header())
    registers = register_map(window_words=1, values=values)
    (folder / "thresh_map.h").write_text(register_header(registers))


def compiled(folder, *sources, flags=FLAGS, compiler=CC, values=True):
    """A program of the driver and ``sources``; ``folder`` keeps it and the generated headers."""
    write_headers(folder, values)
    program = folder / "program"
    command = [compiler, *flags, f"-I{FIRMWARE}", f"-I{folder}", *SOURCES, *sources, "-o", program]
    subprocess.run(command, check=True, timeout=120)
    return program


def run(program, *arguments, timeout=30):
    """What a compiled program does with ``arguments``."""
    return subprocess.run(
        [program, *map(str, arguments)], capture_output=True, text=True, timeout=timeout
    )
