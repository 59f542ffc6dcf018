"""``thresh sim``: the simulated accelerator, compared with the golden model or served."""

import json
from pathlib import Path
from typing import Any

import click

from thresh.data.inputs import SPLITS, load_inputs
from thresh.hw.estimates.board_geometry import board_geometry, geometry_for
from thresh.layout.geometry import Geometry
from thresh.layout.image import build_image
from thresh.model.model_file import load_network
from thresh.sim.engines.compiled import CompiledLine, compile_verilog
from thresh.sim.engines.serial_engine import DIVISOR
from thresh.sim.pty_server import serve
from thresh.sim.runner import ENGINES

from .output import cycles_text, facts, json_option, messages, progress, show, sparse_option
from .simulation import as_data, run_simulation, verilog_of

DEFAULT_ENGINE = "verilator"


@click.command("sim")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("source", metavar="[INPUT]", type=click.Path(path_type=Path), required=False)
@click.option("--board", default="icebreaker", show_default=True, help="Whose dimensions to use.")
@click.option("--lanes", type=int, help="Dimensions just large enough for MODEL instead.")
@sparse_option
@click.option(
    "--engine", type=click.Choice(list(ENGINES)), default=DEFAULT_ENGINE,
    show_default=True, help="compiled: the core alone, fast; the others: over its serial line.",
)  # fmt: skip
@click.option("--split", type=click.Choice(SPLITS), default="all", help="Part of a folder.")
@click.option("--limit", type=int, help="Run only so many sequences, evenly spread.")
@click.option("--waveform", is_flag=True, help="Write one, for the first difference.")
@click.option("--serve", "serving", is_flag=True, help="Serve it as a serial port, until Ctrl-C.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=Path("build/sim"),
    show_default=True, help="Folder for compiled simulators and waveforms.",
)  # fmt: skip
@json_option
def command(
    model: Path, source: Path | None, board: str, lanes: int | None, sparse: bool, engine: str,
    split: str, limit: int | None, waveform: bool, serving: bool, output: Path, as_json: bool,
) -> None:  # fmt: skip
    """Simulate an accelerator that holds MODEL on INPUT (as for golden), every integer compared.

    Status 1, with the first difference, when an integer differs from the golden model. With
    --serve the accelerator appears as a serial port for `thresh run` and other programs; the
    host loads MODEL over it.
    """
    network = load_network(model)
    if lanes:
        geometry = geometry_for(network, lanes=lanes, sparse=sparse)
    else:
        geometry = board_geometry(board, network=network, sparse=sparse)
    build_image(network, geometry)
    if serving:
        _serve(geometry, output, as_json=as_json)
        return
    if source is None:
        raise click.UsageError("Missing argument 'INPUT' (or give --serve).")
    inputs = load_inputs(source, network, split=split, limit=limit)
    for item in inputs:
        if item.note:
            messages().print(f"note: {item.note}")
    with progress("simulating") as update:
        result = run_simulation(
            network, [item.x for item in inputs], geometry, engine=engine, folder=output,
            update=update, waveform=waveform,
        )  # fmt: skip
    data = as_data(result)
    show(data, facts(f"Simulation: {network.name}, {geometry.lanes} lanes", rows(data)),
         as_json=as_json)  # fmt: skip
    if result.mismatches:
        messages().print(f"thresh: {result.first_difference}", markup=False, soft_wrap=True)
        raise click.exceptions.Exit(1)


def rows(data: dict[str, Any]) -> list[tuple[str, object]]:
    """A simulation for people."""
    plain = data | {
        "cycles_per_frame": cycles_text(data["cycles_per_frame"]),
        "utilisation": f"{data['utilisation']:.1%}",
    }
    return [(name.replace("_", " "), value) for name, value in plain.items() if value is not None]


def _serve(geometry: Geometry, folder: Path, *, as_json: bool) -> None:
    name = "thresh_accelerator"
    messages().print("compiling the accelerator")
    library = compile_verilog(verilog_of(geometry, name), name, folder)
    line = CompiledLine(library, DIVISOR)

    def announce(port: str) -> None:
        data = {"port": port, "lanes": geometry.lanes}
        click.echo(json.dumps(data) if as_json else f"serving on {port}, Ctrl-C ends it")

    try:
        serve(line, announce)
    finally:
        line.close()
