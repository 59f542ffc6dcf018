"""The tasks that ship, by name."""

import os
from collections.abc import Callable

from .connected_digits import ConnectedDigits
from .ecg import Ecg
from .letters import Letters
from .steering import Steering
from .task import Task

TASKS: dict[str, Callable[[str | os.PathLike[str] | None], Task]] = {
    one.name: one for one in (ConnectedDigits, Letters, Steering, Ecg)
}
"""Each is made from the folder of its data, or of the environment's when that is None."""
