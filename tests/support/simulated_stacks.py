"""Random stacks on a core in the Amaranth simulator, every integer compared after every burst."""

from hypothesis import strategies as st
from random_networks import bursts, gaps, networks


@st.composite
def cases(draw, geometry):
    """A network and two sequences, each in bursts of steps with gaps before the inputs."""
    network = draw(networks(geometry))
    return network, bursts(draw, network, lambda part: gaps(part.size))


def check(simulation, network, runs):
    """Run and compare every integer after every burst."""
    simulation.load(network)
    comparison = simulation.comparison(network)
    for number, parts in enumerate(runs):
        simulation.new_sequence()
        comparison.new_sequence()
        step = 0
        for x, pauses in parts:
            simulation.burst(x, pauses)
            for values in x:
                comparison.advance(values)
            step += len(x)
            comparison.compare(simulation.observe(), f"sequence {number}, after step {step - 1}")
            assert not comparison.mismatches, comparison.first_difference
