"""A network in a file for others."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thresh.model.model_file import tensors_of
from thresh.model.network import Network

from .shown import Shown
from .table import Table, facts


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Exported(Shown):
    """What was written, and whether it reads back the same.

    Parameters
    ----------
    network : `thresh.model.network.Network`
    path : Path
    equal : bool
        The file was read again, and every integer is the same.
    """

    network: Network
    path: Path
    equal: bool

    @property
    def title(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def summary(self) -> str:
        """How many integers, and whether they are equal."""
        return f"{self.integers:,} integers, read again {'equal' if self.equal else 'NOT equal'}"

    @property
    def integers(self) -> int:
        """Weights and biases."""
        return sum(array.size for array in tensors_of(self.network).values())

    def to_dict(self) -> dict[str, Any]:
        """As ``thresh export --json`` prints it, without the model file's name."""
        return {
            "output": str(self.path),
            "layers": [layer.kind for layer in self.network.all_layers],
            "readout": self.network.readout is not None,
            "integers": self.integers,
            "equal": self.equal,
        }

    def tables(self) -> list[Table | str]:
        """One table."""
        network = self.network
        rows: list[tuple[str, object]] = [
            ("layers", ", ".join(layer.kind for layer in network.layers)),
            ("readout of the host", network.readout.kind if network.readout else "none"),
            ("integers", self.integers),
            ("read again", "equal" if self.equal else "NOT equal"),
        ]
        if self.path.suffix == ".onnx":
            rows.append(("thresholds", "in the metadata; ONNX runs the dense network"))
        return [facts(f"{self.path} from {network.name}", rows)]
