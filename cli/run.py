"""``thresh run``: audio through an accelerator behind a serial port."""

from pathlib import Path
from typing import Any

import click
import numpy as np

from thresh.data.inputs import Sequence, load_inputs
from thresh.host.client import Client
from thresh.host.run import Utterance, run_utterance
from thresh.host.transport import SerialTransport
from thresh.layout.image import build_image
from thresh.layout.link import DEFAULT_BAUD
from thresh.model.files import write_atomically
from thresh.model.model_file import load_network
from thresh.model.network import Network
from thresh.model.snapshot import Snapshot, read_snapshot
from thresh.sim.golden import GoldenModel
from thresh.sim.golden_runs import run_golden
from thresh.sim.golden_snapshot import restore

from .output import cycles_text, facts, json_option, messages, progress, show
from .top import top_option, top_rows, with_top


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
@top_option
@json_option
def command(
    model: Path,
    source: Path,
    port: str,
    baud: int,
    timeout: float,
    keep: bool,
    resume: Path | None,
    save: Path | None,
    top: int | None,
    as_json: bool,
) -> None:
    """Run INPUT (a WAV file, or as for golden) on an accelerator that holds MODEL.

    The network is laid out for the accelerator that answers, loaded, and every output is compared
    with the golden model. Status 1 when one differs.
    """
    network = load_network(model)
    begin = read_snapshot(resume.read_bytes(), network) if resume else None
    inputs = load_inputs(source, network)
    if (resume or save) and len(inputs) != 1:
        raise ValueError(f"A state is that of one sequence, and {source} holds {len(inputs)}")
    for item in inputs:
        if item.note:
            messages().print(f"note: {item.note}")
    with SerialTransport(port, baud) as transport:
        client = Client(transport, timeout=timeout)
        if not keep:
            image = build_image(network, client.identify().geometry)
            with progress("loading the network") as update:
                client.load(image, update)
        clock_khz = client.identify().clock_khz
        utterances = []
        with progress("running") as update:
            for number, item in enumerate(inputs):
                utterances.append(run_utterance(client, network, item.x, begin=begin))
                update(number + 1, len(inputs))
        if save:
            write_atomically(save, client.save().to_bytes())
    golden = _golden(network, inputs, begin)
    mismatches = sum(
        int(np.count_nonzero(there.outputs != outputs))
        for there, outputs in zip(utterances, golden, strict=True)
    )
    data = _summary(inputs, utterances, clock_khz) | {"mismatches": mismatches}
    data = with_top(data, network, [item.outputs for item in utterances], top)
    plain = data | {"cycles_per_frame": cycles_text(data["cycles_per_frame"])}
    hidden = ("utterances", "top")
    rows = [(name.replace("_", " "), text) for name, text in plain.items() if name not in hidden]
    if len(inputs) > 1:
        rows += [(item["input"], item["heard"]) for item in data["utterances"]]
    rows += top_rows(data)
    show(data, facts(f"{network.name} on {port}", rows), as_json=as_json)
    if mismatches:
        raise click.exceptions.Exit(1)


def _golden(network: Network, inputs: list[Sequence], begin: Snapshot | None) -> list[np.ndarray]:
    """The golden model's outputs of every sequence."""
    if begin is None:
        return [run.outputs for run in run_golden(network, [item.x for item in inputs])]
    model = GoldenModel(network)
    restore(model, begin)
    return [model.run(item.x[None]).outputs[0] for item in inputs]


def _summary(inputs: list[Sequence], utterances: list[Utterance], clock_khz: int) -> dict[str, Any]:
    cycles = np.concatenate([item.cycles for item in utterances])
    heard = [item.decision for item in utterances]
    data: dict[str, Any] = {"heard": heard[0]} if len(inputs) == 1 else {}
    return data | {
        "utterances": [
            {"input": item.name, "label": item.label, "heard": word}
            for item, word in zip(inputs, heard, strict=True)
        ],
        "frames": len(cycles),
        "cycles_per_frame": {
            "min": int(cycles.min()),
            "mean": float(cycles.mean()),
            "max": int(cycles.max()),
        },
        "microseconds_per_frame": float(cycles.mean()) / clock_khz * 1000 if clock_khz else None,
    }
