"""What quantising a float network chose and lost."""

from dataclasses import asdict, dataclass
from typing import Any

from thresh.model.qformat import QFormat
from thresh.tuning.calibration import Calibration

from .shown import Shown
from .table import Table, grid, number


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Quantisation(Shown):
    """The loss of every step from floats to the delta network, and the formats chosen.

    Parameters
    ----------
    calibration : `thresh.tuning.calibration.Calibration`
    deviation : float
        How far thresholds were allowed to move the outputs: rms, of their standard deviation.
    """

    calibration: Calibration
    deviation: float

    @property
    def title(self) -> str:
        """What it is of."""
        return f"{self.calibration.network.weight_bits}-bit weights"

    @property
    def summary(self) -> str:
        """What the integers cost and what the thresholds save."""
        _, quantised, delta = self.calibration.losses
        less = f", {delta.reduction:.1f} times fewer fetches" if delta.reduction else ""
        return (
            f"outputs off by {quantised.share:.2%} of their spread in integers, by "
            f"{delta.share:.2%} with thresholds{less}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Losses and formats."""
        made = self.calibration
        return {
            "warnings": list(made.warnings),
            "scaling": made.network.scaling.to_dict() if made.network.scaling else None,
            "steps": [asdict(loss) for loss in made.losses],
            "formats": [
                {
                    "x_frac": layer.x_frac,
                    "weight_x_frac": layer.weight_x_frac,
                    "weight_h_frac": layer.weight_h_frac,
                    "weight_bits": layer.weight_bits,
                    "value_bits": layer.value_bits,
                    "threshold_x": layer.threshold_x / 2.0**layer.x_frac,
                    "threshold_h": layer.threshold_h / 2.0**layer.h_frac,
                    "clipped_weights": clipped,
                }
                for layer, clipped in zip(made.network.layers, made.clipped, strict=True)
            ],
        }

    def tables(self) -> list[Table | str]:
        """The loss of every step, then formats and thresholds."""
        warnings = [f"Warning: {text}" for text in self.calibration.warnings]
        return [*warnings, self._losses(), self._formats(), *self._scaling()]

    def _scaling(self) -> list[Table | str]:
        scaling = self.calibration.network.scaling
        if scaling is None:
            return []
        pairs = zip(scaling.offsets, scaling.scales, strict=True)
        rows = [
            (place, number(offset), number(scale)) for place, (offset, scale) in enumerate(pairs)
        ]
        title = "Input scaling: the host takes (x - offset) scale"
        return [grid(title, ("input", "offset", "scale"), rows)]

    def _losses(self) -> Table:
        rows = [
            (
                loss.step,
                number(loss.rms),
                number(loss.largest),
                f"{loss.share:.2%}",
                "-" if loss.agreement is None else f"{loss.agreement:.1%}",
                "-" if loss.reduction is None else f"{loss.reduction:.1f}",
                f"{loss.saturations:,}",
            )
            for loss in self.calibration.losses
        ]
        columns = ("step", "rms", "largest", "of spread", "alike", "reduction", "saturated")
        title = (
            f"Difference from the float network; thresholds may move {self.deviation:.1%} of the "
            f"spread"
        )
        return grid(title, columns, rows)

    def _formats(self) -> Table:
        made, rows = self.calibration, []
        for n, (layer, clipped) in enumerate(zip(made.network.layers, made.clipped, strict=True)):
            bits = layer.weight_bits
            hidden = str(QFormat(bits=bits, frac=layer.weight_h_frac)) if layer.hidden else "-"
            rows.append(
                (
                    n,
                    str(QFormat(bits=layer.value_bits, frac=layer.x_frac)),
                    str(QFormat(bits=bits, frac=layer.weight_x_frac)),
                    hidden,
                    number(layer.threshold_x / 2.0**layer.x_frac),
                    number(layer.threshold_h / 2.0**layer.h_frac),
                    clipped,
                )
            )
        columns = ("layer", "x", "Wx", "Wh", "threshold x", "threshold h", "clipped weights")
        title = f"Formats and thresholds, {made.network.weight_bits}-bit weights"
        return grid(title, columns, rows)
