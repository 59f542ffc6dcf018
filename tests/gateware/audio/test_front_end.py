"""The front end equals its golden model, every integer, and takes the cycles that it should."""

import numpy as np
import pytest
from amaranth.hdl import Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out
from audio_cases import samples
from block_bench import refusal, simulate
from hypothesis import given, settings

from thresh.audio.front_end_tables import table_words
from thresh.audio.magnitude_front_end import MagnitudeFrontEnd
from thresh.gateware.audio.front_end import FrontEnd
from thresh.gateware.audio.multiplier_port import SoleMultiplier
from thresh.gateware.columns.multiplier import LogicMultiplier, Multiplier


class Alone(wiring.Component):
    """A front end with a multiplier of its own."""

    def __init__(self, multiplier=Multiplier, **options):
        self.sole = SoleMultiplier(multiplier=multiplier)
        self.unit = FrontEnd(latency=self.sole.latency, **options)
        sample = stream.Signature(16)
        super().__init__({"busy": Out(1), **self.unit_streams(sample)})

    @staticmethod
    def unit_streams(_):
        return {}
