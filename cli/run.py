"""``thresh run``: audio through an accelerator behind a serial port."""

from pathlib import Path

import click

import thresh
from thresh.data.inputs import load_inputs
from thresh.layout.link import DEFAULT_BAUD
from thresh.model.files import write_atomically
from thresh.model.snapshot import read_snapshot
from thresh.model.untrusted import read_bytes

from .output import fail, json_option, note_inputs, raw_option, show_report, top_option


@click.command("run")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("source", metavar="INPUT", type=click.Path(path_type=Path))
@click.option("-p", "--port", required=True, help="Serial port, such as /dev/ttyUSB1 or COM3.")
@click.option("--baud", default=DEFAULT_BAUD, show_default=True, help="Bits per second.")
@click.option("--timeout", default=1.0, show_default=True, help="Seconds to wait for an answer.")
@click.option("--keep", is_flag=True, help="Use the network that is loaded; load nothing.")
@click.option("--resume", type=click.Path(path_type=Path), help="Go on from a saved state.")
@click.option(
    "--save", type=click.Path(path_type=Path), help="Save the state after the last frame."
)
@click.option(
    "--verify", type=click.IntRange(min=1), metavar="N",
    help="Compare all that is kept in every N-th step, and the memories at the end.",
)  # fmt: skip
@top_option
@raw_option
@json_option
def command(
    model: Path, source: Path, port: str, baud: int, timeout: float, keep: bool,
    resume: Path | None, save: Path | None, verify: int | None, top: int | None, raw: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Run INPUT (an audio file, or as for golden) on an accelerator that holds MODEL.

    The network is laid out for the accelerator that answers, loaded, and every output is compared
    with the golden model. Status 1 when one differs, or when --verify finds something wrong.
    """
    network = thresh.load(model)
    begin = read_snapshot(read_bytes(resume), network.integers) if resume else None
    inputs = load_inputs(source, network.integers, raw=raw)
    if (resume or save) and len(inputs) != 1:
        raise ValueError(f"A state is that of one sequence, and {source} holds {len(inputs)}")
    note_inputs(inputs)
    with network.connect(
        port, baud=baud, timeout=timeout, load=not keep, progress=True
    ) as accelerator:
        found = accelerator.run(inputs, begin=begin, top=top, verify=verify, progress=True)
        if save:
            write_atomically(save, accelerator.state().to_bytes())
    show_report(found, as_json=as_json)
    if not found.good:
        fail(None)
