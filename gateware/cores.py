"""The core of a geometry."""

from .core import Core
from .sparse_core import SparseCore


def make_core(*, geometry, primitives=None, image=None):
    """A `Core`, or a `SparseCore` where columns are sparse."""
    kind = SparseCore if geometry.sparse else Core
    return kind(geometry=geometry, primitives=primitives, image=image)
