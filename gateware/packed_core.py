"""The core with packed columns."""

from .entries.packed_stage import PackedStage
from .whole_column_core import WholeColumnCore


class PackedCore(WholeColumnCore):
    """The core for pruned networks: zero weights take neither memory nor time.

    Every lane takes a weight that is not zero in each cycle, until the column's fullest lane has no
    more.

    Parameters
    ----------
    geometry, primitives, image
        As the `Core`'s; the image was made for a geometry that is ``packed``.
    """

    def _columns(self, **parameters):
        return PackedStage(geometry=self.geometry, primitives=self.primitives, **parameters)
