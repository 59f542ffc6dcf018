"""The nonzero lists in plain Python, as scripts that play several steps of a network."""

from collections.abc import Sequence

import numpy as np

from .script import Script, pack

Event = tuple[int, int, bool]
"""Column, delta, and whether it fires."""


class QueueScript(Script):
    """A script for a `NonzeroQueue`, with the lists it must keep.

    Parameters
    ----------
    value_bits, address_bits : int
    random : numpy.random.Generator
    gaps : bool
        Cycles without an event come between events.
    """

    def __init__(
        self, *, value_bits: int, address_bits: int, random: np.random.Generator, gaps: bool
    ) -> None:
        super().__init__(i_valid=0, hidden_empty=0, lists_take_x=0, clear=0, flush=0)
        self.value_bits = value_bits
        self.address_bits = address_bits
        self.random = random
        self.gaps = gaps
        self.now = 0
        self.parity = 0
        """Bank of the input list under way."""
        self.kept: dict[tuple[int, int], tuple[int, int]] = {}
        """Column and delta by bank and address, of complete lists."""
        self.lengths: dict[int, int] = {}
        """By bank and number, of hidden lists that can be asked for."""

    def advance(self) -> None:
        """End this cycle: replay any complete list beside whatever else happens in it."""
        if self.kept:
            keys = list(self.kept)
            bank, address = keys[self.random.integers(len(keys))]
            index, delta = self.kept[bank, address]
            self.drive(self.now, lists_address=pack((address, self.address_bits), (bank, 1)))
            event = pack((index, self.address_bits), (delta, self.value_bits))
            self.want(self.now + 1, event=event)
        if self.lengths:
            tags = list(self.lengths)
            tag = tags[self.random.integers(len(tags))]
            self.drive(self.now, lists_count_address=tag)
            self.want(self.now + 1, lists_count=self.lengths[tag])
        self.now += 1

    def rest(self, cycles: int) -> None:
        """Let some cycles pass."""
        for _ in range(cycles):
            self.advance()

    def fill(
        self, inputs: Sequence[Event], hidden: Sequence[Event], base: int, number: int, bank: int
    ) -> None:
        """Append a whole input list and a whole hidden list, interleaved; either may be empty.

        Both count as complete afterwards.
        """
        tag = pack((number, 4), (bank, 1))
        self._forget_old(len(inputs), self.parity, 0)
        if hidden:
            self._forget_old(len(hidden), bank, base)
            self.lengths.pop(tag, None)
            self.drive(self.now, hidden_base=base, hidden_number=number, hidden_parity=bank)
        order = self.random.permutation([0] * len(inputs) + [1] * len(hidden))
        lists, new = (list(inputs), list(hidden)), {}
        at, counts = [0, base], [0, 0]
        for which in order:
            whole, events = (inputs, hidden)[which], lists[which]
            first, last = len(events) == len(whole), len(events) == 1
            index, delta, fires = events.pop(0)
            payload = self._payload(index, delta, fires, which, first, last)
            self.drive(self.now, i_valid=1, i_payload=payload)
            if fires:
                new[(self.parity, bank)[which], at[which]] = (index, delta)
                at[which] += 1
                counts[which] += 1
            name = "xh"[which]
            state = {f"lists_{name}_complete": last, f"lists_{name}_count": counts[which]}
            self.want(self.now + 1, x_done=0, h_done=0)
            self.want(self.now + 1, **state, **{f"{name}_done": last})
            if which:
                self.want(self.now + 1, lists_h_tag=tag)
            self.advance()
            self.rest(int(self.random.integers(0, 4)) if self.gaps else 0)
        self.kept |= new
        self.rest(2)
        if hidden:
            self.lengths[tag] = counts[1]

    def empty(self, number: int, bank: int) -> None:
        """A hidden list that is complete without an event."""
        tag = pack((number, 4), (bank, 1))
        self.lengths.pop(tag, None)
        self.drive(self.now, hidden_empty=1, hidden_number=number, hidden_parity=bank)
        self.want(self.now + 1, lists_h_complete=1, lists_h_count=0, lists_h_tag=tag, h_done=1)
        self.rest(3)
        self.lengths[tag] = 0

    def begin(self) -> None:
        """The first event of an input list that will not be completed."""
        self._forget_old(1, self.parity, 0)
        payload = self._payload(0, 1, True, 0, True, False)
        self.drive(self.now, i_valid=1, i_payload=payload)
        self.want(self.now + 1, lists_x_complete=0, lists_x_count=1)
        self.advance()

    def take(self) -> None:
        """The input list is taken: the next one lies in the other bank."""
        self.parity ^= 1
        self.drive(self.now, lists_take_x=1)
        self.want(self.now + 1, lists_x_complete=0, lists_x_parity=self.parity)
        self.advance()

    def new_sequence(self) -> None:
        """Drop the lists under way, then empty every hidden list."""
        self.kept.clear()
        self.lengths.clear()
        self.drive(self.now, flush=1)
        self.want(self.now + 1, lists_x_complete=0, lists_h_complete=0)
        self.advance()
        for tag in range(32):
            self.drive(self.now, clear=1, clear_address=tag)
            self.advance()
        self.lengths = dict.fromkeys(range(32), 0)
        self.rest(16)

    def _payload(self, index: int, delta: int, fires: bool, hidden: int, *ends: bool) -> int:
        flags = ((flag, 1) for flag in (fires, hidden, *ends))
        return pack((index, self.address_bits), (delta, self.value_bits), *flags)

    def _forget_old(self, count: int, bank: int, base: int) -> None:
        for address in range(base, base + count):
            self.kept.pop((bank, address), None)


def events(random: np.random.Generator, size: int, share: float, value_bits: int) -> list[Event]:
    """What an encoder sends of ``size`` values of which ``share`` fire: these and both ends."""
    limit = 1 << (value_bits - 1)
    found = []
    for index in range(size):
        fires = bool(random.random() < share)
        if fires or index in (0, size - 1):
            found.append((index, int(random.integers(-limit, limit)), fires))
    return found


def queue_steps(
    random: np.random.Generator, *, depth: int, value_bits: int, gaps: bool, steps: int
) -> QueueScript:
    """Two sequences of several steps of two hidden layers, and a bank that is filled to its end."""
    script = QueueScript(
        value_bits=value_bits, address_bits=(depth - 1).bit_length(), random=random, gaps=gaps
    )
    inputs, first, second = depth // 4, depth // 2, depth - depth // 4 - depth // 2

    def some(size: int, share: float | None = None) -> list[Event]:
        chance = random.choice([0.0, 0.3, 1.0]) if share is None else share
        return events(random, size, chance, value_bits)

    for _ in range(2):
        script.new_sequence()
        script.fill(some(inputs), [], 0, 0, 0)
        for _ in range(steps):
            bank = script.parity
            script.take()
            # The next step's inputs come while this step's hidden values are listed.
            script.fill(some(inputs), some(first), inputs, 1, bank)
            if random.random() < 0.3:
                script.empty(2, bank)
            else:
                script.fill([], some(second), inputs + first, 2, bank)
        script.begin()
    script.new_sequence()
    for _ in range(2):
        script.fill(some(depth, 1.0), [], 0, 0, 0)
        script.rest(2 * depth)
        script.take()
    return script
