"""What was heard while somebody listened to a device."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from thresh.model.decision import class_names
from thresh.reports.shown import Shown
from thresh.reports.table import Table, facts, grid, plain
from thresh.sim.device.recording import Recording

NOTHING = "Nothing was heard."


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Listening(Shown):
    """What was heard, and the work it took.

    Parameters
    ----------
    source : str
        Port or file.
    recording : Recording
        Up to the first frame that was lost.
    heard : tuple of (frame, class, score)
    frames, lost : int
        Frames that came, and that were left out.
    rate : float
        Frames per second.
    clock_hz : float or None
        Of the core.
    """

    source: str
    recording: Recording
    heard: tuple[tuple[int, int, int], ...]
    frames: int
    lost: int
    rate: float
    clock_hz: float | None

    @property
    def title(self) -> str:
        """Network and source."""
        network = self.recording.network
        return f"{network.name} on {self.source}" if network else self.source

    @property
    def summary(self) -> str:
        """Time and words."""
        lost = f", {self.lost} frames lost" if self.lost else ""
        return f"{self.frames / self.rate:.2f} s, {len(self.heard)} words heard{lost}"

    def to_dict(self) -> dict[str, Any]:
        """As ``thresh listen --json`` prints it."""
        events, cycles = self.recording.trace.events, self.recording.cycles
        # Those of the first frame are what passed since the start.
        mean = float(np.mean(cycles[1:])) if cycles is not None and len(cycles) > 1 else None
        awake = mean * self.rate / self.clock_hz if mean and self.clock_hz else None
        return {
            "source": self.source,
            "network": self.recording.network.name if self.recording.network else None,
            "frames": self.frames,
            "frames_lost": self.lost,
            "seconds": self.frames / self.rate,
            "heard": [
                {"frame": frame, "seconds": frame / self.rate, "word": self.word(label),
                 "score": score, "score_real": self._real(score)}
                for frame, label, score in self.heard
            ],
            "events_per_frame": (
                float(events.sum(axis=1).mean()) if events is not None and len(events) else None
            ),
            "cycles_per_frame": mean,
            "share_awake": awake,
        }  # fmt: skip

    def _real(self, score: int) -> float | None:
        """A score as ``--threshold`` takes it; None where no network says its format."""
        network = self.recording.network
        return score / (1 << network.output_frac) if network else None

    def word(self, label: int) -> str:
        """The class by name, or by number where there is none."""
        network = self.recording.network
        names = class_names(network) if network else ()
        return names[label] if label < len(names) else str(label)

    def tables(self) -> list[Table | str]:
        """The work, then every announcement."""
        data = self.to_dict()
        rows = [(name, value) for name, value in plain(data, but=("heard",)) if value is not None]
        words = [
            (f"{item['seconds']:.2f}", item["word"],
             item["score"] if item["score_real"] is None else f"{item['score_real']:.2f}")
            for item in data["heard"]
        ]  # fmt: skip
        heard = grid("Heard", ("seconds", "word", "score"), words) if words else NOTHING
        return [facts(self.title, rows), heard]
