"""The core of a geometry."""

from .core import Core
from .packed_core import PackedCore


def make_core(*, geometry, primitives=None, image=None):
    """A `Core`, or a `PackedCore` where columns are packed."""
    kind = PackedCore if geometry.packed else Core
    return kind(geometry=geometry, primitives=primitives, image=image)
