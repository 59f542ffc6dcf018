"""The packets of a step: how long they are, and which accelerator has room for them."""

from dataclasses import dataclass

from .geometry import PACKET_BYTES, Geometry
from .link import (
    END_BYTES,
    PACKET_OVERHEAD,
    STEP_CYCLES_BYTES,
    VALUE_BYTES,
    Region,
    word_bytes,
)
from .sizes import round_up


def most_outputs(geometry: Geometry) -> int:
    """Words of outputs for which an accelerator's packets have room."""
    room = geometry.packet_bytes - PACKET_OVERHEAD - STEP_CYCLES_BYTES
    return room // word_bytes(Region.STATE, geometry)


@dataclass(frozen=True, kw_only=True)
class PacketBudget:
    """Bytes of a STEP's question and answer, unescaped, CRC included.

    No other packet needs room of its own: memories are read and written in as many pieces as it
    takes.

    Parameters
    ----------
    inputs, outputs : int
        Values that go in and come out in a step.
    lanes : int
        The answer is whole blocks of so many outputs.
    """

    inputs: int
    outputs: int
    lanes: int

    @property
    def question(self) -> int:
        """Of the question."""
        return PACKET_OVERHEAD + VALUE_BYTES * self.inputs

    @property
    def answer_payload(self) -> int:
        """Of the answer's payload: cycles, then outputs."""
        return STEP_CYCLES_BYTES + VALUE_BYTES * round_up(self.outputs, self.lanes)

    @property
    def answer(self) -> int:
        """Of the answer."""
        return PACKET_OVERHEAD + self.answer_payload

    @property
    def longest(self) -> int:
        """Of the longer of the two."""
        return max(self.question, self.answer)

    @property
    def line(self) -> int:
        """Of both on the serial line, with their ENDs, when no byte is escaped."""
        return self.question + self.answer + 2 * END_BYTES

    @property
    def packet_bytes(self) -> int:
        """The least `thresh.layout.geometry.Geometry.packet_bytes` that has room for both.

        Raises
        ------
        ValueError
            When no accelerator has.
        """
        for room in PACKET_BYTES:
            if self.longest <= room:
                return room
        raise ValueError(
            f"A step's packets must have at most {PACKET_BYTES[-1]} bytes, not {self.longest}: "
            f"use fewer inputs or outputs"
        )
