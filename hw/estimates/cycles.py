"""The latencies of an accelerator, as its components have them."""

from thresh.gateware.columns.column_stage import MARK_DISTANCE
from thresh.gateware.pointwise.pointwise import register_distance
from thresh.gateware.pointwise.program import schedule
from thresh.gateware.primitives import Primitives
from thresh.gateware.whole_columns.sparse_mac import ADDED
from thresh.layout.geometry import Geometry
from thresh.layout.layer_table import MAC_FIELDS, POINTWISE_FIELDS, SDRAM_FIELDS
from thresh.model.cells import CELLS
from thresh.performance.timing import LONG_AGO, ColumnTiming, Slot, Timing


def core_timing(geometry: Geometry, primitives: Primitives | None = None) -> Timing:
    """Latencies of the accelerator of ``geometry`` with a board's ``primitives``."""
    make = primitives or Primitives()
    distance = register_distance(make.multiplier, make.read_latency)
    programs = {}
    for kind, cell in CELLS.items():
        slots = schedule(cell.program, geometry.interleave * geometry.beats, distance)
        programs[kind] = tuple(
            Slot(
                accumulates=cell.program[slot.number].accumulator,
                emits=slot.number == len(slots) - 1,
                late=slot.late,
                gap=slot.gap,
            )
            for slot in slots
        )
    late = make.read_latency
    columns = None
    if geometry.sparse:
        columns = ColumnTiming(
            apart=2 + late,
            reach=8 + late,
            end=4 + late,
            full=ADDED + 4 + make.column_memory.latency,
        )
    journey = make.column_memory.latency + make.lane_of(geometry).latency
    return Timing(
        lanes=geometry.lanes,
        pointwise_lanes=geometry.pointwise_lanes,
        interleave=geometry.interleave,
        captures=make.captures,
        travel=2 + (make.captures > 1) + journey,
        hold=1 + max(0, geometry.beats - 3 - journey),
        apart=MARK_DISTANCE,
        result=10 + 2 * late + make.multiplier.latency,
        fetch=len(SDRAM_FIELDS if geometry.sparse else MAC_FIELDS) + late,
        recall=2,
        prepare=len(POINTWISE_FIELDS) + 5 + late,
        skip=len(POINTWISE_FIELDS) + 4 + late,
        encode=2 + late + (5 if geometry.pointwise_lanes > 1 else 0),
        listed=2,
        heard=1,
        room=1 if geometry.pointwise_lanes > 1 else LONG_AGO,
        programs=programs,
        columns=columns,
    )
