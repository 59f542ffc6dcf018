"""The core with sparse columns."""

from .whole_column_core import WholeColumnCore
from .whole_columns.sparse_stage import SparseStage


class SparseCore(WholeColumnCore):
    """The core for pruned networks: zero weights take neither memory nor time.

    Every lane takes a weight that is not zero in each cycle, until the column's fullest lane has no
    more.

    Parameters
    ----------
    geometry, primitives, image
        As the `Core`'s; the image was made for a geometry that is ``sparse``.
    """

    def _columns(self, **parameters):
        return SparseStage(geometry=self.geometry, primitives=self.primitives, **parameters)
