"""Random networks on three kinds of core, every integer compared after every burst of steps.

Networks and inputs are what the tests draw: tensors of extremes, zeros, the lowest and the highest
values, accumulators up to both ends, thresholds at every limit, changes of a threshold and one less
and one more, layers of every kind, blocks almost empty and almost full.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from thresh.model.network import MAX_LAYERS, Network
from thresh.sim.comparison import Comparison

from .campaign import Campaign, Counts, Failed, Opened
from .cores import COLUMNS, RESIDENT, SDRAM, SPARSE, ChipCore, SdramCore
from .drawn import link_bench, random_networks

NETWORKS = 25
"""Of a part."""

SHARES = (0, 0.5, 0.9, 1)
"""Of weights that are zero, where columns may be sparse."""

Case = tuple[Network, bool | None, list[list[tuple[np.ndarray, None]]]]


def _runs(draw: Any, network: Network) -> list:
    return random_networks.bursts(draw, network, lambda part: st.none())


@st.composite
def resident(draw: Any) -> Case:
    """Dense columns on the chip."""
    network = draw(
        random_networks.networks(RESIDENT, max_layers=MAX_LAYERS, sizes=random_networks.SIZES)
    )
    return network, None, _runs(draw, network)


@st.composite
def sparse(draw: Any) -> Case:
    """Sparse columns on the chip."""
    dense = replace(RESIDENT, weight_depth=RESIDENT.weight_depth // link_bench.LONGER)
    network = draw(
        random_networks.networks(dense, max_layers=MAX_LAYERS, sizes=random_networks.SIZES)
    )
    network = link_bench.pruned(network, draw(st.sampled_from(SHARES)), draw(st.integers(0, 99)))
    return network, None, _runs(draw, network)


@st.composite
def in_sdram(draw: Any) -> Case:
    """Columns in SDRAM, sparse and dense."""
    on_chip = replace(SDRAM, columns="chip", sparse=False, weight_depth=COLUMNS)
    network = draw(random_networks.networks(on_chip))
    network = link_bench.pruned(network, draw(st.sampled_from(SHARES)), draw(st.integers(0, 99)))
    return network, draw(st.sampled_from((None, True, False))), _runs(draw, network)


def check(core: Any, counts: Counts, case: Case) -> None:
    """Run two sequences of a network, and compare after every burst."""
    network, choice, runs = case
    core.load_network(network, choice)
    comparison = Comparison(network, core.plan)
    for number, parts in enumerate(runs):
        core.new_sequence()
        comparison.new_sequence()
        for x, _ in parts:
            core.run(x)
            for values in x:
                comparison.advance(values)
                counts["saturations"] += int(comparison.model.saturations[0])
            comparison.compare(core.observe(), f"sequence {number}, a burst of {len(x)}")
            counts["steps"] += len(x)
        counts["sequences"] += 1
    if comparison.mismatches:
        raise Failed(f"{network.name}: {comparison.first_difference}")
    counts["networks"] += 1
    counts["integers"] += comparison.integers


def part(core: Any, cases: Callable[[], st.SearchStrategy], number: int) -> Counts:
    """So many networks behind a power-up."""
    counts = dict.fromkeys(("integers", "networks", "sequences", "steps", "saturations"), 0)
    with core.powered_up(number) as running:

        @seed(number)
        @settings(
            max_examples=NETWORKS, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        )  # fmt: skip
        @given(cases())
        def agree(case: Case) -> None:
            check(running, counts, case)

        agree()
    return counts


def opened(make: Callable[[Path], Any], cases: Callable, folder: Path) -> Opened:
    """Ready to run."""
    core = make(folder)
    return Opened(source=core.source, part=partial(part, core, cases))


def _campaign(make: Callable[[Path], Any], cases: Callable) -> Campaign:
    return Campaign(
        about=__doc__, unit="integers", wanted=10_000_000, open=partial(opened, make, cases)
    )


INTEGERS = {
    "integers-resident": _campaign(partial(ChipCore, RESIDENT), resident),
    "integers-sparse": _campaign(partial(ChipCore, SPARSE), sparse),
    "integers-sdram": _campaign(SdramCore, in_sdram),
}
