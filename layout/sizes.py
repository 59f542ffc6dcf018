"""Sizes rounded up."""


def ceil_div(value: int, by: int) -> int:
    """``value / by`` rounded up."""
    return -(-value // by)


def round_up(value: int, unit: int) -> int:
    """The smallest multiple of ``unit`` that is at least ``value``."""
    return ceil_div(value, unit) * unit


def power_of_two(needed: int) -> int:
    """The smallest power of two from 2 that is at least ``needed``."""
    return max(2, 1 << (needed - 1).bit_length())
