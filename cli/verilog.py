"""``thresh verilog``: an accelerator as source files for other people's projects."""

from pathlib import Path

import click

import thresh
from thresh.data.inputs import load_inputs
from thresh.exports.shells import SHELLS
from thresh.hw.serial_line import check_baud
from thresh.layout.link import DEFAULT_BAUD

from .output import (
    columns_option,
    given,
    json_option,
    made_by,
    note_inputs,
    pointwise_lanes_option,
    show_report,
    sparse_option,
)


@click.command("verilog")
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--shell", type=click.Choice([*SHELLS]), default="uart", show_default=True,
    help="What lies around the core: a serial line, streams of values, or a bus.",
)  # fmt: skip
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
@click.option(
    "--memories", type=click.Choice(["files", "source"]), default="files", show_default=True,
    help="What memories begin with: .mem files, or words in the Verilog.",
)  # fmt: skip
@click.option(
    "--clip", type=click.Path(path_type=Path),
    help="What the benches run: an audio file, or a .npy of one sequence (a shipped clip).",
)  # fmt: skip
@json_option
def command(
    model: Path, shell: str, lanes: int, pointwise_lanes: int | None, columns: str, sparse: bool,
    output: Path, clock_mhz: float, baud: int, preload: bool, memories: str, clip: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Write an accelerator just large enough for MODEL as a folder that stands by itself.

    The folder gets the Verilog, a README with ports and timing, a bench in Verilog and one in
    cocotb that run a clip, a FuseSoC core, the network image and, where there is a line or a bus,
    the C driver with its headers.
    """
    if shell == "uart":
        check_baud(clock_mhz * 1e6, baud)
    elif given("baud"):
        raise click.UsageError(f"--baud is for --shell uart: {shell} has no serial line.")
    accelerator = thresh.load(model).compile(
        lanes=lanes, pointwise_lanes=pointwise_lanes, columns=columns, sparse=sparse
    )
    heard = load_inputs(clip, accelerator.integers) if clip else None
    note_inputs(heard or ())
    written = accelerator.write_verilog(
        output, shell=shell, clip=heard, clock_mhz=clock_mhz, baud=baud, preload=preload,
        memory_files=memories == "files", command=made_by("output"),
    )  # fmt: skip
    show_report(written, as_json=as_json)
