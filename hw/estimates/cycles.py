"""The latencies of an accelerator, as its components publish them."""

from thresh.gateware.columns.column_stage import ColumnStage
from thresh.gateware.columns.layer_walker import LayerWalker
from thresh.gateware.encode.encode_stage import EncodeStage
from thresh.gateware.encode.event_sieve import EventSieve
from thresh.gateware.encode.nonzero_queue import NonzeroQueue
from thresh.gateware.pointwise.pointwise import register_distance, result_latency
from thresh.gateware.pointwise.pointwise_sequencer import PointwiseSequencer
from thresh.gateware.primitives import Primitives
from thresh.gateware.whole_columns.column_requests import ColumnRequests
from thresh.gateware.whole_columns.sparse_memory import SparseMemory
from thresh.gateware.whole_columns.sparse_reader import SparseReader
from thresh.gateware.whole_columns.whole_column_mac import WholeColumnMAC
from thresh.gateware.whole_columns.whole_column_walker import WholeColumnWalker
from thresh.layout.geometry import Geometry
from thresh.layout.layer_table import MAC_FIELDS, SDRAM_FIELDS
from thresh.layout.program_schedule import schedule
from thresh.model.cells import CELLS
from thresh.performance.timing import LONG_AGO, ColumnTiming, Timing


def core_timing(geometry: Geometry, primitives: Primitives | None = None) -> Timing:
    """Latencies of the accelerator of ``geometry`` with a board's ``primitives``.

    Raises
    ------
    ValueError
        When its columns lie in SDRAM, whose cycles are not predicted.
    """
    if geometry.columns != "chip":
        raise ValueError(f"Cycles are predicted for columns on the chip, not in {geometry.columns}")
    make = primitives or Primitives()
    late = make.read_latency
    distance = register_distance(make.multiplier, late)
    fields = SDRAM_FIELDS if geometry.sparse_memory else MAC_FIELDS
    return Timing(
        captures=make.captures,
        capture_latency=ColumnStage.capture_latency(geometry, make),
        credit_latency=ColumnStage.credit_latency(geometry, make),
        mark_interval=ColumnStage.mark_interval,
        result_latency=result_latency(make.multiplier, late),
        fetch_cycles=LayerWalker.fetch_cycles(fields, late),
        recall_cycles=LayerWalker.recall_cycles,
        launch_latency=PointwiseSequencer.launch_latency + late,
        skip_latency=PointwiseSequencer.skip_latency + late,
        encode_latency=EncodeStage.latency(geometry, late),
        # The sequencer sees it a cycle later.
        list_latency=NonzeroQueue.complete_latency + 1,
        notice_latency=LayerWalker.notice_latency,
        # Without a sieve nothing waits for room.
        block_latency=EventSieve.credit_latency if geometry.pointwise_lanes > 1 else LONG_AGO,
        programs={
            kind: schedule(cell.program, geometry.interleave * geometry.beats, distance)
            for kind, cell in CELLS.items()
        },
        columns=_column_timing(make) if geometry.sparse_memory else None,
        skips=not make.compact,
    )


def _column_timing(make: Primitives) -> ColumnTiming:
    late, begin = make.read_latency, SparseReader.begin_latency
    return ColumnTiming(
        event_interval=WholeColumnWalker.event_interval(late),
        column_latency=ColumnRequests.request_latency(late) + begin,
        end_latency=ColumnRequests.job_latency(late) + begin,
        sums_latency=SparseMemory.word_latency(make.column_memory) + WholeColumnMAC.end_latency,
    )
