// The time loop of recurrent delta layers, forward and backward; see delta_loop.py.
//
// Tensors are time-major: (steps, batch, size).
#include <ATen/Dispatch.h>
#include <ATen/Functions.h>
#include <torch/library.h>

#include <tuple>
#include <vector>

#include "delta_math.h"
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

template <typename T, typename Math>
void run(Kind kind, const Math& math, const Tensor& from_x, const Tensor& weight,
         const Tensor& bias, const Tensor& h0, const Tensor& s0, const Tensor& sent0,
         const Encoder<T>& encoder, Tensor& h, Tensor& sent, Tensor& s, Tensor& kept, Tensor& masks,
         Tensor& fired) {
  const int64_t steps = from_x.size(0), batch = from_x.size(1), n = h0.size(1);
  const int64_t rows = weight.size(0), keep = kept.size(2), cells = s.size(2);
  const Tensor columns = weight.t().contiguous();
  Tensor product = at::empty({batch, rows}, from_x.options());
  std::vector<T> scratch(n);
  for (int64_t t = 0; t < steps; ++t) {
    const Tensor before = t ? sent[t - 1] : sent0;
    at::mm_out(product, before, columns);
    const T* h_old = t ? h[t - 1].const_data_ptr<T>() : h0.const_data_ptr<T>();
    const T* s_old = t ? s[t - 1].const_data_ptr<T>() : s0.const_data_ptr<T>();
    const T* old = before.const_data_ptr<T>();
    for (int64_t b = 0; b < batch; ++b) {
      const int64_t at = t * batch + b;
      T* state = h.data_ptr<T>() + at * n;
      cell<T>(kind, math, n, from_x.const_data_ptr<T>() + at * rows,
              product.const_data_ptr<T>() + b * rows, bias.const_data_ptr<T>(), h_old + b * n,
              s_old + b * cells, state, s.data_ptr<T>() + at * cells,
              kept.data_ptr<T>() + at * keep, masks.data_ptr<uint8_t>() + (Math::grids ? at * n : 0));
      const T* offered = encoder.offer(at, state, scratch.data());
      fired.data_ptr<int32_t>()[at] =
          send(n, offered, old + b * n, encoder.threshold, sent.data_ptr<T>() + at * n);
    }
  }
}

// h, sent, s, kept, masks and fired of every step.
std::tuple<Tensor, Tensor, Tensor, Tensor, Tensor, Tensor> forward(
    int64_t number, const Tensor& from_x, const Tensor& weight, const Tensor& bias,
    const Tensor& h0, const Tensor& s0, const Tensor& sent0, const Tensor& threshold,
    const Tensor& noise, double step, const Tensor& table, int64_t value_bits,
    int64_t index_frac) {
  const Kind kind = Kind(number);
  const int64_t steps = from_x.size(0), batch = from_x.size(1), n = h0.size(1);
  const auto options = from_x.options();
  Tensor h = at::empty({steps, batch, n}, options), sent = at::empty_like(h);
  Tensor s = at::empty({steps, batch, kind == LSTM ? n : 0}, options);
  Tensor kept = at::empty({steps, batch, (kind == GRU ? 4 : kind == LSTM ? 5 : 0) * n}, options);
  Tensor masks = at::empty({value_bits ? steps : 0, batch, n}, options.dtype(at::kByte));
  Tensor fired = at::empty({steps, batch}, options.dtype(at::kInt));
  AT_DISPATCH_FLOATING_TYPES(from_x.scalar_type(), "delta loop", [&] {
    const Encoder<scalar_t> encoder(threshold, noise, step);
    if (value_bits) {
      const Grid<scalar_t> grid(value_bits, index_frac, table.const_data_ptr<scalar_t>());
      run<scalar_t>(kind, grid, from_x, weight, bias, h0, s0, sent0, encoder, h, sent, s, kept,
                    masks, fired);
    } else {
      run<scalar_t>(kind, Smooth<scalar_t>(), from_x, weight, bias, h0, s0, sent0, encoder, h,
                    sent, s, kept, masks, fired);
    }
  });
  return {h, sent, s, kept, masks, fired};
}

// Gradients of from_x, weight, bias, h0, s0 and sent0, and the whole one of every sent.
std::tuple<Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor> backward(
    int64_t number, const Tensor& grad_h, const Tensor& grad_sent, const Tensor& grad_last,
    const Tensor& weight, const Tensor& h0, const Tensor& s0, const Tensor& sent0,
    const Tensor& threshold, const Tensor& noise, double step, const Tensor& h,
    const Tensor& sent, const Tensor& s, const Tensor& kept, const Tensor& masks) {
  const Kind kind = Kind(number);
  const int64_t steps = h.size(0), batch = h.size(1), n = h.size(2), rows = weight.size(0);
  const int64_t keep = kept.size(2), cells = s.size(2);
  Tensor from_x = at::empty({steps, batch, rows}, h.options());
  Tensor product = kind == GRU ? at::empty_like(from_x) : from_x;
  Tensor whole = at::empty_like(h), dh = at::zeros_like(h0), ds = grad_last.clone();
  Tensor dsent = at::zeros_like(h0);
  AT_DISPATCH_FLOATING_TYPES(h.scalar_type(), "delta loop", [&] {
    using T = scalar_t;
    const Encoder<T> encoder(threshold, noise, step);
    std::vector<T> scratch(n);
    for (int64_t t = steps - 1; t >= 0; --t) {
      const T* h_old = t ? h[t - 1].const_data_ptr<T>() : h0.const_data_ptr<T>();
      const T* s_old = t ? s[t - 1].const_data_ptr<T>() : s0.const_data_ptr<T>();
      const T* old = t ? sent[t - 1].const_data_ptr<T>() : sent0.const_data_ptr<T>();
      for (int64_t b = 0; b < batch; ++b) {
        const int64_t at = t * batch + b;
        const T* of_h = grad_h.const_data_ptr<T>() + at * n;
        const T* of_sent = grad_sent.const_data_ptr<T>() + at * n;
        const T* state = h.const_data_ptr<T>() + at * n;
        T* state_grad = dh.data_ptr<T>() + b * n;
        T* carried = dsent.data_ptr<T>() + b * n;
        T* total = whole.data_ptr<T>() + at * n;
        for (int64_t j = 0; j < n; ++j) {
          state_grad[j] += of_h[j];
          total[j] = carried[j] + of_sent[j];
        }
        const T* offered = encoder.offer(at, state, scratch.data());
        unsend(n, offered, old + b * n, encoder.threshold, total, state_grad, carried);
        uncell(kind, n, kept.const_data_ptr<T>() + at * keep,
               masks.size(0) ? masks.const_data_ptr<uint8_t>() + at * n : nullptr, state,
               h_old + b * n, s_old + b * cells, state_grad, ds.data_ptr<T>() + b * cells,
               from_x.data_ptr<T>() + at * rows, product.data_ptr<T>() + at * rows);
      }
      dsent.addmm_(product[t], weight);
    }
  });
  const Tensor flat = product.view({-1, rows});
  Tensor dweight = product[0].t().mm(sent0);
  if (steps > 1) {
    const Tensor later = product.narrow(0, 1, steps - 1).view({-1, rows});
    dweight.addmm_(later.t(), sent.narrow(0, 0, steps - 1).view({-1, n}));
  }
  const Tensor dbias = kind == GRU ? flat.narrow(1, 2 * n, n).sum(0) : at::empty({0}, h.options());
  return {from_x, dweight, dbias, dh, ds, dsent, whole};
}

// sent and fired of every step of values.
std::tuple<Tensor, Tensor> encode(const Tensor& values, const Tensor& sent0,
                                  const Tensor& threshold) {
  const int64_t steps = values.size(0), batch = values.size(1), n = values.size(2);
  Tensor sent = at::empty_like(values);
  Tensor fired = at::empty({steps, batch}, values.options().dtype(at::kInt));
  AT_DISPATCH_FLOATING_TYPES(values.scalar_type(), "delta encoder", [&] {
    for (int64_t at = 0; at < steps * batch; ++at) {
      scalar_t* now = sent.data_ptr<scalar_t>() + at * n;
      const scalar_t* old = at < batch ? sent0.const_data_ptr<scalar_t>() + at * n : now - batch * n;
      fired.data_ptr<int32_t>()[at] = send(n, values.const_data_ptr<scalar_t>() + at * n, old,
                                           threshold.const_data_ptr<scalar_t>(), now);
    }
  });
  return {sent, fired};
}

// Gradients of values and sent0, and the whole one of every sent.
std::tuple<Tensor, Tensor, Tensor> unencode(const Tensor& grad, const Tensor& values,
                                            const Tensor& sent, const Tensor& sent0,
                                            const Tensor& threshold) {
  const int64_t steps = values.size(0), batch = values.size(1), n = values.size(2);
  Tensor of_values = at::zeros_like(values), whole = grad.clone(), of_first = at::zeros_like(sent0);
  Tensor carried = at::zeros_like(sent0);
  AT_DISPATCH_FLOATING_TYPES(values.scalar_type(), "delta encoder", [&] {
    for (int64_t at = steps * batch - 1; at >= 0; --at) {
      const bool first = at < batch;
      const scalar_t* old = (first ? sent0 : sent).const_data_ptr<scalar_t>();
      scalar_t* total = whole.data_ptr<scalar_t>() + at * n;
      scalar_t* before = carried.data_ptr<scalar_t>() + at % batch * n;
      for (int64_t j = 0; j < n; ++j) total[j] += before[j];
      unsend(n, values.const_data_ptr<scalar_t>() + at * n, old + (first ? at : at - batch) * n,
             threshold.const_data_ptr<scalar_t>(), total,
             of_values.data_ptr<scalar_t>() + at * n, before);
    }
  });
  return {of_values, carried, whole};
}

TORCH_LIBRARY(thresh_delta_loop, library) {
  library.def("forward", &forward);
  library.def("backward", &backward);
  library.def("encode", &encode);
  library.def("unencode", &unencode);
}
