"""``thresh verilog``: an accelerator as source files for other people's projects."""

from importlib.metadata import version
from pathlib import Path

import click

from thresh.gateware.verilog import accelerator_verilog
from thresh.host.c_header import link_header, network_header
from thresh.hw.boards import check_baud
from thresh.hw.estimates.board_geometry import geometry_for
from thresh.layout.geometry import Geometry
from thresh.layout.image import Image, build_image
from thresh.layout.link import DEFAULT_BAUD
from thresh.model.files import write_atomically
from thresh.model.model_file import load_network

from .image import usage
from .output import facts, json_option, pointwise_lanes_option, show, sparse_option

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


@click.command("verilog")
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--lanes", type=int, default=8, show_default=True, help="Multipliers, P.")
@pointwise_lanes_option
@sparse_option
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=Path("build/verilog"),
    show_default=True, help="Folder for the files.",
)  # fmt: skip
@click.option("--clock-mhz", default=48.0, show_default=True, help="Clock the line is timed by.")
@click.option("--baud", default=DEFAULT_BAUD, show_default=True, help="Speed of the serial line.")
@click.option("--preload", is_flag=True, help="Memories hold MODEL from power-up.")
@json_option
def command(
    model: Path, lanes: int, pointwise_lanes: int | None, sparse: bool, output: Path,
    clock_mhz: float, baud: int, preload: bool, as_json: bool,
) -> None:  # fmt: skip
    """Write an accelerator just large enough for MODEL as Verilog.

    The folder gets the Verilog, a list of its files for other tools, a C header with the link's
    constants, one with the network's sizes and image, the image itself, and a FuseSoC core.
    """
    check_baud(clock_mhz * 1e6, baud)
    network = load_network(model)
    image = build_image(
        network, geometry_for(network, lanes=lanes, pointwise_lanes=pointwise_lanes, sparse=sparse)
    )
    files = sources(image, clock_hz=clock_mhz * 1e6, baud=baud, preload=preload)
    for name, text in files.items():
        write_atomically(output / name, text)
    data = {"output": str(output), "top": TOP, "files": sorted(files)} | usage(image)
    rows: list[tuple[str, object]] = [
        (name, f"{len(text):,} bytes") for name, text in sorted(files.items())
    ]
    title = f"{output}: accelerator for {network.name}, {lanes} lanes"
    show(data, facts(title, rows), as_json=as_json)


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


def core(geometry: Geometry) -> str:
    """The FuseSoC core description of the accelerator."""
    return CORE.format(top=TOP, version=version("thresh-hdl"), lanes=geometry.lanes)
