"""Figures of the demo's page."""

import xml.etree.ElementTree

import numpy as np

from thresh.reports import plots


def test_figures_take_every_colour_from_the_page():
    drawings = [
        plots.activity({"inputs": np.eye(9, dtype=bool), "layer 0": np.eye(9, dtype=bool)}),
        plots.work(np.arange(9), 20),
        plots.utilization({"LC": {"used": 1, "available": 3}}),
        plots.fmax({"1": 50.0, "2": 40.0}, 42.0),
    ]
    for svg in drawings:
        xml.etree.ElementTree.fromstring(svg)
        assert "#0101" not in svg
        assert "currentColor" in svg
    assert "var(--warn)" in drawings[3]
    assert "var(--warn)" not in drawings[2]


def test_a_figure_is_the_same_every_time():
    raster = {"inputs": np.eye(9, dtype=bool)}
    assert plots.activity(raster) == plots.activity(raster)
