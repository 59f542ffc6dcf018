"""Weights that a batch of sequences fetches."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Work:
    """Weights fetched by a batch of sequences.

    The linear layer, or the next one, and the next step of a state's own layer both use a step's
    entries. Those of a sequence's last step find no next step, but are counted for both.

    Parameters
    ----------
    delta, sparse, dense : int
        With the entries that fired; the same without weights that are zero; and if every column
        were used in every step.
    entries_x, entries_h, steps : int
        Entries of the inputs and of all states, and steps.
    """

    delta: int = 0
    sparse: int = 0
    dense: int = 0
    entries_x: int = 0
    entries_h: int = 0
    steps: int = 0

    def __add__(self, other: "Work") -> "Work":
        return Work(**{name: value + getattr(other, name) for name, value in vars(self).items()})

    @property
    def reduction(self) -> float:
        """Dense over delta fetches."""
        return self.dense / max(self.delta, 1)

    @property
    def reduction_sparse(self) -> float:
        """Dense fetches over those of sparse columns."""
        return self.dense / max(self.sparse, 1)

    def reduction_of(self, sparse: bool) -> float:
        """Of sparse columns, or of dense ones."""
        return self.reduction_sparse if sparse else self.reduction

    @property
    def fired_x(self) -> float:
        """Inputs that fire in a step, in the mean."""
        return self.entries_x / max(self.steps, 1)

    @property
    def fired_h(self) -> float:
        """States that fire in a step, in the mean."""
        return self.entries_h / max(self.steps, 1)
