"""The accelerator over its serial link."""

from collections.abc import Callable

import numpy as np

from thresh.model.image import HEADER_FIELDS, TABLE_WORDS, Image
from thresh.model.link import Command, Counter, Region
from thresh.model.memories import THRESHOLD_X_WORD, NetworkMap, read_map, threshold_h_word
from thresh.model.network import MAX_LAYERS

from .errors import LinkError
from .exchange import Exchange
from .identity import Identity
from .memory import MemoryClient
from .records import Counters, Step
from .transport import Transport

Progress = Callable[[int, int], None]
"""Called with what is done and the total."""


class Client(MemoryClient):
    """Commands of the link, each exactly once however often a frame has to be repeated.

    Parameters
    ----------
    transport : Transport
    timeout : float
        Seconds to wait for an answer before asking again; a simulated accelerator needs more.
    attempts : int
        Times a frame is sent before giving up.
    """

    def __init__(self, transport: Transport, *, timeout: float = 1.0, attempts: int = 8) -> None:
        super().__init__(Exchange(transport, timeout, attempts))
        self._plan: NetworkMap | None = None

    @property
    def plan(self) -> NetworkMap:
        """The memory map of the loaded network, read from the device if this client loaded none.

        Raises
        ------
        LinkError
            When no network is loaded.
        """
        if self._plan is None:
            if not self.identify().loaded:
                raise LinkError("No network is loaded into the accelerator")
            table = self.read(Region.TABLE, 0, MAX_LAYERS * TABLE_WORDS).view("<u2")
            header = self.read(Region.HEADER, 0, len(HEADER_FIELDS)).view("<u2").reshape(-1)
            try:
                self._plan = read_map(table, header.tolist(), self.identity.geometry)
            except ValueError as error:
                raise LinkError(f"The accelerator holds no readable network: {error}") from error
        return self._plan

    def load(
        self, image: Image, progress: Progress | None = None, *, verify: bool = False
    ) -> Identity:
        """Load ``image``; steps are refused until it is complete.

        Parameters
        ----------
        image : Image
        progress : callable, optional
            Called with bytes done and bytes in all.
        verify : bool
            Read everything back and compare.

        Raises
        ------
        LinkError
            When the image is laid out for another accelerator, or on a failure of the link.
        """
        identity = self.identify()
        identity.refuse(image)
        parts = {
            Region.TABLE: image.table.astype("<u2").reshape(-1, 1).view(np.uint8),
            Region.HEADER: np.array(image.header, "<u2").reshape(-1, 1).view(np.uint8),
            Region.WEIGHTS: image.weights,
        }
        total = sum(words.size for words in parts.values()) * (1 + verify)
        done = 0

        def advance(size: int) -> None:
            nonlocal done
            done += size
            if progress:
                progress(done, total)

        self._plan = None
        self.commit(False)
        for region, words in parts.items():
            self.write(region, 0, words, advance)
        for region, words in parts.items() if verify else ():
            came = self.read(region, 0, len(words), advance)
            if (wrong := np.flatnonzero((came != words).any(axis=1))).size:
                raise LinkError(
                    f"The accelerator's memory differs from the image in {wrong.size} words, "
                    f"first in word {wrong[0]} of {region.name.lower()}"
                )
        self.commit(True)
        self._plan = read_map(image.table, image.header, identity.geometry)
        return identity

    def new_sequence(self) -> None:
        """State and references to zero, M to bias."""
        self.exchange.ask(Command.NEW_SEQUENCE, what="a new sequence")

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
        wanted = 4 + 2 * plan.output_words * self.identity.geometry.serial
        if len(answer) != wanted:
            raise LinkError(f"The answer to a step has {len(answer)} bytes, not {wanted}")
        outputs = np.frombuffer(answer, "<i2", offset=4).astype(np.int64)[: plan.outputs]
        return Step(outputs=outputs, cycles=int.from_bytes(answer[:4], "little"))

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

    def read_accumulators(self) -> list[np.ndarray]:
        """M of every layer, int64 of shape (K, H)."""
        serial, result = self.identity.geometry.serial, []
        for layer in self.plan.layers:
            words = layer.accumulators // serial
            flat = self.read(Region.ACCUMULATORS, layer.accumulator_base, words).view("<i4")
            result.append(layer.unpack_accumulators(flat.reshape(-1).astype(np.int64)))
        return result

    def read_state(self) -> list[dict[str, np.ndarray]]:
        """Per layer its kept registers by name (``h``, ``s``), int64 of shape (H,)."""
        serial, result = self.identity.geometry.serial, []
        for layer in self.plan.layers:
            registers = {}
            for name in layer.cell.persistent:
                base = getattr(layer, f"{name}_base")
                flat = self.read(Region.STATE, base, layer.padded // serial).view("<i2")
                registers[name] = flat.reshape(-1)[: layer.units].astype(np.int64)
            result.append(registers)
        return result

    def read_references(self) -> tuple[np.ndarray, list[np.ndarray | None]]:
        """Last values sent, int64: inputs of shape (I,), then per layer (H,), or None.

        None stands for a layer whose output nothing listens to.
        """

        def values(first: int, count: int) -> np.ndarray:
            words = self.read(Region.REFERENCES, first, count)
            return words.view("<i2").reshape(-1).astype(np.int64)

        return values(0, self.plan.inputs), [
            values(layer.h_segment, layer.units) if layer.encoded else None
            for layer in self.plan.layers
        ]

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
