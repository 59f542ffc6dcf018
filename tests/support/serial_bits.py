"""Bytes as levels of a serial line."""


def bits_of(byte, length, stop=1):
    """Levels of one byte whose bits last ``length`` cycles, rounded so that no error adds up."""
    bits = [0, *(byte >> n & 1 for n in range(8)), stop]
    ends = [round(length * (n + 1)) for n in range(10)]
    return [(bit, end - start) for bit, end, start in zip(bits, ends, [0, *ends[:-1]], strict=True)]
