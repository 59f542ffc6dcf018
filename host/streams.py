"""Independent sequences that take turns on one accelerator."""

from collections.abc import Hashable

import numpy as np

from thresh.model.snapshot import Snapshot

from .client import Client
from .records import Step


class Streams:
    """Keeps every stream's state on the host while another one runs.

    A step of the stream under way costs nothing more; one of another stream first saves the one and
    restores the other, which takes the time of reading and writing their state over the link. Give
    a stream several steps at once where that is possible.

    Parameters
    ----------
    client : Client
        With a network loaded; no other user of it may run steps meanwhile.

    Attributes
    ----------
    current : hashable or None
        The stream whose state is in the accelerator.
    switches : int
        Times that a stream made room for another.
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self.current: Hashable | None = None
        self.switches = 0
        self._kept: dict[Hashable, Snapshot] = {}

    def step(self, stream: Hashable, x: np.ndarray) -> Step:
        """Advance ``stream`` by one step; a name that is new begins a sequence.

        Parameters
        ----------
        stream : hashable
            Any name but None.
        x : ndarray of int, shape (inputs,)
            As for `Client.step`.
        """
        self._enter(stream)
        return self.client.step(x)

    def new_sequence(self, stream: Hashable) -> None:
        """Begin ``stream`` anew with its next step."""
        if stream == self.current:
            self.current = None
        self._kept.pop(stream, None)

    def save(self, stream: Hashable) -> Snapshot:
        """The state of ``stream``.

        Raises
        ------
        KeyError
            When it has made no step since it began.
        """
        return self.client.save() if stream == self.current else self._kept[stream]

    def restore(self, stream: Hashable, snapshot: Snapshot) -> None:
        """Let ``stream`` go on from ``snapshot`` with its next step."""
        self.new_sequence(stream)
        self._kept[stream] = snapshot

    def _enter(self, stream: Hashable) -> None:
        if stream == self.current:
            return
        if self.current is not None:
            self._kept[self.current] = self.client.save()
            self.switches += 1
        self.current = None
        if stream in self._kept:
            self.client.restore(self._kept[stream])
        else:
            self.client.new_sequence()
        self._kept.pop(stream, None)
        self.current = stream
