"""A network laid out for an accelerator's memories."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thresh.layout.image import Image
from thresh.layout.sdram_chip import ULX3S_SDRAM
from thresh.layout.sdram_image import SdramImage

from .shown import Shown, hash_text
from .table import Table, facts, plain


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Placed(Shown):
    """A network image that was written.

    Parameters
    ----------
    image : `thresh.layout.image.Image`
    path : Path
    board : str or None
    """

    image: Image
    path: Path
    board: str | None

    @property
    def title(self) -> str:
        """The network's name."""
        return self.image.network.name

    @property
    def summary(self) -> str:
        """Size, and what the weights take."""
        used = usage(self.image)
        words = used["memories"]["weights"]
        return f"{used['bytes']:,} bytes, {words['used']:,} of {words['available']:,} weight words"

    def to_dict(self) -> dict[str, Any]:
        """As ``thresh image --json`` prints it."""
        return {
            "board": self.board,
            "image": str(self.path),
            "network_hash": hash_text(self.image.hash),
        } | usage(self.image)

    def tables(self) -> list[Table | str]:
        """Size, and the use of every memory."""
        data = self.to_dict()
        rows = plain(data, but=("memories",))
        rows += [
            (name.replace("_", " "), f"{used['used']:,} of {used['available']:,} words")
            for name, used in data["memories"].items()
        ]
        return [facts(f"Network image: {self.title}", rows)]


def usage(image: Image) -> dict[str, Any]:
    """Size of ``image`` and what it uses of each memory, as JSON."""
    placement, geometry = image.placement, image.geometry
    memories = {
        "weights": (placement.weight_words, geometry.weight_depth),
        "accumulators": (placement.accumulator_words, geometry.accumulator_depth),
        "state": (placement.state_words, geometry.state_depth),
        "values": (placement.values, geometry.value_depth),
    }
    if isinstance(image, SdramImage):
        memories["SDRAM"] = len(image.columns), 1 << ULX3S_SDRAM.address_bits
    return {
        "bytes": len(image.to_bytes()),
        "lanes": geometry.lanes,
        "pointwise_lanes": geometry.pointwise_lanes,
        "memories": {
            name: {"used": used, "available": available}
            for name, (used, available) in memories.items()
        },
    }
