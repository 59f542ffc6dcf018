"""The column engine of a geometry."""

from amaranth.lib.wiring import Out

from .columns.replay_engine import ReplayEngine
from .sdram.sdram_ports import sdram_pins
from .whole_columns.sdram_source import SdramSource
from .whole_columns.sparse_source import SparseSource
from .whole_columns.whole_column_engine import WholeColumnEngine


def engine_pins(geometry, sdram):
    """Members that a geometry's engine has beside `engine_members`: an SDRAM's pins, or none.

    Raises
    ------
    ValueError
        When there is an SDRAM and no columns for it, or the other way round.
    """
    if geometry.columns == "sdram" and sdram is None:
        raise ValueError("Columns in SDRAM need an SDRAM beside the core")
    if geometry.columns != "sdram" and sdram is not None:
        raise ValueError(f"An SDRAM has no use for columns on the {geometry.columns}")
    return {} if sdram is None else {"pins": Out(sdram_pins(sdram.chip))}


def make_engine(*, geometry, primitives, weights=(), sdram=None):
    """What reads columns and multiplies them: where they lie and whether they are sparse.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry
    primitives : Primitives
    weights : sequence of int
        Words of the column memory at power-up.
    sdram : SdramSetup or None
        Where columns lie in SDRAM.
    """
    common = {"geometry": geometry, "primitives": primitives}
    if geometry.columns == "sdram":
        source = SdramSource(**common, weights=weights, sdram=sdram)
    elif geometry.sparse:
        source = SparseSource(**common, weights=weights)
    else:
        return ReplayEngine(**common, weights=weights)
    return WholeColumnEngine(**common, source=source)


def engine_memories(geometry, primitives):
    """Every `MemoryShape` of a geometry's engine."""
    if source := _source(geometry):
        return WholeColumnEngine.memories(geometry, primitives, source)
    return ReplayEngine.memories(geometry, primitives)


def engine_multipliers(geometry, primitives):
    """Multipliers of the device in a geometry's engine."""
    if source := _source(geometry):
        return WholeColumnEngine.multipliers(geometry, primitives, source)
    return ReplayEngine.multipliers(geometry, primitives)


def _source(geometry):
    """The class of the source of whole columns, or None."""
    if geometry.columns == "sdram":
        return SdramSource
    return SparseSource if geometry.sparse else None
