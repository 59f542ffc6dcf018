"""`DeltaEncoder` as a script: inputs and state interleaved, thresholds that change."""

import numpy as np

from thresh.model.arithmetic import encode

from .script import Script, pack


class EncoderScript(Script):
    """Encoded values of two lists, and the references they leave; these are zero at first.

    Parameters
    ----------
    bits, address_bits : int
        Of a value and of an address.
    latency : int
        Of the block.
    inputs, units : int
        Sizes of the two lists. A list must take at least ``latency + 1`` cycles.
    """

    def __init__(
        self, *, bits: int, address_bits: int, latency: int, inputs: int = 6, units: int = 9
    ) -> None:
        super().__init__(i_valid=0, access_enable=0, access_write=0)
        self.bits, self.address_bits, self.latency = bits, address_bits, latency
        self.size_x, self.size_h = inputs, units
        self.highest = (1 << (bits - 1)) - 1
        self.references = np.zeros(inputs + units, np.int64)
        self.fired: list[int] = []
        """Every delta that was sent."""
        self.clipped = 0
        """Those that were clipped."""
        self.drive(-1, threshold_x=0, threshold_h=0, i_payload=0)
        self.drive(-1, access_address=0, access_write_data=0)
        for address in range(inputs + units):
            self.drive(address, access_enable=1, access_write=1, access_address=address)
        self.now = inputs + units

    def set_thresholds(self, x: int, h: int) -> None:
        """Of the inputs and of the hidden values from the next cycle on."""
        for _ in range(self.latency + 1):
            self.gap()
        self.thresholds = (x, h)
        self.drive(self.now, threshold_x=x, threshold_h=h)
        self.gap()

    def value(self, value: int, *, index: int, hidden: bool) -> None:
        """Encode one value in this cycle."""
        size, base = (self.size_h, self.size_x) if hidden else (self.size_x, 0)
        first, last, address = index == 0, index == size - 1, base + index
        ends = ((first, 1), (last, 1))
        payload = pack(
            (value, self.bits),
            (address, self.address_bits),
            (index, self.address_bits),
            (hidden, 1),
            *ends,
        )
        self.drive(self.now, i_valid=1, i_payload=payload)
        sent = encode(value, self.references[address], self.thresholds[hidden], self.bits)
        delta, clipped = map(int, sent)
        self.references[address] += delta
        fires = delta != 0
        seen = self.now + self.latency
        self.want(seen, o_valid=fires or first or last, saturated=clipped)
        if fires:
            event = ((index, self.address_bits), (delta, self.bits), (fires, 1), (hidden, 1))
            self.want(seen, o_payload=pack(*event, *ends))
            self.fired.append(delta)
        self.clipped += clipped
        self.now += 1

    def gap(self) -> None:
        """A cycle without a value."""
        self.want(self.now + self.latency, o_valid=0, saturated=0)
        self.now += 1

    def finish(self) -> Script:
        """Read all references back."""
        self.now += self.latency + 2
        read_latency = self.latency - 2
        for address, wanted in enumerate(self.references):
            payload = pack((0, self.bits), (address, self.address_bits))
            self.drive(self.now, access_enable=1, i_payload=payload)
            self.want(self.now + read_latency, access_read_data=int(wanted))
            self.now += 1
        return self

    def interleave(
        self, random: np.random.Generator, pairs: list[tuple[int, int]], *, gaps: bool = False
    ) -> Script:
        """A step of both lists for every pair of thresholds.

        Most changes are at the boundary or beside it, others none or the largest there is.
        """
        for x, h in pairs:
            self.set_thresholds(x, h)
            at = [0, 0]
            for hidden in self._order(random):
                reference = int(self.references[at[hidden] + hidden * self.size_x])
                value = self._near(random, reference, self.thresholds[hidden])
                self.value(value, index=at[hidden], hidden=bool(hidden))
                at[hidden] += 1
                while gaps and random.random() < 0.3:
                    self.gap()
        return self.finish()

    def _order(self, random: np.random.Generator) -> np.ndarray:
        return random.permutation([0] * self.size_x + [1] * self.size_h)

    def _near(self, random: np.random.Generator, reference: int, threshold: int) -> int:
        change = random.choice((-1, 1)) * (threshold + random.choice((-1, 0, 1)))
        value = random.choice(
            (reference, -self.highest - 1, self.highest, *[reference + change] * 5)
        )
        return int(np.clip(value, -self.highest - 1, self.highest))

    def boundary(self, threshold: int, *, hidden: bool) -> Script:
        """Changes of one less than the threshold do not fire, and no change ever does."""
        other = self.highest if threshold < self.highest else 0
        self.set_thresholds(*((other, threshold) if hidden else (threshold, other)))
        changes = [0, threshold - 1, threshold, 1 - threshold, -threshold, -threshold - 1]
        for index, change in enumerate(changes):
            self.value(change, index=index, hidden=hidden)
        sent = {0: [-1, 1, -1], 1: [1, -1, -2]}
        assert self.fired == sent.get(threshold, [threshold, -threshold, -threshold - 1])
        return self.finish()

    def clip(self) -> Script:
        """From the lowest value to the highest takes three deltas."""
        self.set_thresholds(0, self.highest)
        for value in (-self.highest - 1, *[self.highest] * 4):
            for index in range(self.size_x):
                self.value(value, index=index, hidden=False)
        wanted = [-self.highest - 1, self.highest, self.highest, 1]
        assert self.fired[:: self.size_x] == wanted
        assert self.clipped == 2 * self.size_x
        return self.finish()

    def creep(self, threshold: int) -> Script:
        """Changes too small to fire add up until they do."""
        self.set_thresholds(threshold, 0)
        steps = 2 * threshold + 2
        for value in range(steps):
            for index in range(self.size_x):
                self.value(value, index=index, hidden=False)
        assert self.fired == [threshold] * (2 * self.size_x)
        return self.finish()


def thresholds(bits: int) -> list[tuple[int, int]]:
    """Pairs of thresholds, small, in the middle and the largest."""
    highest = (1 << (bits - 1)) - 1
    sizes = sorted({0, 1, 2, 40, highest // 2, highest - 1, highest})
    return [(x, h) for x in sizes for h in sizes if max(x, h) <= highest]
