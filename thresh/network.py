"""Networks in integers: tuned, measured, compiled for a board, saved."""

import os
from typing import TYPE_CHECKING, Any

from thresh.layout.link import DEFAULT_BAUD
from thresh.model.given import file
from thresh.model.model_file import load_network, save_network
from thresh.model.network import Network as Integers
from thresh.reports.describe import describe_network, described_tables
from thresh.reports.shown import Shown
from thresh.reports.table import Table

from .extras import names_extras
from .progress import Progress
from .sequences import Sequences
from .tunable import Tunable

if TYPE_CHECKING:
    from thresh.hw.board import Board
    from thresh.performance.activity import Activity
    from thresh.reports.device.estimate import DeviceEstimate
    from thresh.reports.estimate import Estimate
    from thresh.reports.exploration import Exploration
    from thresh.reports.exported import Exported
    from thresh.reports.hardware.sdram import SdramCost
    from thresh.reports.quantisation import Quantisation
    from thresh.reports.training import Training

    from .accelerator import Accelerator
    from .connection import Connection

MODEL_FILE, EXPORTS = ".safetensors", (".onnx", ".npz", ".nir")
"""How a model file ends, and what else `Network.export` writes."""


class Network(Tunable, Shown):
    """A delta network in integers. It never changes: every verb returns a new one.

    Parameters
    ----------
    integers : `thresh.model.network.Network`
        Layers, formats and thresholds, one level down.
    quantisation : Quantisation or None
        What quantising it lost, where it was made here.
    exploration : Exploration or None
        The search that chose its thresholds, where it was made here.
    training : Training or None
        How good it was after every stage, where it was trained here.
    """

    def __init__(
        self,
        integers: Integers,
        *,
        quantisation: "Quantisation | None" = None,
        exploration: "Exploration | None" = None,
        training: "Training | None" = None,
    ) -> None:
        self._integers = integers
        self.quantisation = quantisation
        self.exploration = exploration
        self.training = training

    @property
    def integers(self) -> Integers:
        """Layers, formats and thresholds, one level down."""
        return self._integers

    @property
    def name(self) -> str:
        """For people."""
        return self.integers.name

    @property
    def inputs(self) -> int:
        """Inputs per step."""
        return self.integers.inputs

    @property
    def outputs(self) -> int:
        """Outputs per step."""
        return self.integers.outputs

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the outputs; empty when they have none."""
        return self.integers.classes

    @property
    def decision(self) -> str:
        """How a sequence is decided: ``"none"``, ``"last"``, ``"mean"`` or ``"ctc"``."""
        return self.integers.decision

    def with_readout(self, where: str) -> "Network":
        """The network with its last linear layer on the ``"host"``, exact, or ``"accelerator"``.

        Raises
        ------
        ValueError
            When there is no such layer, or it is there already.
        """
        from thresh.model.readout import to_accelerator, to_host

        moves = {"host": to_host, "accelerator": to_accelerator}
        if where not in moves:
            raise ValueError(f"A readout is computed by the host or accelerator, not {where!r}")
        return self._with(moves[where](self.integers))

    def estimate(
        self,
        board: "str | Board",
        *,
        lanes: int | None = None,
        columns: str = "chip",
        sparse: bool = False,
        device: str | None = None,
        x: Sequences = None,
        activity: "Activity | float | None" = None,
    ) -> "Estimate | DeviceEstimate | SdramCost":
        """Whether the network fits a board and what a step costs there, before any build.

        Parameters
        ----------
        board : str
            A name in `thresh.hw.known_boards.BOARDS`.
        lanes : int, optional
            Multipliers, where not the board's own number.
        columns, sparse :
            As for `compile`; with an SDRAM the words of a step are told, and steps at most.
        device : str, optional
            ``"pdm"`` or ``"i2s"``: the board as a device with such a microphone, and its current.
        x : optional
            Sequences as for `predict`, on which the activity is measured.
        activity : Activity or float, optional
            Measured already, or the share of values that fire; else the one kept with the network.

        Raises
        ------
        ValueError
            When there is no such board, or it cannot have such an accelerator.
        """
        from .compilation import estimate_network

        if x is not None:
            activity = self.measure(x)
        return estimate_network(
            self.integers, board, lanes=lanes, columns=columns, sparse=sparse, device=device,
            activity=activity,
        )  # fmt: skip

    @names_extras
    def compile(
        self,
        board: "str | Board | None" = None,
        *,
        lanes: int | None = None,
        pointwise_lanes: int | None = None,
        columns: str = "chip",
        sparse: bool = False,
    ) -> "Accelerator":
        """Choose the accelerator's dimensions and lay the network out for its memories.

        Parameters
        ----------
        board : str, optional
            A name in `thresh.hw.known_boards.BOARDS`: its own accelerator, with its memories.
            Without one, an accelerator just large enough, to simulate or to write as Verilog.
        lanes : int, optional
            Multipliers P: 4, 8, 16, 32, 64 or 128. The board's own number when absent, 8 without
            a board.
        pointwise_lanes : int, optional
            Units per cycle of the pointwise stage, S; without a board only.
        columns : str
            Where the weights lie: ``"chip"``, or ``"sdram"``, beside the chip.
        sparse : bool
            Zero weights are left out of the columns; in SDRAM, of layers that are shorter for it.

        Raises
        ------
        ValueError
            When the network or the accelerator does not fit, with what to change.
        """
        from .compilation import compile_network

        return compile_network(
            self, board, lanes=lanes, pointwise_lanes=pointwise_lanes, columns=columns,
            sparse=sparse,
        )  # fmt: skip

    def connect(
        self, port: Any, *, baud: int = DEFAULT_BAUD, timeout: float = 1.0, load: bool = True,
        progress: Progress = None,
    ) -> "Connection":  # fmt: skip
        """The accelerator behind a serial port, whatever its dimensions, holding this network.

        Parameters and errors are those of `thresh.connection.Connection`.
        """
        from .connection import Connection

        return Connection(self, port, baud=baud, timeout=timeout, load=load, progress=progress)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a model file (``.safetensors``), whole or not at all; `load` reads it.

        Raises
        ------
        ValueError
            When the name promises another format.
        OSError
            When it cannot be written.
        """
        place = file("The model file", path)
        if place.suffix != MODEL_FILE:
            raise ValueError(
                f"{place.name} is no name for a model file, which ends in {MODEL_FILE}; "
                f"export(path) writes {', '.join(EXPORTS)}"
            )
        save_network(self.integers, place)

    @names_extras
    def export(self, path: str | os.PathLike[str]) -> "Exported":
        """Write ``.onnx`` (QDQ, the dense network), ``.npz``, ``.nir`` or a model file.

        The file is read again, and every integer compared: see `Exported.equal`.

        Raises
        ------
        ValueError
            When the format cannot hold the network.
        """
        from thresh.importers.written import write_network
        from thresh.reports.exported import Exported

        place = file("The file", path)
        equal = write_network(self.integers, place)
        return Exported(network=self.integers, path=place, equal=equal)

    def _with(self, integers: Integers, exploration: "Exploration | None" = None) -> "Network":
        return Network(
            integers,
            quantisation=self.quantisation,
            exploration=exploration or self.exploration,
            training=self.training,
        )

    @property
    def title(self) -> str:
        """The network's name."""
        return self.name

    @property
    def summary(self) -> str:
        """Its layers, weights and thresholds."""
        kinds = ", ".join(f"{a.kind} {a.inputs} to {a.units}" for a in self.integers.all_layers)
        thresholds = ", ".join(f"{value:.3g}" for value in self.thresholds)
        return (
            f"{kinds}; {self.integers.weights:,} weights of {self.integers.weight_bits} bits, "
            f"thresholds {thresholds}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Sizes, formats and thresholds, as ``thresh info --json`` prints them."""
        return describe_network(self.integers)

    def tables(self) -> list[Table | str]:
        """Sizes, formats and thresholds."""
        return [*described_tables(self.name, self.to_dict())]


@names_extras
def load(path: str | os.PathLike[str]) -> Network:
    """Open a network in integers.

    Parameters
    ----------
    path : path
        A model file (``.safetensors``), or what `Network.export` wrote.

    Raises
    ------
    ValueError
        When it is none of these; a trained network in floats is read by `thresh.convert`.
    OSError
        When it cannot be read.
    """
    path = file("The network", path)
    if path.suffix.lower() not in EXPORTS:
        return Network(load_network(path))
    from thresh.importers.sources import Hints, open_source

    found = open_source(path, Hints())
    if not isinstance(found, Integers):
        raise ValueError(f"{path} holds a network in floats: read it with thresh.convert")
    return Network(found)
