"""A sequence's state over the link: read, saved and restored."""

import numpy as np

from thresh.layout.layer_table import HASH_WORD, HASH_WORDS, HEADER_FIELDS, TABLE_WORDS
from thresh.layout.link import Command, Region
from thresh.layout.memories import read_map, read_network
from thresh.layout.memory_map import NetworkMap
from thresh.model.network import MAX_LAYERS, Network
from thresh.model.snapshot import LayerSnapshot, Snapshot, fingerprint

from .errors import LinkError
from .exchange import Exchange
from .memory import MemoryClient


class StateClient(MemoryClient):
    """What the loaded network keeps between steps.

    Parameters
    ----------
    exchange : Exchange
    """

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(exchange)
        self._plan: NetworkMap | None = None
        self._network: Network | None = None

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

    @property
    def network(self) -> Network:
        """The loaded network, its weights read from the device if this client loaded none.

        Thresholds are those of the image, or of the time of reading.

        Raises
        ------
        LinkError
            When no network is loaded.
        """
        if self._network is None:
            plan = self.plan
            weights = self.read(Region.WEIGHTS, 0, plan.weight_words)
            try:
                self._network = read_network(plan, weights)
            except ValueError as error:
                raise LinkError(f"The accelerator holds no readable network: {error}") from error
        return self._network

    def network_hash(self) -> int | None:
        """Which network is loaded: its `thresh.layout.image.Image.hash`.

        None where none is, and where it came without: in a bitstream, or from a host of a release
        before 0.2.0. One of a host that changed thresholds is that of the image it loaded.

        Raises
        ------
        LinkError
        """
        if not self.identify().loaded:
            return None
        words = self.read(Region.HEADER, HASH_WORD, HASH_WORDS)
        return int.from_bytes(words.tobytes(), "little") or None

    def new_sequence(self) -> None:
        """State and references to zero, M to bias."""
        self.exchange.ask(Command.NEW_SEQUENCE, what="a new sequence")

    def save(self, network: Network | None = None) -> Snapshot:
        """The state of the sequence under way, of ``network`` or the loaded one; it goes on
        undisturbed."""
        reference_x, references = self.read_references()
        return Snapshot(
            fingerprint=fingerprint(network or self.network),
            reference_x=reference_x,
            layers=tuple(
                LayerSnapshot(registers=registers, reference=reference)
                for registers, reference in zip(self.read_state(), references, strict=True)
            ),
        )

    def restore(self, snapshot: Snapshot, network: Network | None = None) -> None:
        """Go on from ``snapshot``, of ``network`` or the loaded one, instead of the sequence under
        way.

        Outputs, state, references and accumulators of the steps that follow are those of a
        sequence that was never interrupted. Counters begin anew, and the first step neither skips
        layers nor replays what was sent before the snapshot, so its cycles differ.

        Raises
        ------
        ValueError
            When the snapshot is of another network.
        LinkError
        """
        accumulators = snapshot.accumulators(network or self.network)
        self.new_sequence()
        pointwise_lanes, layers = self.identity.geometry.pointwise_lanes, self.plan.layers
        self._put(Region.REFERENCES, 0, snapshot.reference_x, "<i2")
        for layer, kept, m in zip(layers, snapshot.layers, accumulators, strict=True):
            packed = layer.pack_accumulators(m)
            self._put(Region.ACCUMULATORS, layer.accumulator_base, packed, "<i4")
            for name, values in kept.registers.items():
                padded = np.pad(values, (0, -len(values) % pointwise_lanes))
                self._put(Region.STATE, getattr(layer, f"{name}_base"), padded, "<i2")
            if kept.reference is not None:
                self._put(Region.REFERENCES, layer.h_segment, kept.reference, "<i2")

    def _put(self, region: Region, address: int, values: np.ndarray, kind: str) -> None:
        self.write(region, address, values.astype(kind).view(np.uint8))

    def read_accumulators(self) -> list[np.ndarray]:
        """M of every layer, int64 of shape (K, H)."""
        pointwise_lanes, result = self.identity.geometry.pointwise_lanes, []
        for layer in self.plan.layers:
            words = layer.accumulators // pointwise_lanes
            flat = self.read(Region.ACCUMULATORS, layer.accumulator_base, words).view("<i4")
            result.append(layer.unpack_accumulators(flat.reshape(-1).astype(np.int64)))
        return result

    def read_state(self) -> list[dict[str, np.ndarray]]:
        """Per layer its kept registers by name (``h``, ``s``), int64 of shape (H,)."""
        pointwise_lanes, result = self.identity.geometry.pointwise_lanes, []
        for layer in self.plan.layers:
            registers = {}
            for name in layer.cell.persistent:
                base = getattr(layer, f"{name}_base")
                flat = self.read(Region.STATE, base, layer.padded // pointwise_lanes).view("<i2")
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
