"""The C driver, compiled with a program that uses it."""

import shutil
import subprocess
from pathlib import Path

from thresh.host.c_header import link_header

FIRMWARE = Path(__file__).parents[3] / "firmware"
SOURCES = sorted(FIRMWARE.glob("*.c"))
CC = shutil.which("cc")
FLAGS = (
    "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Wshadow",
    "-Wcast-qual", "-Wstrict-prototypes", "-Werror", "-O1",
)  # fmt: skip
SANITIZED = ("-std=c99", "-g", "-fsanitize=address,undefined", "-Wall")


def compiled(folder, *sources, flags=FLAGS, compiler=CC):
    """A program of the driver and ``sources``; ``folder`` keeps it and the generated header."""
    (folder / "thresh_link.h").write_text(link_header())
    program = folder / "program"
    command = [compiler, *flags, f"-I{FIRMWARE}", f"-I{folder}", *SOURCES, *sources, "-o", program]
    subprocess.run(command, check=True, timeout=120)
    return program


def run(program, *arguments, timeout=30):
    """What a compiled program does with ``arguments``."""
    return subprocess.run(
        [program, *map(str, arguments)], capture_output=True, text=True, timeout=timeout
    )
