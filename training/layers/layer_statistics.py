"""What delta layers fetched, counted after each forward."""

from collections.abc import Iterable
from dataclasses import dataclass, fields


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """Work of one layer, or of several added up.

    An entry of the state is fetched for the layer's own next step; those of a sequence's last
    step find no next one, but are counted.

    Parameters
    ----------
    fired_x, fired_h : int
        Entries of inputs and of the state.
    dense_x, dense_h : int
        The same if everything fired in every step.
    weight_fetches, dense_fetches : int
        Weights fetched with the entries that fired, and if everything fired.
    """

    fired_x: int = 0
    fired_h: int = 0
    dense_x: int = 0
    dense_h: int = 0
    weight_fetches: int = 0
    dense_fetches: int = 0

    def __add__(self, other: "Statistics") -> "Statistics":
        names = [field.name for field in fields(self)]
        return Statistics(**{name: getattr(self, name) + getattr(other, name) for name in names})

    @property
    def sparsity_x(self) -> float:
        """Share of the inputs that were silent (Gamma of x)."""
        return 1 - self.fired_x / max(self.dense_x, 1)

    @property
    def sparsity_h(self) -> float:
        """Share of the state that was silent (Gamma of h)."""
        return 1 - self.fired_h / max(self.dense_h, 1)

    @property
    def reduction(self) -> float:
        """Dense over real weight fetches."""
        return self.dense_fetches / max(self.weight_fetches, 1)


def of_layer(
    *, fired_x: int, fired_h: int, steps: int, inputs: int, hidden: int, rows: int
) -> Statistics:
    """Statistics of a layer with ``rows`` weights in each column.

    Parameters
    ----------
    fired_x, fired_h : int
    steps : int
        Of all sequences.
    inputs, hidden : int
        Columns of inputs, and of the state: 0 when the layer is not recurrent.
    rows : int
    """
    return Statistics(
        fired_x=fired_x,
        fired_h=fired_h,
        dense_x=steps * inputs,
        dense_h=steps * hidden,
        weight_fetches=(fired_x + fired_h) * rows,
        dense_fetches=steps * (inputs + hidden) * rows,
    )


def total(parts: Iterable[Statistics]) -> Statistics:
    """The sum of all parts."""
    return sum(parts, Statistics())
