"""How many times fewer weights a network in training fetches, counted as an accelerator does."""

import torch

from thresh.training.trainer.batches import Item, in_order
from thresh.training.trainer.net import Net
from thresh.training.trainer.scoring import SIZE


def reduction(net: Net, items: list[Item]) -> float | None:
    """Dense over delta fetches as `thresh.sim.golden_runs.total_work` has them; None for no fetch.

    `thresh.training.trainer.work.Work` counts the states of a sequence's last step for their own
    layer too, which has no next step to fetch for.
    """
    dense = delta = 0
    training = net.training
    net.eval()
    with torch.no_grad():
        for _, batch in in_order(items, SIZE):
            run = net(batch.x)
            work = net.work(run, batch.valid)
            dense, delta = dense + work.dense, delta + work.delta
            last = torch.arange(batch.x.shape[1]) == batch.lengths[:, None] - 1
            for layer, (_, weight_h) in zip(run.trace.layers, net.weights, strict=True):
                delta -= int((layer.fired_h * last).sum()) * len(weight_h)
    net.train(training)
    return dense / delta if delta else None
