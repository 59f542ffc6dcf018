"""Words of state are numbered; padding holds no unit."""

import pytest
from block_bench import play

from thresh.gateware.encode.state_counter import StateCounter
from thresh.sim.benches.script import Script


@pytest.mark.parametrize("lanes", [1, 2, 8])
@pytest.mark.parametrize("units", [1, 8, 13])
def test_words_hold_their_units_and_then_padding(lanes, units):
    script, now = Script(begin=0, advance=0), 0
    words, padding = -(-units // lanes), 3
    for segment in (0, 3 * lanes):  # two layers after each other
        script.drive(now, begin=1, units_minus_1=units - 1, segment=segment)
        now += 1
        for word in range(words + padding):
            script.want(now, active=word < words)
            if word < words:
                place = {"address": segment // lanes + word, "row": word, "last": word == words - 1}
                script.want(now, **place)
            if word == words - 1:
                inside = units - word * lanes
                script.want(now, units=(1 << inside) - 1)
            script.want(now + 1, active=word < words)  # a word that does not come changes nothing
            script.drive(now + 1, advance=1)
            now += 2
    play(StateCounter(address_bits=7, pointwise_lanes=lanes), script)
