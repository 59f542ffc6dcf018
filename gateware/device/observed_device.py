"""A device of which every stage is seen: what a simulator compares with the golden model."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .device import Device


class ObservedDevice(wiring.Component):
    """A `Device` and, beside its pins, its integers where they pass; pins that it lacks are 0.

    Parameters
    ----------
    parameters : dict
        The `Device`'s.

    Members
    -------
    sample_valid, sample : Out
        In domain ``audio``, as all others are in ``sync``.
    feature_valid, feature, output_valid, output, score_valid, score : Out
    count_valid, count : Out
        The events of a list.
    over, best, best_score, announced : Out
        A frame is over.
    """

    def __init__(self, **parameters):
        self.device = Device(**parameters)
        stages = {"sample": 16, "feature": 16, "output": 16, "score": 16, "count": 16}
        super().__init__(
            {
                "mic_clock": Out(1),
                "mic_select": Out(1),
                **self.device.signature.members,
                **{f"{name}_valid": Out(1) for name in stages},
                **{name: Out(bits) for name, bits in stages.items()},
                "over": Out(1),
                "best": Out(6),
                "best_score": Out(16),
                "announced": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.device = device = self.device
        for name, member in device.signature.members.items():
            inner, outer = getattr(device, name), getattr(self, name)
            m.d.comb += inner.eq(outer) if member.flow == In else outer.eq(inner)
        features, outputs, decision = device.core.x, device.reader.o, device.spotter.o
        m.d.comb += [
            self.sample_valid.eq(device.queue.i.valid),
            self.sample.eq(device.queue.i.payload),
            self.feature_valid.eq(features.valid & features.ready),
            self.feature.eq(features.payload),
            self.count_valid.eq(device.core.x_done | device.core.h_done),
            self.count.eq(Mux(device.core.x_done, device.core.x_count, device.core.h_count)),
            self.output_valid.eq(outputs.valid & outputs.ready),
            self.output.eq(outputs.p.value),
            self.score_valid.eq(device.spotter.scored),
            self.score.eq(device.spotter.smoothed),
            self.over.eq(decision.valid & decision.ready),
            self.best.eq(decision.p.label),
            self.best_score.eq(decision.p.score),
            self.announced.eq(decision.p.heard),
        ]
        return m
