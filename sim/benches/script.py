"""Scripts for blocks: what to drive in which cycle, and what must come out in which."""

from collections.abc import Callable


def pack(*fields: tuple[int, int]) -> int:
    """(value, bits) pairs as one word, the first one lowest; negative values in two's complement.

    Equals the flat payload of a structure with these fields.
    """
    word = at = 0
    for value, bits in fields:
        word |= (int(value) & ((1 << bits) - 1)) << at
        at += bits
    return word


class Script:
    """Inputs and wanted outputs by cycle, the same for every simulator.

    What is driven in a cycle meets the clock edge at its end; what is wanted in a cycle is seen
    just before that edge. A block that answers after n clock edges answers n cycles later. Cycle -1
    is all that lies before the script.

    Parameters
    ----------
    **idle : int
        What ports are driven to in cycles that do not say otherwise.
    """

    def __init__(self, **idle: int) -> None:
        self._idle = idle
        self._driven: dict[int, dict[str, int]] = {}
        self._wanted: dict[int, dict[str, int]] = {}

    @property
    def cycles(self) -> int:
        """Cycles until nothing more is driven or wanted."""
        return max((*self._driven, *self._wanted), default=-1) + 1

    def drive(self, cycle: int, **ports: int) -> None:
        """Drive ``ports`` in ``cycle``; those that have no idle value keep it."""
        self._driven.setdefault(cycle, {}).update(ports)

    def want(self, cycle: int, **ports: int) -> None:
        """``ports`` must have these values in ``cycle``."""
        self._wanted.setdefault(cycle, {}).update(ports)

    def inputs(self, cycle: int) -> dict[str, int]:
        """What to drive in ``cycle``."""
        return self._idle | self._driven.get(cycle, {})

    def outputs(self, cycle: int) -> dict[str, int]:
        """What must be seen in ``cycle``."""
        return self._wanted.get(cycle, {})

    def check(self, cycle: int, read: Callable[[str], tuple[int, int]]) -> None:
        """Compare what is wanted in ``cycle``.

        Parameters
        ----------
        cycle : int
        read : callable
            Value and width of a port by name.

        Raises
        ------
        AssertionError
            With the first difference.
        """
        for port, wanted in self.outputs(cycle).items():
            came, bits = read(port)
            mask = (1 << bits) - 1
            if (came ^ wanted) & mask:
                raise AssertionError(
                    f"cycle {cycle}: {port} is {came & mask}, not {int(wanted) & mask}"
                )
