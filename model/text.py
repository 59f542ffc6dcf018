"""Texts of others, as people may see them."""

import re

LONGEST_SENTENCE = 300
"""Characters of a sentence that quotes a file."""

_UNSHOWN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+"
)


def shown(text: object, most: int = LONGEST_SENTENCE) -> str:
    """``text`` on one line without control characters, of at most ``most`` characters."""
    line = " ".join(_UNSHOWN.sub(" ", str(text)).split())
    return line if len(line) <= most else f"{line[: most - 3]}..."
