"""Whether what an accelerator keeps is what its weights make of its inputs, and its memories whole.

A step is verified by what was there before it. ``M == bias + W reference`` holds once every delta
that was sent has been accumulated (`thresh.model.snapshot`): references and state before the step,
the host's weights and the step's inputs make every integer that is there after it. A bit that
turned over in M, in a reference or in a weight stays seen for the rest of the sequence; one in the
state is seen if it turned over in the step that is verified.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from thresh.layout.image import Image
from thresh.layout.layer_table import HEADER_FIELDS, TABLE_WORDS
from thresh.layout.link import Region, checksum
from thresh.layout.memory_map import NetworkMap
from thresh.sim.golden import GoldenModel
from thresh.sim.golden_snapshot import restore

from .client import Client
from .records import Step

NAMES = {
    Region.TABLE: "layer table", Region.HEADER: "header", Region.WEIGHTS: "weight memory",
}  # fmt: skip

Row = tuple[str, str, np.ndarray, np.ndarray]
"""What it is, of what, as it came and as it must be."""


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What was verified.

    Parameters
    ----------
    steps, integers : int
        Steps that were, and integers compared, bytes of memories among them.
    wrong : tuple of str
        A sentence for whatever was wrong, in the order in which it was found.
    """

    steps: int
    integers: int
    wrong: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Nothing was wrong."""
        return not self.wrong

    @property
    def verdict(self) -> str:
        """In words."""
        if self.wrong:
            return "; ".join(self.wrong)
        return f"{self.steps:,} steps and the memories, {self.integers:,} integers, all of it good"


class Verifier:
    """Verifies steps of the network that is loaded, and the memories that hold it.

    Parameters
    ----------
    client : Client
    image : Image
        The network as it must lie in the accelerator.
    every : int
        Of so many steps one is verified, until one is wrong.

    Attributes
    ----------
    sequence : str
        The sequence under way, for sentences; empty where there is one.
    """

    def __init__(self, client: Client, image: Image, every: int = 1) -> None:
        self.client, self.image, self.every = client, image, every
        self.sequence = ""
        self._model = GoldenModel(image.network)
        self._steps = self._integers = 0
        self._wrong: list[str] = []

    @property
    def found(self) -> Verified:
        """What has been verified so far."""
        return Verified(steps=self._steps, integers=self._integers, wrong=tuple(self._wrong))

    def step(self, x: np.ndarray, number: int) -> Step:
        """Advance a step of the sequence, the ``number``-th from 0, and verify it if it is due.

        Raises
        ------
        LinkError
        """
        if (number + 1) % self.every or self._wrong:
            return self.client.step(x)
        of = f" of {self.sequence}" if self.sequence else ""
        return self._verified(x, f"step {number}{of}")

    def standing(self) -> Verified:
        """Verify a sequence between two steps, by a step that is taken back, and the memories.

        The sequence goes on as if nothing had been, but for counters, which begin anew.

        Raises
        ------
        LinkError
        """
        kept = self.client.save(self.image.network)
        self._verified(kept.reference_x, "a step of the inputs last sent")
        self.client.restore(kept, self.image.network)
        self.memories()
        return self.found

    def memories(self) -> None:
        """Read layer table, header and weights back and compare their CRC-32 with the image's.

        Columns in SDRAM cannot be read back.

        Raises
        ------
        LinkError
        """
        for region, words in self.image.regions.items():
            came = self.client.read(region, 0, len(words))
            self._integers += words.size
            sums = [checksum(part.tobytes()) for part in (came, words)]
            if sums[0] == sums[1]:
                continue
            wrong = np.flatnonzero((came != words).any(axis=1))
            differ = "1 word differs" if wrong.size == 1 else f"{wrong.size:,} words differ"
            self._wrong.append(
                f"The CRC-32 of the {NAMES[region]} is {sums[0]:08x}, the image's {sums[1]:08x}: "
                f"{differ}, first {self._place(region, int(wrong[0]))}"
            )

    def _verified(self, x: np.ndarray, name: str) -> Step:
        restore(self._model, self.client.save(self.image.network))
        step = self.client.step(x)
        self._model.step(np.asarray(x)[None])
        self._steps += 1
        for what, of, came, wanted in self._rows(step):
            self._integers += wanted.size
            if (wrong := np.flatnonzero(came != wanted)).size:
                at = wrong[0]
                more = f", and {wrong.size - 1} more differ" if wrong.size > 1 else ""
                self._wrong.append(
                    f"After {name}, {what} of {of.format(at)} is {came[at]}, where weights, "
                    f"references and inputs make {wanted[at]}{more}"
                )
                break
        return step

    def _rows(self, step: Step) -> Iterator[Row]:
        """In the order in which a step makes them, so that the first difference is the cause."""
        model, client = self._model, self.client
        reference_x, references = client.read_references()
        yield "the reference", "input {}", reference_x, model.reference_x[0]
        m, registers = client.read_accumulators(), client.read_state()
        for number, state in enumerate(model.layers):
            of = f"unit {{}} of layer {number}"
            for row, wanted in enumerate(state.m[0]):
                yield f"accumulator {row}", of, m[number][row], wanted
            for name in reversed(registers[number]):
                yield f"state {name}", of, registers[number][name], getattr(state, name)[0]
            reference = references[number]
            if reference is not None:
                yield "the reference", of, reference, state.reference_h[0]
        yield "the output", "unit {}", step.outputs, model.layers[-1].h[0]

    def _place(self, region: Region, word: int) -> str:
        """A word of a memory in words."""
        if region == Region.HEADER:
            return f"its {HEADER_FIELDS[word]}"
        if region == Region.TABLE:
            return f"word {word % TABLE_WORDS} of layer {word // TABLE_WORDS}"
        return f"word {word}, {_owner(self.image.placement, word)}"


def _owner(plan: NetworkMap, word: int) -> str:
    """Whose a word of the weight memory is."""
    bias = (word - plan.bias_base) * plan.geometry.biases_per_word
    each = 2 if plan.geometry.sparse_memory else 1
    for number, layer in enumerate(plan.layers):
        accumulators = layer.accumulator_base + layer.words * len(layer.cell.passes)
        if 0 <= bias < accumulators:
            return f"of the biases of layer {number}"
        first = each * layer.weight_base
        if first <= word < first + each * layer.weight_words:
            return f"of the weights of layer {number}"
    return "of no layer"
