"""Whether what an accelerator keeps is what its weights make of its inputs, and its memories whole.

A step is verified by what was there before it. ``M == bias + W reference`` holds once every delta
that was sent has been accumulated (`thresh.model.snapshot`): references and state before the step,
weights of the host and the step's inputs make every integer that is there after it. A bit that
turned over in M, in a reference or in a weight stays seen for the rest of the sequence; one in the
state is seen in the step that it happened in, and afterwards only where it is in nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from thresh.layout.image import Image
from thresh.layout.layer_table import HEADER_FIELDS, TABLE_WORDS
from thresh.layout.link import Region, checksum
from thresh.layout.memory_map import NetworkMap
from thresh.model.network import Network
from thresh.sim.golden import GoldenModel
from thresh.sim.golden_snapshot import restore

from .client import Client
from .records import Step

Row = tuple[str, str, np.ndarray, np.ndarray]
"""What it is, of what, as it came and as it must be."""


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What was verified.

    Parameters
    ----------
    steps, integers : int
        Steps that were, and integers compared.
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


class Verifier:
    """Verifies steps of the network that ``client`` has loaded, and the memories that hold it.

    Parameters
    ----------
    client : Client
    image : Image
        The network as it must lie in the accelerator.
    """

    def __init__(self, client: Client, image: Image) -> None:
        self.client, self.image = client, image
        self._model = GoldenModel(image.network)
        self._steps = self._integers = 0
        self._wrong: list[str] = []

    @property
    def found(self) -> Verified:
        """What has been verified so far."""
        return Verified(steps=self._steps, integers=self._integers, wrong=tuple(self._wrong))

    def step(self, x: np.ndarray, name: str = "a step") -> Step:
        """Advance one step and verify it; ``name`` is how a sentence begins, behind "After".

        Raises
        ------
        LinkError
        """
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

    def standing(self) -> Verified:
        """Verify a sequence that stands, by a step that is taken back, and the memories.

        The sequence goes on as if nothing had been, but for counters, which begin anew.

        Raises
        ------
        LinkError
        """
        kept = self.client.save(self.image.network)
        self.step(kept.reference_x, "a step of the inputs last sent")
        self.client.restore(kept)
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
            self._wrong.append(
                f"The CRC-32 of the {_NAMES[region]} is {sums[0]:08x}, the image's {sums[1]:08x}: "
                f"{wrong.size} words differ, first {self._place(region, int(wrong[0]))}"
            )

    def _place(self, region: Region, word: int) -> str:
        """A word in words."""
        if region == Region.HEADER:
            return f"its {HEADER_FIELDS[word]}"
        if region == Region.TABLE:
            return f"word {word % TABLE_WORDS} of layer {word // TABLE_WORDS}"
        return f"word {word}, {_weight(self.image.placement, word)}"

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


_NAMES = {
    Region.TABLE: "layer table", Region.HEADER: "header", Region.WEIGHTS: "weight memory",
}  # fmt: skip


def _weight(plan: NetworkMap, word: int) -> str:
    """Whose a word of the weight memory is."""
    shape = plan.geometry
    if not shape.sparse_memory and word >= plan.bias_base:
        first = (word - plan.bias_base) * shape.biases_per_word
        for number, layer in enumerate(plan.layers):
            words = layer.words * len(layer.cell.passes)
            if first < layer.accumulator_base + words:
                return f"a bias of layer {number}"
    each = 2 if shape.sparse_memory else 1
    for number, layer in enumerate(plan.layers):
        first = each * layer.weight_base
        if first <= word < first + each * layer.weight_words:
            return f"weights of layer {number}"
    return "biases"


def network_of(image: Image) -> Network:
    """The image's network."""
    return image.network
