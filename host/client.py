"""The accelerator over its serial link."""

from collections.abc import Callable

import numpy as np

from thresh.layout.image import Image
from thresh.layout.layer_table import HASH_WORD, THRESHOLD_X_WORD, threshold_h_word
from thresh.layout.link import STEP_CYCLES_BYTES, Command, Counter, Region
from thresh.layout.memories import read_map

from .errors import LinkError
from .exchange import Exchange
from .identity import Identity
from .records import Counters, Step
from .state_client import StateClient
from .transport import Transport

Progress = Callable[[int, int], None]
"""Called with what is done and the total."""


class Client(StateClient):
    """Commands of the link, each exactly once however often a packet has to be repeated.

    Parameters
    ----------
    transport : Transport
    timeout : float
        Seconds to wait for an answer before asking again; a simulated accelerator needs more.
    attempts : int
        Times a packet is sent before giving up.
    """

    def __init__(self, transport: Transport, *, timeout: float = 1.0, attempts: int = 8) -> None:
        super().__init__(Exchange(transport, timeout, attempts))

    def load(
        self,
        image: Image,
        progress: Progress | None = None,
        *,
        verify: bool = False,
        begun: bool = False,
    ) -> Identity:
        """Load ``image``; steps are refused until it is complete.

        Parameters
        ----------
        image : Image
        progress : callable, optional
            Called with bytes done and bytes in all.
        verify : bool
            Read everything back and compare.
        begun : bool
            `thresh.host.columns.load_columns` has begun: what it wrote is checked with the rest.

        Raises
        ------
        LinkError
            When the image is laid out for another accelerator, or on a failure of the link.
        """
        identity = self.identify()
        identity.refuse(image)
        parts = image.regions
        total = sum(words.size for words in parts.values()) * (1 + verify)
        done = 0

        def advance(size: int) -> None:
            nonlocal done
            done += size
            if progress:
                progress(done, total)

        self._plan = self._network = None
        if not begun:
            self.commit(False)
        for region, words in parts.items():
            self.write(region, 0, words, advance)
        self.write(Region.HEADER, HASH_WORD, np.array([image.hash], "<u4").view(np.uint8))
        for region, words in parts.items() if verify else ():
            came = self.read(region, 0, len(words), advance)
            if (wrong := np.flatnonzero((came != words).any(axis=1))).size:
                raise LinkError(
                    f"The accelerator's memory differs from the image in {wrong.size} words, "
                    f"first in word {wrong[0]} of {region.name.lower()}"
                )
        self.commit(True)
        self._plan = read_map(image.table, image.header, identity.geometry)
        self._network = image.network
        return identity

    def step(self, x: np.ndarray) -> Step:
        """Advance one step.

        Parameters
        ----------
        x : ndarray of int, shape (inputs,)
            In the first layer's format.

        Raises
        ------
        ValueError
            When ``x`` has another shape or does not fit.
        LinkError
        """
        plan, x = self.plan, np.asarray(x)
        if x.shape != (plan.inputs,) or not np.issubdtype(x.dtype, np.integer):
            raise ValueError(
                f"A step takes {plan.inputs} integers, not {x.dtype} of shape {x.shape}"
            )
        limit = 1 << (self.identity.geometry.value_bits - 1)
        if x.min() < -limit or x.max() >= limit:
            raise ValueError(
                f"Inputs must lie in {-limit} to {limit - 1}, not {x.min()} to {x.max()}"
            )
        answer = self.exchange.ask(Command.STEP, x.astype("<i2").tobytes())
        wanted = plan.packets.answer_payload
        if len(answer) != wanted:
            raise LinkError(f"The answer to a step has {len(answer)} bytes, not {wanted}")
        cycles, outputs = answer[:STEP_CYCLES_BYTES], answer[STEP_CYCLES_BYTES:]
        values = np.frombuffer(outputs, "<i2").astype(np.int64)
        return Step(outputs=values[: plan.outputs], cycles=int.from_bytes(cycles, "little"))

    def set_thresholds(
        self, layer: int, threshold_x: int | None = None, threshold_h: int | None = None
    ) -> None:
        """Change thresholds of the loaded network, for the steps that follow.

        A hidden delta is encoded once, so ``threshold_x`` of a layer after the first is
        ``threshold_h`` of the one before it. An image loaded later brings its own.

        Parameters
        ----------
        layer : int
        threshold_x, threshold_h : int, optional
            Integers on the grid of the values compared; None leaves one as it is.

        Raises
        ------
        ValueError
            For a layer or threshold that does not exist.
        LinkError
        """
        layers = self.plan.layers
        if not 0 <= layer < len(layers):
            raise ValueError(f"layer must be 0 to {len(layers) - 1}, not {layer!r}")
        highest = (1 << (self.identity.geometry.value_bits - 1)) - 1
        for name, value in (("threshold_x", threshold_x), ("threshold_h", threshold_h)):
            if value is not None and not 0 <= value <= highest:
                raise ValueError(f"{name} must be 0 to {highest}, not {value!r}")
        if threshold_h is not None and not layers[layer].encoded:
            raise ValueError(f"Layer {layer} sends no deltas, so it has no threshold_h")
        places = []
        if threshold_x is not None:
            inner = (Region.TABLE, threshold_h_word(layer - 1))
            places.append((inner if layer else (Region.HEADER, THRESHOLD_X_WORD), threshold_x))
        if threshold_h is not None:
            places.append(((Region.TABLE, threshold_h_word(layer)), threshold_h))
        for (region, address), value in places:
            self.write(region, address, np.frombuffer(int(value).to_bytes(2, "little"), np.uint8))

    def read_counters(self) -> Counters:
        """What was counted since the last new sequence."""
        layers = len(self.plan.layers)
        words = self.read(Region.COUNTERS, 0, Counter.FIRED + 1 + layers)
        counts = words.view("<u4").reshape(-1).tolist()
        return Counters(
            **{c.name.lower(): counts[c] for c in Counter if c is not Counter.FIRED},
            fired_x=counts[Counter.FIRED],
            fired_h=tuple(counts[Counter.FIRED + 1 :]),
        )
