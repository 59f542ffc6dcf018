"""What an accelerator behind a serial port made of sequences."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from thresh.data.inputs import Sequence as Input
from thresh.host.run import Utterance
from thresh.host.verify import Verified
from thresh.model.network import Network as Integers

from .decided import top_of_one, top_rows, utterances
from .shown import Shown, hash_text
from .table import Table, cycles_text, facts, plain


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Run(Shown):
    """What an accelerator made of sequences, compared with the golden model.

    Parameters
    ----------
    network : `thresh.model.network.Network`
    port : str
    inputs : tuple of `thresh.data.inputs.Sequence`
    utterances : tuple of `thresh.host.run.Utterance`
        Outputs, cycles and counters of every sequence, in integers.
    mismatches : int
        Outputs that are not the golden model's.
    clock_khz : int
        Of the accelerator; 0 where it does not say.
    top : int or None
        How many of the best classes are shown of every sequence.
    verified : `thresh.host.verify.Verified` or None
        What was verified, where that was asked for.
    network_hash : int or None
        Which network the accelerator says it holds.
    """

    network: Integers
    port: str
    inputs: tuple[Input, ...]
    utterances: tuple[Utterance, ...]
    mismatches: int
    clock_khz: int
    top: int | None = None
    verified: Verified | None = None
    network_hash: int | None = None

    @property
    def equal(self) -> bool:
        """Every output is that of the golden model."""
        return not self.mismatches

    @property
    def good(self) -> bool:
        """It is equal, and whatever was verified is as it must be."""
        return self.equal and (self.verified is None or self.verified.good)

    @property
    def cycles(self) -> np.ndarray:
        """Of every step of every sequence; int64, one after the other."""
        return np.concatenate([item.cycles for item in self.utterances])

    @property
    def title(self) -> str:
        """Network and port."""
        return f"{self.network.name} on {self.port}"

    @property
    def summary(self) -> str:
        """What was run, and whether it is equal."""
        verdict = "all outputs equal" if self.equal else f"{self.mismatches:,} outputs DIFFER"
        text = (
            f"{len(self.inputs)} sequences, {len(self.cycles):,} frames, {verdict}; "
            f"{self.cycles.mean():,.0f} cycles per frame"
        )
        return f"{text}; {self.verified.verdict}" if self.verified else text

    def to_dict(self) -> dict[str, Any]:
        """As ``thresh run --json`` prints it."""
        outputs = [item.outputs for item in self.utterances]
        rows, cycles = utterances(self.network, self.inputs, outputs, self.top), self.cycles
        clock = self.clock_khz
        return (
            ({"heard": rows[0]["heard"]} if len(rows) == 1 else {})
            | {
                "utterances": rows,
                "frames": len(cycles),
                "cycles_per_frame": {
                    "min": int(cycles.min()),
                    "mean": float(cycles.mean()),
                    "max": int(cycles.max()),
                },
                "microseconds_per_frame": float(cycles.mean()) / clock * 1000 if clock else None,
                "mismatches": self.mismatches,
                "network_hash": hash_text(self.network_hash),
            }
            | ({"verified": asdict(self.verified)} if self.verified else {})
            | top_of_one(rows)
        )

    def tables(self) -> list[Table | str]:
        """One table."""
        data = self.to_dict()
        shown = data | {"cycles_per_frame": cycles_text(data["cycles_per_frame"])}
        rows = plain(shown, but=("utterances", "top", "verified"))
        rows += [("verified", self.verified.verdict)] if self.verified else []
        if len(self.inputs) > 1:
            rows += [(item["input"], item["heard"]) for item in data["utterances"]]
        return [facts(self.title, rows + top_rows(data["utterances"]))]
