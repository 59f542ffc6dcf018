"""What people are told of sequences that were changed on their way in: converted, or clipped."""

from collections.abc import Iterable

from .inputs import Sequence

MOST = 3
"""Sequences that are told of one by one."""


def notes_of(items: Iterable[Sequence]) -> list[str]:
    """Notes of the first few, and how many more there are.

    Parameters
    ----------
    items : iterable of Sequence
    """
    found = [item.note for item in items if item.note]
    more = len(found) - MOST
    if more <= 0:
        return found
    named = "1 more sequence was" if more == 1 else f"{more} more sequences were"
    return [*found[:MOST], f"{named} converted or clipped on the way in"]
