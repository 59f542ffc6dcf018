"""The tasks that ship, by name."""

from typing import Any

from .an4_digits import An4Digits
from .connected_digits import ConnectedDigits, WideDigits
from .ecg import Ecg
from .keywords import Keywords
from .letters import Letters
from .steering import Steering

TASKS: dict[str, Any] = {
    one.name: one
    for one in (ConnectedDigits, WideDigits, An4Digits, Letters, Steering, Ecg, Keywords)
}
"""Each is made from the folder of its data, or of the environment's when that is None, and with
``fold`` where it has folds."""
