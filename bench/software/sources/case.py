"""A network of some source, and what the importer makes of it."""

import re
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from thresh.conversion import open_network
from thresh.importers.sources import Hints

LONGEST = 140
"""Characters of a refusal in the table."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A network of some source.

    Parameters
    ----------
    source, what : str
        For people: framework and format, and what the network is made of.
    make : callable
        Writes it into a folder and returns its path, or returns an object.
    needs : tuple of str
        Packages that make it.
    hints : dict
        As for `thresh.importers.sources.Hints`.
    """

    source: str
    what: str
    make: Callable[[Path], Any]
    needs: tuple[str, ...] = ()
    hints: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Source and content."""
        return f"{self.source}: {self.what}"

    def result(self) -> str:
        """``read, proven``, ``read, not proven`` or why it is refused."""
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = self.make(Path(folder))
            try:
                found = open_network(made, Hints(**self.hints))
            except ValueError as error:
                text = str(error).replace(f"{folder}/", "")
                clause = re.split(r"[:;] |, (?:which|so|and no)|\. ", text)[0]
                return f"refused: {clause[:LONGEST]}"
        proof = getattr(found, "proof", None)
        if proof is None:
            return "read, not proven: nothing runs it"
        return "read, proven" + (f" but for {proof.unproven}" if proof.unproven else "")
