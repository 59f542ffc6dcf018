"""Products that are made once."""

import hashlib
from pathlib import Path
from types import TracebackType

from thresh.model.files import write_atomically


class Stage:
    """A product that is made once per key; the key lies beside it.

    ``with stage:`` surrounds the making: a product that failed half-way has no key.

    Parameters
    ----------
    folder : Path
    product : str
        File in ``folder``.
    inputs : str
        All that the product depends on.
    """

    def __init__(self, folder: Path, product: str, *inputs: str) -> None:
        self.key = digest("\0".join(inputs).encode())
        self._product = folder / product
        self._stamp = folder / f".{product}.key"

    @property
    def done(self) -> bool:
        """The product is there and was made from this key."""
        made = self._stamp.exists() and self._product.exists()
        return made and self._stamp.read_text(encoding="utf-8") == self.key

    def __enter__(self) -> "Stage":
        self._stamp.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            write_atomically(self._stamp, self.key)


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
