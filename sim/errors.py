"""What goes wrong in a simulation."""


class SimulationError(ValueError):
    """A simulator that cannot be built, hangs, or ends early; one sentence."""
