"""Independent sequences that take turns on one accelerator."""

from collections.abc import Hashable

import numpy as np

from thresh.model.snapshot import Snapshot

from .client import Client
from .records import Step


class Sessions:
    """Keeps every session's state on the host while another one runs.

    A step of the session under way costs nothing more; one of another session first saves the one
    and restores the other, which takes the time of reading and writing their state over the link.
    Give a session several steps at once where that is possible.

    Parameters
    ----------
    client : Client
        With a network loaded; no other user of it may run steps meanwhile.

    Attributes
    ----------
    current : hashable or None
        The session whose state is in the accelerator.
    switches : int
        Times that a session made room for another.
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self.current: Hashable | None = None
        self.switches = 0
        self._kept: dict[Hashable, Snapshot] = {}

    def step(self, session: Hashable, x: np.ndarray) -> Step:
        """Advance ``session`` by one step; a name that is new begins a sequence.

        Parameters
        ----------
        session : hashable
            Any name but None.
        x : ndarray of int, shape (inputs,)
            As for `Client.step`.
        """
        self._enter(session)
        return self.client.step(x)

    def new_sequence(self, session: Hashable) -> None:
        """Begin ``session`` anew with its next step."""
        if session == self.current:
            self.current = None
        self._kept.pop(session, None)

    def save(self, session: Hashable) -> Snapshot:
        """The state of ``session``.

        Raises
        ------
        KeyError
            When it has made no step since it began.
        """
        return self.client.save() if session == self.current else self._kept[session]

    def restore(self, session: Hashable, snapshot: Snapshot) -> None:
        """Let ``session`` go on from ``snapshot`` with its next step."""
        self.new_sequence(session)
        self._kept[session] = snapshot

    def _enter(self, session: Hashable) -> None:
        if session == self.current:
            return
        if self.current is not None:
            self._kept[self.current] = self.client.save()
            self.switches += 1
        self.current = None
        if session in self._kept:
            self.client.restore(self._kept[session])
        else:
            self.client.new_sequence()
        self._kept.pop(session, None)
        self.current = session
