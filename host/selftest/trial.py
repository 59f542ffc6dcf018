"""The self-test: memories, link and every kind of layer, over the line that a host uses."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from thresh.host.client import Client
from thresh.host.columns import load_columns
from thresh.host.errors import LinkError, RefusedError
from thresh.layout.geometry import Geometry
from thresh.layout.image import Image, build_image
from thresh.layout.link import (
    MAX_READ_WORDS,
    PACKET_OVERHEAD,
    Command,
    Fault,
    Region,
    region_words,
    word_bytes,
)
from thresh.layout.sdram_chip import ULX3S_SDRAM
from thresh.layout.sdram_image import build_sdram_image
from thresh.model.cells import CELLS
from thresh.model.network import Network

from .vectors import answers, known_inputs, known_network

WRITTEN = (
    Region.WEIGHTS, Region.TABLE, Region.HEADER, Region.ACCUMULATORS, Region.STATE,
    Region.REFERENCES,
)  # fmt: skip
"""Memories that can be written and read back."""

VALUES = (Region.STATE, Region.REFERENCES)
"""Of which a word holds values, extended to 16 bits."""

Trial = tuple[str, str, Callable[[], str | None]]
"""A part, what is tried with it, and what finds out what is wrong."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was tried.

    Parameters
    ----------
    part, tried : str
        Of what, and what was done with it.
    wrong : str or None
        What was not as it must be.
    skipped : bool
        The accelerator is too small for it.
    seconds : float
    """

    part: str
    tried: str
    wrong: str | None = None
    skipped: bool = False
    seconds: float = 0.0

    @property
    def verdict(self) -> str:
        """In a word, or what is wrong."""
        return self.wrong or ("does not fit" if self.skipped else "good")


class DoesNotFit(Exception):
    """The accelerator is too small for what would be tried."""


def self_test(
    client: Client, progress: Callable[[int, int], None] | None = None
) -> tuple[Finding, ...]:
    """Try everything; the network that was loaded is lost, and none is loaded afterwards.

    Parameters
    ----------
    client : Client
    progress : callable, optional
        Called with parts done and all.

    Raises
    ------
    LinkError
        When nobody answers at the beginning. A line that fails later is a finding.
    """
    client.identify()
    trials = [*_memories(client), *_link(client), *_kinds(client)]
    findings = []
    for number, (part, tried, trial) in enumerate(trials, start=1):
        begun, wrong, skipped = time.monotonic(), None, False
        try:
            wrong = trial()
        except DoesNotFit:
            skipped = True
        except LinkError as error:
            wrong = str(error)
        findings.append(
            Finding(
                part=part, tried=tried, wrong=wrong, skipped=skipped,
                seconds=time.monotonic() - begun,
            )
        )  # fmt: skip
        if progress:
            progress(number, len(trials))
    with contextlib.suppress(LinkError):
        client.commit(False)
    return tuple(findings)


def _memories(client: Client) -> list[Trial]:
    """Every memory, all of it."""
    geometry = client.identity.geometry
    return [
        (
            region.name.lower(),
            f"{_words(region, geometry):,} words written and read, each bit both ways",
            partial(_memory, client, region),
        )
        for region in WRITTEN
    ]


def _words(region: Region, geometry: Geometry) -> int:
    """Words that can be read back: behind a window on an SDRAM none can."""
    if region == Region.WEIGHTS and geometry.columns == "sdram":
        return geometry.weight_depth // 2
    return region_words(region, geometry)


def _memory(client: Client, region: Region) -> str | None:
    """The first word that does not come back, of noise and of its complement."""
    geometry = client.identity.geometry
    shape = _words(region, geometry), word_bytes(region, geometry)
    noise = np.random.default_rng(region).integers(0, 256, shape, dtype=np.uint8)
    for pattern in (noise, ~noise):
        if region in VALUES:
            spare = 16 - geometry.value_bits
            pattern = (pattern.view("<i2") << spare >> spare).view(np.uint8)
        client.commit(False)
        client.write(region, 0, pattern)
        came = client.read(region, 0, len(pattern))
        if (wrong := np.flatnonzero((came != pattern).any(axis=1))).size:
            return f"{wrong.size:,} words differ, first word {wrong[0]}"
    return None


def _link(client: Client) -> list[Trial]:
    """The line at its limits."""
    room = client.identity.geometry.packet_bytes
    return [
        ("longest packets", f"{room} bytes each way", partial(_longest, client)),
        ("refusals", "an address beyond a memory, a length, a step without a network",
         partial(_refusals, client)),
    ]  # fmt: skip


def _longest(client: Client) -> str | None:
    """As many words as fit in one packet, of one byte value that is escaped and one that is not."""
    geometry = client.identity.geometry
    size = word_bytes(Region.ACCUMULATORS, geometry)
    most = min((geometry.packet_bytes - PACKET_OVERHEAD) // size, MAX_READ_WORDS)
    words = np.full((min(most, geometry.accumulator_depth), size), 0xC0, np.uint8)
    words[::2] = 0x55
    client.write(Region.ACCUMULATORS, 0, words)
    came = client.read(Region.ACCUMULATORS, 0, len(words))
    return None if np.array_equal(came, words) else "what came back is not what was sent"


def _refusals(client: Client) -> str | None:
    """What must be refused, and with which fault."""
    client.commit(False)
    beyond = bytes((Region.TABLE,)) + (0xFFFF).to_bytes(2, "little") + b"\x01"
    questions = (
        (Command.READ, beyond, Fault.RANGE),
        (Command.READ, b"", Fault.LENGTH),
        (Command.STEP, b"", Fault.NOT_LOADED),
    )
    for command, payload, fault in questions:
        try:
            client.exchange.ask(command, payload)
        except RefusedError as refusal:
            if refusal.code != fault:
                return f"{command.name} is refused with {refusal.code}, not with {fault}"
        else:
            return f"{command.name} is not refused with {fault.name}"
    return None if client.identify() else "nobody answers afterwards"


def _kinds(client: Client) -> list[Trial]:
    """A small network of every kind of layer."""
    return [
        (kind, "a small network, every output of its steps", partial(_kind, client, kind))
        for kind in CELLS
    ]


def _kind(client: Client, kind: str) -> str | None:
    """The first output that is not the golden model's."""
    network = known_network(kind, client.identity.geometry)
    x = known_inputs(network)
    _load(client, network)
    client.new_sequence()
    wanted = answers(network, x)
    for number, (values, outputs) in enumerate(zip(x, wanted, strict=True)):
        came = client.step(values).outputs
        if not np.array_equal(came, outputs):
            unit = int(np.flatnonzero(came != outputs)[0])
            return f"step {number}, output {unit} is {came[unit]}, not {outputs[unit]}"
    return None


def _load(client: Client, network: Network) -> None:
    """Lay a network out for the accelerator that answers, and load it."""
    geometry = client.identity.geometry
    try:
        if geometry.columns == "sdram":
            image: Image = (columns := build_sdram_image(network, geometry, ULX3S_SDRAM))
        else:
            image = build_image(network, geometry)
    except ValueError as error:
        raise DoesNotFit from error
    if geometry.columns == "sdram":
        load_columns(client, columns)
    client.load(image)
