"""A host of a compiled core, without a link."""

import numpy as np

from thresh.host.identity import Identity
from thresh.host.records import Step
from thresh.host.state_client import StateClient
from thresh.layout.link import PROTOCOL, Region, word_bytes
from thresh.model.network import Network

from .cores import RunningCore


class CoreClient(StateClient):
    """Reads and writes a core's memories at once.

    Parameters
    ----------
    core : RunningCore
    network : Network
        That is loaded.
    """

    def __init__(self, core: RunningCore, network: Network) -> None:
        super().__init__(None)  # type: ignore[arg-type]
        self.core = core
        self._plan, self._network = core.plan, network
        self._identity = Identity(
            geometry=core.geometry, loaded=True, protocol=PROTOCOL, clock_khz=0
        )

    def read(self, region, address, count, advance=None):
        """Words of a memory."""
        return self.core.read(region, address, count)

    def write(self, region, address, words, advance=None):
        """Words of a memory."""
        self.core.write(region, address, words.reshape(-1, word_bytes(region, self.core.geometry)))

    def new_sequence(self) -> None:
        """As the core's."""
        self.core.new_sequence()

    def step(self, x: np.ndarray) -> Step:
        """One step."""
        self.core.run(np.asarray(x)[None])
        words = self.core.read(Region.STATE, self.plan.output_base, self.plan.output_words)
        values = words.view("<i2").reshape(-1).astype(np.int64)
        return Step(outputs=values[: self.plan.outputs], cycles=0)
