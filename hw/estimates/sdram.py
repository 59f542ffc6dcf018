"""What a network whose columns lie in a board's SDRAM will cost, told before anything is built."""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from thresh.hw.board import Board
from thresh.layout.geometry import Geometry
from thresh.layout.sdram_chip import BURST_WORDS
from thresh.layout.sdram_image import SdramImage, build_sdram_image
from thresh.model.network import Network
from thresh.performance.activity import Activity

from .estimate import BITS_PER_BYTE, real_time, source_of
from .fit import Fit, Need, estimate_fit

PINS_USED = 0.95
"""Least share of an SDRAM's cycles in which words pass, of a GRU of 2 x 768 units in dense columns
of 8 bits, of whose values 3 % or more fire; `bench.cycles.sdram_network` measures it."""


@dataclass(frozen=True, kw_only=True)
class SdramEstimate:
    """A network on a board with an SDRAM.

    The pins are what limits it: a word of 16 bits a cycle. What a step costs besides (opening rows,
    refresh, the pointwise stage of the last layer) is not predicted.

    Parameters
    ----------
    fit : Fit
    clock_mhz : float
    sdram_bytes : int
        Of all columns.
    load_seconds : float
        For them over the serial line, once after power-up, at least.
    words : dict
        Words of 16 bits of a step, ``mean`` (or None) and ``worst``, when every value fires.
    source : str or None
        Where the activity comes from.
    frames_per_second : dict
        At most: ``mean`` (or None) and ``worst``.
    real_time_factor : dict or None
        How many times faster than the frames come, at most; None without a front end.
    """

    fit: Fit
    clock_mhz: float
    sdram_bytes: int
    load_seconds: float
    words: dict[str, float | None]
    source: str | None
    frames_per_second: dict[str, float | None]
    real_time_factor: dict[str, float | None] | None

    def to_dict(self) -> dict[str, Any]:
        """Fields as JSON, the fit's beside the others."""
        return self.fit.to_dict() | {
            name: value for name, value in asdict(self).items() if name != "fit"
        }


def estimate_sdram(
    network: Network,
    board: Board,
    geometry: Geometry,
    activity: Activity | float | None = None,
) -> SdramEstimate:
    """Predict what ``network`` costs on ``board`` with its columns in the SDRAM.

    Parameters
    ----------
    network : Network
    board : Board
        With an SDRAM.
    geometry : Geometry
        Whose columns lie there.
    activity : Activity or float, optional
        Measured steps, or the share of values that fire. Without it the mean is not known.
    """
    assert board.sdram is not None
    image = build_sdram_image(network, geometry, board.sdram)
    fit = estimate_fit(network, board, geometry, image.placement)
    room = Need(
        needed=image.columns.size, available=1 << board.sdram.address_bits, unit="words of 16 bits"
    )
    words = _words(image, activity)
    clock = board.clock_hz
    rates = {name: clock / count if count else None for name, count in words.items()}
    return SdramEstimate(
        fit=replace(fit, needs=fit.needs | {"SDRAM": room}),
        clock_mhz=clock / 1e6,
        sdram_bytes=image.columns.nbytes,
        load_seconds=image.columns.nbytes * BITS_PER_BYTE / board.baud,
        words=words,
        source=source_of(activity),
        frames_per_second=rates,
        real_time_factor=real_time(network, rates),
    )  # fmt: skip


def _words(image: SdramImage, activity: Activity | float | None) -> dict[str, float | None]:
    """Words of a step: every event fetches the column of its value."""
    column = [layer.bursts * BURST_WORDS for layer in image.placement.layers]
    values = [layer.hidden + layer.inputs for layer in image.network.layers]
    worst = sum(words * count for words, count in zip(column, values, strict=True))
    if activity is None:
        return {"mean": None, "worst": worst}
    if not isinstance(activity, Activity):
        if not 0 <= activity <= 1:
            raise ValueError(f"An activity must be 0 to 1, not {activity}")
        return {"mean": activity * worst, "worst": worst}
    sums = [
        sum(words * sum(events) for words, events in zip(column, step, strict=True) if events)
        for step in activity.steps
    ]
    return {"mean": float(np.mean(sums)), "worst": worst}
