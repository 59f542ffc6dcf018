"""``thresh image``: a network laid out for a board's memories."""

from pathlib import Path
from typing import Any

import click

from thresh.hw.estimates.board_geometry import board_geometry
from thresh.layout.image import Image, build_image, save_image
from thresh.model.model_file import load_network

from .output import facts, json_option, show, sparse_option


@click.command("image")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("board")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write.")
@click.option("--lanes", type=int, help="Lanes, where the bitstream was built with other ones.")
@sparse_option
@json_option
def command(
    model: Path, board: str, output: Path | None, lanes: int | None, sparse: bool, as_json: bool
) -> None:
    """Lay the network MODEL out for BOARD's memories and write the network image."""
    network = load_network(model)
    geometry = board_geometry(board, network=network, lanes=lanes, sparse=sparse)
    image = build_image(network, geometry)
    path = output or model.with_suffix(f".{board}.img").name
    save_image(image, path)
    data = {"board": board, "image": str(path)} | usage(image)
    rows = [(name.replace("_", " "), value) for name, value in data.items() if name != "memories"]
    rows += [
        (name.replace("_", " "), f"{used['used']:,} of {used['available']:,} words")
        for name, used in data["memories"].items()
    ]
    show(data, facts(f"Network image: {image.network.name}", rows), as_json=as_json)


def usage(image: Image) -> dict[str, Any]:
    """Size of ``image`` and what it uses of each memory, as JSON."""
    placement, geometry = image.placement, image.geometry
    memories = {
        "weights": (placement.weight_words, geometry.weight_depth),
        "accumulators": (placement.accumulator_words, geometry.accumulator_depth),
        "state": (placement.state_words, geometry.state_depth),
        "values": (placement.values, geometry.value_depth),
    }
    return {
        "bytes": len(image.to_bytes()),
        "lanes": geometry.lanes,
        "pointwise_lanes": geometry.pointwise_lanes,
        "memories": {
            name: {"used": used, "available": available}
            for name, (used, available) in memories.items()
        },
    }
