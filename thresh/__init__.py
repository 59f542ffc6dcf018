"""Trained net in, bitstream out, every integer equal on the way."""

from importlib.metadata import version

__version__ = version("thresh-hdl")
