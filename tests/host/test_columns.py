from dataclasses import replace

import numpy as np
import pytest
from link_bench import network

from thresh.host.client import Client
from thresh.host.columns import load_columns
from thresh.host.errors import LinkError
from thresh.host.transport import DirectTransport
from thresh.layout.geometry import Geometry
from thresh.layout.layer_table import PAGE_WORD
from thresh.layout.link import Region
from thresh.layout.sdram_chip import ULX3S_SDRAM
from thresh.layout.sdram_image import build_sdram_image
from thresh.sim.device_twin import DeviceTwin

SHAPE = Geometry(
    columns="sdram",
    sparse=True,
    lanes=16,
    pointwise_lanes=2,
    weight_depth=128,
    accumulator_depth=256,
    state_depth=128,
    value_depth=64,
)
IMAGE = build_sdram_image(network(5, 17, kinds=("gru",)), SHAPE, ULX3S_SDRAM)


class PagedTwin(DeviceTwin):
    """A twin that keeps what was in its window under every page."""

    def __init__(self, geometry=SHAPE):
        super().__init__(geometry)
        self.pages = {}

    def receive(self, data):
        answer = super().receive(data)
        page = int(self.memories[Region.TABLE][PAGE_WORD].view("<u2")[0])
        weights = self.memories[Region.WEIGHTS]
        self.pages[page] = weights[len(weights) // 2 :].copy()
        return answer


def test_every_page_is_written_before_the_image():
    twin, seen = PagedTwin(), []
    client = Client(DirectTransport(twin))
    load_columns(client, IMAGE, lambda done, total: seen.append((done, total)))
    words = (
        np.concatenate([twin.pages[page] for page in sorted(twin.pages)]).view("<u2").reshape(-1)
    )
    np.testing.assert_array_equal(words[: len(IMAGE.columns)], IMAGE.columns)
    assert len(twin.pages) == 3
    assert not twin.loaded
    assert seen[-1] == (2 * len(IMAGE.columns), 2 * len(IMAGE.columns))
    client.load(IMAGE, begun=True)
    assert twin.loaded
    assert twin.memories[Region.TABLE][PAGE_WORD].view("<u2")[0] == 0


def test_a_column_that_is_damaged_on_its_way_makes_no_network():
    """With a CRC that is right."""
    twin = PagedTwin()
    client, write = Client(DirectTransport(twin)), twin._write

    def damaged(payload):
        column = payload[0] == Region.WEIGHTS and payload[1:3] != b"\0\0"
        return write(payload[:-1] + bytes((payload[-1] ^ column,)))

    twin._write = damaged
    load_columns(client, IMAGE)
    twin._write = write
    with pytest.raises(LinkError, match="what was written is not what was sent"):
        client.load(IMAGE, begun=True)
    client.load(IMAGE)  # as if nobody had written columns before
    assert twin.loaded


def test_a_page_is_as_large_as_the_accelerators_window():
    twin = PagedTwin(replace(SHAPE, weight_depth=256))
    load_columns(Client(DirectTransport(twin)), IMAGE)
    words = (
        np.concatenate([twin.pages[page] for page in sorted(twin.pages)]).view("<u2").reshape(-1)
    )
    np.testing.assert_array_equal(words[: len(IMAGE.columns)], IMAGE.columns)
    assert len(twin.pages) == 2


def test_accelerators_that_the_image_does_not_fit_are_refused():
    wide = PagedTwin(replace(SHAPE, columns="chip", sparse=False, lanes=32))
    with pytest.raises(LinkError, match="laid out for lanes 16"):
        load_columns(Client(DirectTransport(wide)), IMAGE)
    with pytest.raises(LinkError, match=r"weight memory: it needs 32 words of 128 bits, .* has 16"):
        load_columns(Client(DirectTransport(PagedTwin(replace(SHAPE, weight_depth=32)))), IMAGE)
