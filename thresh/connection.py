"""An accelerator behind a serial port: a board, or a simulated one."""

from collections.abc import Sequence
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from thresh.data.inputs import Sequence as Input
from thresh.host.client import Client
from thresh.host.columns import load_columns
from thresh.host.errors import LinkError
from thresh.host.run import Utterance, run_utterance
from thresh.host.transport import SerialTransport
from thresh.host.verify import Verified, Verifier
from thresh.layout.image import Image, build_image
from thresh.layout.link import DEFAULT_BAUD
from thresh.layout.sdram_chip import ULX3S_SDRAM
from thresh.layout.sdram_image import SdramImage, build_sdram_image
from thresh.model.decision import decide
from thresh.model.given import real, text, whole
from thresh.model.network import Network as Integers
from thresh.model.readout import read_out
from thresh.model.snapshot import Snapshot
from thresh.reports.run import Run
from thresh.sim.golden import GoldenModel
from thresh.sim.golden_runs import run_golden
from thresh.sim.golden_snapshot import restore

from .progress import Progress, Update, told
from .sequences import Sequences

if TYPE_CHECKING:
    from .network import Network


class Connection:
    """A network on an accelerator; a context manager that closes the port.

    Parameters
    ----------
    network : Network
        Laid out for the accelerator that answers.
    port : str or transport
        Such as ``/dev/ttyUSB0``, ``COM3`` or any URL that pyserial opens; or a
        `thresh.host.transport.Transport`.
    baud : int
        Bits per second.
    timeout : float
        Seconds to wait for an answer before asking again.
    load : bool
        Load the network; False uses the one that is loaded, which must be this one.
    progress : callable or bool, optional
        Told how many bytes of how many are loaded; True shows a bar.

    Raises
    ------
    ValueError
        When the port cannot be opened, nothing answers, or the network does not fit.
    """

    def __init__(
        self,
        network: "Network",
        port: Any,
        *,
        baud: int = DEFAULT_BAUD,
        timeout: float = 1.0,
        load: bool = True,
        progress: Progress = None,
    ) -> None:
        self.network = network
        whole("baud", baud, 1)
        real("timeout", timeout, above=0)
        if opened := not hasattr(port, "flush_input"):
            text("The port", port)
        self._transport = SerialTransport(port, baud) if opened else port
        self.port = str(getattr(self._transport, "name", type(port).__name__))
        self.client = Client(self._transport, timeout=timeout)
        try:
            self._clock_khz = self.client.identify().clock_khz
            if load:
                self._load(progress)
            else:
                self._refuse_other()
        except BaseException:
            self.close()
            raise

    def _load(self, progress: Progress) -> None:
        """Lay the network out for the accelerator that answers, and load it."""
        image = self._image
        if isinstance(image, SdramImage):
            with told(progress, "loading the columns") as update:
                load_columns(self.client, image, update)
        with told(progress, "loading the network") as update:
            self.client.load(image, update, begun=isinstance(image, SdramImage))

    def _refuse_other(self) -> None:
        """Refuse to go on with another network than this one, where the accelerator says so."""
        held = self.client.network_hash()
        if held is not None and held != self._image.hash:
            raise LinkError(
                f"The accelerator holds the network {held:08x}, and {self.network.name} laid out "
                f"for it is {self._image.hash:08x}: load it"
            )

    @cached_property
    def _image(self) -> Image:
        """The network laid out for the accelerator that answers."""
        integers, geometry = self.network.integers, self.client.identity.geometry
        if geometry.columns == "sdram":
            return build_sdram_image(integers, geometry, ULX3S_SDRAM)
        return build_image(integers, geometry)

    def predict(self, x: Sequences, *, progress: Progress = None) -> Any:
        """Outputs of every step, in floats, as `Network.predict` gives them.

        Parameters
        ----------
        x : array, list of arrays, or path
            Shape (steps, inputs), (batch, steps, inputs), or a list of (steps, inputs), real.
        progress : callable or bool, optional
            Told how many sequences of how many are done; True shows a bar.

        Raises
        ------
        ValueError
            When ``x`` holds anything else, or the link fails.
        """
        batch = self.network.read(x)
        with told(progress, "running") as update:
            ran = self._run(batch.inputs, None, update)
        return batch.shaped([self.network.real(item.outputs) for item in ran])

    def decide(self, x: Sequences, *, progress: Progress = None) -> Any:
        """What every sequence is decided as; parameters and errors are those of `predict`."""
        batch = self.network.read(x)
        with told(progress, "running") as update:
            ran = self._run(batch.inputs, None, update)
        return batch.listed([decide(self.network.integers, item.outputs) for item in ran])

    def run(
        self,
        x: Sequences,
        *,
        begin: Snapshot | None = None,
        top: int | None = None,
        verify: int | None = None,
        progress: Progress = None,
    ) -> Run:
        """Run sequences, and compare every output with the golden model.

        Parameters
        ----------
        x, progress :
            As for `predict`.
        begin : `thresh.model.snapshot.Snapshot`, optional
            The state from which a single sequence goes on.
        top : int, optional
            So many of the best classes of every sequence are shown.
        verify : int, optional
            In every step of so many, all that the accelerator keeps is compared with what its
            references and the network's weights make; at the end its memories with the image's.

        Raises
        ------
        ValueError
            When a state is given for several sequences, or as `predict`.
        """
        batch = self.network.read(x)
        if begin is not None and len(batch.inputs) != 1:
            raise ValueError(f"A state is that of one sequence, not of {len(batch.inputs)}")
        verifier = None
        if verify is not None:
            verifier = Verifier(self.client, self._image, whole("verify", verify, 1))
        with told(progress, "running") as update:
            ran = self._run(batch.inputs, begin, update, verifier)
        if verifier:
            verifier.memories()
        wanted = _golden(self.network.integers, batch.integers, begin)
        pairs = zip(ran, wanted, strict=True)
        return Run(
            network=self.network.integers,
            port=self.port,
            inputs=tuple(batch.inputs),
            utterances=tuple(ran),
            mismatches=sum(int(np.count_nonzero(a.outputs != b)) for a, b in pairs),
            clock_khz=self._clock_khz,
            top=top,
            verified=verifier.found if verifier else None,
            network_hash=self.client.network_hash(),
        )

    def verify(self) -> Verified:
        """Verify the sequence under way between two steps, and the memories.

        A step of the inputs last sent is made, compared and taken back. The sequence goes on as if
        nothing had been, but for the accelerator's counters, which begin anew.

        Raises
        ------
        ValueError
            When the link fails.
        """
        return Verifier(self.client, self._image).standing()

    def new_sequence(self) -> None:
        """Begin a sequence that `step` goes on with."""
        self.client.new_sequence()

    def step(self, x: Any) -> np.ndarray:
        """One step of the sequence under way: real outputs, shape (outputs,), of real inputs,
        shape (inputs,)."""
        (item,) = self.network.read(np.asarray(x)[None]).inputs
        outputs = self.client.step(item.x[0]).outputs
        return self.network.real(read_out(self.network.integers, outputs))

    def state(self) -> Snapshot:
        """The state of the sequence under way, which `run` takes as ``begin``."""
        return self.client.save()

    def close(self) -> None:
        """Close the port."""
        if hasattr(self._transport, "close"):
            self._transport.close()

    def _run(
        self,
        inputs: Sequence[Input],
        begin: Snapshot | None,
        update: Update,
        verifier: Verifier | None = None,
    ) -> list[Utterance]:
        ran, integers = [], self.network.integers
        for number, item in enumerate(inputs, start=1):
            if verifier and len(inputs) > 1:
                verifier.sequence = f"sequence {number}"
            ran.append(run_utterance(self.client, integers, item.x, begin=begin, verifier=verifier))
            update(number, len(inputs))
        return ran

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        lanes = self.client.identity.geometry.lanes
        return f"<Connection {self.network.name} on {self.port}: {lanes} lanes>"


def _golden(
    network: Integers, sequences: Sequence[np.ndarray], begin: Snapshot | None
) -> list[np.ndarray]:
    """The golden model's outputs of every sequence."""
    if begin is None:
        return [run.outputs for run in run_golden(network, sequences)]
    model = GoldenModel(network)
    restore(model, begin)
    return [model.run(x[None]).outputs[0] for x in sequences]
