"""An accelerator as source files for other people's projects."""

from importlib.metadata import version
from pathlib import Path

from thresh.gateware.verilog import accelerator_verilog
from thresh.host.c_header import link_header, network_header
from thresh.hw.boards import check_baud
from thresh.layout.geometry import Geometry
from thresh.layout.image import Image
from thresh.layout.link import DEFAULT_BAUD
from thresh.model.files import write_atomically
from thresh.reports.sources import Sources

TOP = "thresh_accelerator"
"""Name of the Verilog module, and of its files."""

CORE = """\
CAPI=2:
name: thresh:thresh:{top}:{version}
description: Delta-network accelerator, {lanes} lanes
filesets:
  rtl:
    files:
      - {top}.v
    file_type: verilogSource
targets:
  default:
    filesets: [rtl]
    toplevel: {top}
"""
"""FuseSoC core description."""


def sources(
    image: Image, *, clock_hz: float, baud: int = DEFAULT_BAUD, preload: bool = False
) -> dict[str, str | bytes]:
    """Contents of every file by name.

    Parameters
    ----------
    image : Image
    clock_hz : float
        Clock of the accelerator.
    baud : int
        Bits per second of its serial line.
    preload : bool
        Memories hold the image from power-up.
    """
    verilog = accelerator_verilog(
        geometry=image.geometry, clock_hz=clock_hz, baud=baud, image=image if preload else None
    )
    return {
        f"{TOP}.v": verilog,
        f"{TOP}.f": f"{TOP}.v\n",
        f"{TOP}.core": core(image.geometry),
        "thresh_link.h": link_header(),
        "network.h": network_header(image),
        "network.img": image.to_bytes(),
    }


def write_sources(
    image: Image, folder: Path, *, clock_hz: float, baud: int, preload: bool
) -> Sources:
    """Write `sources` to ``folder``.

    Raises
    ------
    ValueError
        When the clock cannot time the serial line.
    OSError
        When the folder cannot be written.
    """
    check_baud(clock_hz, baud)
    files = sources(image, clock_hz=clock_hz, baud=baud, preload=preload)
    for name, text in files.items():
        write_atomically(folder / name, text)
    return Sources(
        folder=folder,
        image=image,
        top=TOP,
        sizes={name: len(text) for name, text in files.items()},
        lines=str(files[f"{TOP}.v"]).count("\n"),
    )


def core(geometry: Geometry) -> str:
    """The FuseSoC core description of the accelerator."""
    return CORE.format(top=TOP, version=version("thresh-hdl"), lanes=geometry.lanes)
