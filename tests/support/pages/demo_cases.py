"""What a demo leaves behind, of a small network."""

import json

import numpy as np

from thresh.reports.page import ACTIVITY, DATA

DEMO = {
    "network": "small <network>",
    "board_title": "iCEBreaker",
    "command": "thresh demo",
    "drawn": "seven.wav",
    "dense_fetches_per_frame": 900,
    "golden": {"accuracy": 0.9, "sequences": 10, "reduction": 9.5},
    "sim": {
        "mismatches": 0,
        "integers_compared": 234567,
        "utilisation": 0.93,
        "cycles_per_frame": {"min": 100, "mean": 2345.0, "max": 9999},
    },
    "sim_core": {
        "mismatches": 0,
        "integers_compared": 1000000,
        "utilisation": 0.94,
        "cycles_per_frame": {"min": 100, "mean": 2345.0, "max": 9999},
    },
    "build": {
        "device": "iCE40UP5K",
        "lanes": 8,
        "clock_mhz": 42.0,
        "fmax_mhz": {"1": 46.1, "2": 41.0},
        "tools": {"yosys": "0.70"},
        "utilization": {"ICESTORM_LC": {"used": 3900, "available": 5280}},
    },
    "steps": [{"name": "golden model", "result": "9 of 10 heard right", "seconds": 0.25}],
}


def write_demo(folder):
    """Data and activity in ``folder``, which is returned."""
    folder.mkdir(exist_ok=True)
    raster = np.random.default_rng(0).random((30, 40)) < 0.1
    np.savez(folder / ACTIVITY, fetches=raster.sum(axis=1) * 20, inputs=raster)
    (folder / DATA).write_text(json.dumps(DEMO))
    return folder
