// A layer over part of a batch of sequences, forward and backward.
//
// Tensors are time-major: (steps, batch, size).
#pragma once
#include <ATen/Functions.h>

#include <algorithm>
#include <vector>

#include "delta_sparse.h"
#include "delta_step.h"

using at::Tensor;

// Thresholds, one per unit, and what disturbs the states that are compared with them.
template <typename T> struct Encoder {
  const T *threshold, *noise;
  T step;
  int64_t size;

  Encoder(const Tensor& thresholds, const Tensor& noises, double width)
      : threshold(thresholds.const_data_ptr<T>()),
        noise(noises.numel() ? noises.const_data_ptr<T>() : nullptr), step(T(width)),
        size(thresholds.size(0)) {}

  const T* offer(int64_t at, const T* value, T* scratch) const {
    return ::offer(size, value, noise == nullptr ? nullptr : noise + at * size, step, scratch);
  }
};

// Sequences `from` to `from + count`, and steps in a block whose products are made at once.
struct Part {
  int64_t from, count, block;
  Part(int64_t begin, int64_t end)
      : from(begin), count(end - begin), block(std::max<int64_t>(512 / count, 1)) {}

  Tensor rows(int64_t size, const Tensor& like) const {
    return at::empty({block * count, size}, like.options());
  }
  Tensor of(const Tensor& tensor) const { return tensor.narrow(0, from, count); }
};

// Its sequences' rows of one step of a time-major tensor, copied to or from row `k` of a block.
template <typename T> T* row(const Tensor& block, int64_t k, const Part& part) {
  return block.mutable_data_ptr<T>() + k * part.count * block.size(1);
}
template <typename T> T* row(const Tensor& tensor, int64_t t, int64_t b) {
  return tensor.mutable_data_ptr<T>() + (t * tensor.size(1) + b) * tensor.size(2);
}

// The same of the step before `t`, which for the first step is in `first`, (batch, size).
template <typename T>
const T* past(const Tensor& tensor, const Tensor& first, int64_t t, const Part& part) {
  if (t) return row<T>(tensor, t - 1, part.from);
  return first.const_data_ptr<T>() + part.from * tensor.size(2);
}

// Everything that goes into a layer.
struct Layer {
  Kind kind;
  Tensor x, weight_x, bias_x, weight_h, bias_h, h0, s0, sent0, threshold, noise;
  double step;
};

// Everything that a layer keeps of a run.
struct Kept {
  Tensor h, sent, s, gates, masks, fired;

  // Whether few of a part's values fired from step `from` to before step `to`.
  bool quiet(int64_t from, int64_t to, const Part& part) const {
    int64_t sum = 0;
    for (int64_t t = from; t < to; ++t) {
      const int32_t* counts = fired.const_data_ptr<int32_t>() + t * fired.size(1) + part.from;
      for (int64_t i = 0; i < part.count; ++i) sum += counts[i];
    }
    return sum < SPARSE * double((to - from) * part.count * h.size(2));
  }
};

template <typename T, typename Math>
void run(const Layer& layer, const Math& math, const Kept& kept, const Part& part) {
  const int64_t steps = layer.x.size(0), inputs = layer.x.size(2), n = layer.h0.size(1);
  const int64_t rows = layer.weight_h.size(0), cells = kept.s.size(2), count = part.count;
  const Encoder<T> encoder(layer.threshold, layer.noise, layer.step);
  const Tensor columns_x = layer.weight_x.t(), columns_h = layer.weight_h.t().contiguous();
  const Tensor x = part.rows(inputs, layer.x), from_x = part.rows(rows, layer.x);
  Tensor product = at::empty({count, rows}, layer.x.options());
  std::vector<T> scratch(n);
  std::vector<int64_t> list(n);
  for (int64_t t = 0; t < steps; ++t) {
    const int64_t k = t % part.block;
    if (k == 0) {
      const int64_t now = std::min(part.block, steps - t);
      for (int64_t i = 0; i < now; ++i)
        std::copy_n(row<T>(layer.x, t + i, part.from), count * inputs, row<T>(x, i, part));
      Tensor out = from_x.narrow(0, 0, now * count);
      at::addmm_out(out, layer.bias_x, x.narrow(0, 0, now * count), columns_x);
    }
    if (t % RENEW == 0 || !kept.quiet(t - 1, t, part)) {
      at::mm_out(product, part.of(t ? kept.sent.select(0, t - 1) : layer.sent0), columns_h);
    } else {
      const T* now = row<T>(kept.sent, t - 1, part.from);
      const T* before = past<T>(kept.sent, layer.sent0, t - 1, part);
      for (int64_t i = 0; i < count; ++i)
        update(n, rows, now + i * n, before + i * n, columns_h.const_data_ptr<T>(),
               product.mutable_data_ptr<T>() + i * rows, list.data());
    }
    const T* h_old = past<T>(kept.h, layer.h0, t, part);
    const T* s_old = past<T>(kept.s, layer.s0, t, part);
    const T* old = past<T>(kept.sent, layer.sent0, t, part);
    for (int64_t i = 0; i < count; ++i) {
      const int64_t b = part.from + i, at = t * layer.x.size(1) + b;
      T* h = row<T>(kept.h, t, b);
      cell<T>(layer.kind, math, n, row<T>(from_x, k, part) + i * rows,
              product.const_data_ptr<T>() + i * rows, layer.bias_h.const_data_ptr<T>(),
              h_old + i * n, s_old + i * cells, h, row<T>(kept.s, t, b), row<T>(kept.gates, t, b),
              kept.masks.mutable_data_ptr<uint8_t>() + (Math::grids ? at * n : 0));
      const T* offered = encoder.offer(at, h, scratch.data());
      kept.fired.mutable_data_ptr<int32_t>()[at] =
          send(n, offered, old + i * n, encoder.threshold, row<T>(kept.sent, t, b));
    }
  }
}

// Gradients of a layer; those of weights and biases are one part's share.
struct Gradients {
  Tensor x, weight_x, bias_x, weight_h, bias_h, h0, s0, sent0;
};

// `whole` receives, when it is wanted, the gradient of everything sent to the layer's next steps.
template <typename T>
void unrun(const Layer& layer, const Kept& kept, const Tensor& grad_h, const Tensor& grad_sent,
           Gradients& grads, const Tensor& whole, const Part& part) {
  const int64_t steps = layer.x.size(0), inputs = layer.x.size(2), n = layer.h0.size(1);
  const int64_t rows = layer.weight_h.size(0), cells = kept.s.size(2), count = part.count;
  const Encoder<T> encoder(layer.threshold, layer.noise, layer.step);
  const Tensor x = part.rows(inputs, layer.x), sent = part.rows(n, layer.x);
  const Tensor of_h = part.rows(rows, layer.x);
  const Tensor of_x = layer.kind == GRU ? part.rows(rows, layer.x) : of_h;
  Tensor dsent = part.of(grads.sent0);
  RunningSums<T> running(layer.weight_h, count);
  const bool may_be_quiet = !whole.numel() && layer.threshold.gt(0).all().template item<bool>();
  bool quiet = false;
  std::vector<T> scratch(n), total(n);
  for (int64_t t = steps - 1; t >= 0; --t) {
    const int64_t k = t % part.block;
    if (k == part.block - 1 || t == steps - 1)
      quiet = may_be_quiet && kept.quiet(t - k, t + 1, part);
    const T* h_old = past<T>(kept.h, layer.h0, t, part);
    const T* s_old = past<T>(kept.s, layer.s0, t, part);
    const T* old = past<T>(kept.sent, layer.sent0, t, part);
    std::copy_n(old, count * n, row<T>(sent, k, part));
    std::copy_n(row<T>(layer.x, t, part.from), count * inputs, row<T>(x, k, part));
    for (int64_t i = 0; i < count; ++i) {
      const int64_t b = part.from + i, at = t * layer.x.size(1) + b;
      const T* h = row<T>(kept.h, t, b);
      T* dh = grads.h0.mutable_data_ptr<T>() + b * n;
      T* ds = grads.s0.mutable_data_ptr<T>() + b * cells;
      T* carried = dsent.mutable_data_ptr<T>() + i * n;
      T* sum = whole.numel() ? row<T>(whole, t, b) : total.data();
      std::copy_n(carried, n, sum);
      if (grad_h.numel()) add(n, dh, row<T>(grad_h, t, b), dh);
      const T* offered = encoder.offer(at, h, scratch.data());
      if (quiet)
        running.settle(i, offered, old + i * n, row<T>(kept.sent, t, b), encoder.threshold, sum);
      unsend(n, offered, old + i * n, encoder.threshold, sum,
             grad_sent.numel() ? row<T>(grad_sent, t, b) : nullptr, dh, carried);
      uncell(layer.kind, n, row<T>(kept.gates, t, b),
             kept.masks.size(0) ? kept.masks.const_data_ptr<uint8_t>() + at * n : nullptr, h,
             h_old + i * n, s_old + i * cells, dh, ds, row<T>(of_x, k, part) + i * rows,
             row<T>(of_h, k, part) + i * rows);
      if (quiet) running.add(i, row<T>(of_h, k, part) + i * rows);
    }
    if (!quiet) dsent.addmm_(of_h.narrow(0, k * count, count), layer.weight_h);
    if (k) continue;
    const int64_t now = std::min(part.block, steps - t), all = now * count;
    const Tensor part_x = of_x.narrow(0, 0, all), part_h = of_h.narrow(0, 0, all);
    if (quiet)
      running.finish(dsent, sent.narrow(0, 0, count));
    else
      grads.weight_h.addmm_(part_h.t(), sent.narrow(0, 0, all));
    grads.weight_x.addmm_(part_x.t(), x.narrow(0, 0, all));
    grads.bias_x.add_(part_x.sum(0));
    if (layer.kind == GRU) grads.bias_h.add_(part_h.narrow(1, 2 * n, n).sum(0));
    if (!grads.x.numel()) continue;
    const Tensor dx = part_x.mm(layer.weight_x);
    for (int64_t i = 0; i < now; ++i)
      std::copy_n(row<T>(dx, i, part), count * inputs, row<T>(grads.x, t + i, part.from));
  }
  grads.weight_h.add_(running.of_columns.t());
}
