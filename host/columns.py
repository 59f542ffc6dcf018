"""Columns of a network that outgrows the chip, into the SDRAM beside it."""

from collections.abc import Callable

import numpy as np

from thresh.layout.layer_table import PAGE_WORD
from thresh.layout.link import Region
from thresh.layout.sdram_image import SdramImage

from .memory import MemoryClient

Progress = Callable[[int, int], None]


def load_columns(client: MemoryClient, image: SdramImage, progress: Progress | None = None) -> None:
    """Write ``image``'s columns through the window, page by page; the image is loaded afterwards.

    The upper half of the weight memory is a window on the page that a word of the layer table
    names. It cannot be read back.

    Parameters
    ----------
    client : MemoryClient
    image : SdramImage
    progress : callable, optional
        Called with bytes done and bytes in all.

    Raises
    ------
    LinkError
        When the accelerator cannot hold the image, or on a failure of the link.
    """
    client.identify().refuse(image)
    window = client.identity.geometry.weight_depth // 2
    client.commit(False)
    total, done = 2 * len(image.columns), 0

    def advance(size: int) -> None:
        nonlocal done
        done += size
        if progress:
            progress(done, total)

    for page, bursts in image.pages(window):
        client.write(Region.TABLE, PAGE_WORD, np.array([page], "<u2").view(np.uint8))
        client.write(Region.WEIGHTS, window, bursts, advance)
