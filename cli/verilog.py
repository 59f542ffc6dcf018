"""``thresh verilog``: an accelerator as source files for other people's projects."""

from pathlib import Path

import click

import thresh
from thresh.hw.boards import check_baud
from thresh.layout.link import DEFAULT_BAUD

from .output import columns_option, json_option, pointwise_lanes_option, show_report, sparse_option


@click.command("verilog")
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--lanes", type=int, default=8, show_default=True, help="Multipliers, P.")
@pointwise_lanes_option
@columns_option
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
    model: Path, lanes: int, pointwise_lanes: int | None, columns: str, sparse: bool, output: Path,
    clock_mhz: float, baud: int, preload: bool, as_json: bool,
) -> None:  # fmt: skip
    """Write an accelerator just large enough for MODEL as Verilog.

    The folder gets the Verilog, a list of its files for other tools, a C header with the link's
    constants, one with the network's sizes and image, the image itself, and a FuseSoC core.
    """
    check_baud(clock_mhz * 1e6, baud)
    accelerator = thresh.load(model).compile(
        lanes=lanes, pointwise_lanes=pointwise_lanes, columns=columns, sparse=sparse
    )
    written = accelerator.write_verilog(output, clock_mhz=clock_mhz, baud=baud, preload=preload)
    show_report(written, as_json=as_json)
