"""The tasks that ship, by name."""

import os
from collections.abc import Callable

from thresh.training.trainer.task import Task

from .an4_digits import An4Digits
from .connected_digits import ConnectedDigits
from .ecg import Ecg
from .keywords import Keywords
from .letters import Letters
from .steering import Steering

TASKS: dict[str, Callable[[str | os.PathLike[str] | None], Task]] = {
    one.name: one for one in (ConnectedDigits, An4Digits, Letters, Steering, Ecg, Keywords)
}
"""Each is made from the folder of its data, or of the environment's when that is None."""
