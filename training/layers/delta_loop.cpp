// The time loop of recurrent delta layers, forward and backward; see delta_loop.py.
//
// Each thread runs all steps of its share of the batch. Products with the inputs' weights, and the
// gradients of all weights, are made for blocks of steps that stay in the cache.
#include <ATen/Dispatch.h>
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <torch/library.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

#include <map>
#include <mutex>
#include <tuple>
#include <vector>

#include "delta_encode.h"
#include "delta_layer.h"
#include "delta_math.h"

// A tensor that is large and soon written: pages of 2 MiB spare thousands of page faults.
Tensor large(at::IntArrayRef sizes, const at::TensorOptions& options) {
  Tensor made = at::empty(sizes, options);
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  const uintptr_t page = 2 << 20, from = reinterpret_cast<uintptr_t>(made.mutable_data_ptr());
  const uintptr_t first = (from + page - 1) / page * page;
  const uintptr_t end = (from + made.nbytes()) / page * page;
  if (first < end) madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
#endif
  return made;
}

// Runs `work` on parts of the batch, one for each thread.
template <typename Work> void in_parts(int64_t batch, const Work& work) {
  at::parallel_for(0, batch, 4, [&](int64_t begin, int64_t end) {
    const at::AutoDispatchBelowADInplaceOrView below;
    work(Part(begin, end));
  });
}

// h, sent, s, gates, masks and fired of every step.
std::tuple<Tensor, Tensor, Tensor, Tensor, Tensor, Tensor> forward(
    int64_t kind, const Tensor& x, const Tensor& weight_x, const Tensor& bias_x,
    const Tensor& weight_h, const Tensor& bias_h, const Tensor& h0, const Tensor& s0,
    const Tensor& sent0, const Tensor& threshold, const Tensor& noise, double step,
    const Tensor& table, int64_t value_bits, int64_t index_frac) {
  const Layer layer{Kind(kind), x,  weight_x, bias_x,    weight_h, bias_h,
                    h0,         s0, sent0,    threshold, noise,    step};
  const int64_t steps = x.size(0), batch = x.size(1), n = h0.size(1);
  const auto options = x.options().requires_grad(false);
  const int64_t gates = kind == GRU ? 4 : kind == LSTM ? 5 : 0;
  const Kept kept{large({steps, batch, n}, options), large({steps, batch, n}, options),
                  large({steps, batch, kind == LSTM ? n : 0}, options),
                  large({steps, batch, gates * n}, options),
                  large({value_bits ? steps : 0, batch, n}, options.dtype(at::kByte)),
                  at::empty({steps, batch}, options.dtype(at::kInt))};
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "delta loop", [&] {
    in_parts(batch, [&](const Part& part) {
      if (value_bits) {
        const Grid<scalar_t> grid(value_bits, index_frac, table.const_data_ptr<scalar_t>());
        run<scalar_t>(layer, grid, kept, part);
      } else {
        run<scalar_t>(layer, Smooth<scalar_t>(), kept, part);
      }
    });
  });
  return {kept.h, kept.sent, kept.s, kept.gates, kept.masks, kept.fired};
}

// Gradients of x (when wanted), weights, biases, h0, s0 and sent0, and, when wanted, the whole one
// of everything sent to the layer's next steps. Gradients that are empty count as zero.
std::vector<Tensor> backward(
    int64_t kind, const Tensor& grad_h, const Tensor& grad_sent, const Tensor& grad_last,
    const Tensor& x, const Tensor& weight_x, const Tensor& weight_h, const Tensor& h0,
    const Tensor& s0, const Tensor& sent0, const Tensor& threshold, const Tensor& noise,
    double step, const Tensor& h, const Tensor& sent, const Tensor& s, const Tensor& gates,
    const Tensor& masks, const Tensor& fired, bool want_x, bool want_whole) {
  const Layer layer{Kind(kind), x,  weight_x, {},        weight_h, {},
                    h0,         s0, sent0,    threshold, noise,    step};
  const Kept kept{h, sent, s, gates, masks, fired};
  const auto options = h.options();
  const int64_t n = h0.size(1), rows = weight_h.size(0);
  const Tensor of_x = want_x ? large(x.sizes(), options) : at::empty({0}, options);
  const Tensor whole = want_whole ? large(h.sizes(), options) : at::empty({0}, options);
  const auto fresh = [&] {
    return Gradients{of_x,
                     at::zeros_like(weight_x),
                     at::zeros({rows}, options),
                     at::zeros_like(weight_h),
                     at::zeros({kind == GRU ? n : 0}, options),
                     {}, {}, {}};
  };
  Gradients sums = fresh();
  sums.h0 = at::zeros_like(h0), sums.sent0 = at::zeros_like(sent0);
  sums.s0 = grad_last.numel() ? grad_last.clone() : at::zeros_like(s0);
  std::mutex lock;
  std::map<int64_t, Gradients> shares;  // in the order of their sequences, so that sums repeat
  AT_DISPATCH_FLOATING_TYPES(h.scalar_type(), "delta loop", [&] {
    in_parts(x.size(1), [&](const Part& part) {
      Gradients share = fresh();
      share.h0 = sums.h0, share.s0 = sums.s0, share.sent0 = sums.sent0;
      unrun<scalar_t>(layer, kept, grad_h, grad_sent, share, whole, part);
      const std::lock_guard<std::mutex> guard(lock);
      shares.emplace(part.from, share);
    });
  });
  for (const auto& [from, share] : shares) {
    sums.weight_x.add_(share.weight_x), sums.bias_x.add_(share.bias_x);
    sums.weight_h.add_(share.weight_h), sums.bias_h.add_(share.bias_h);
  }
  return {of_x,    sums.weight_x, sums.bias_x, sums.weight_h, sums.bias_h,
          sums.h0, sums.s0,       sums.sent0,  whole};
}

TORCH_LIBRARY(thresh_delta_loop, library) {
  library.def("forward", &forward);
  library.def("backward", &backward);
  library.def("encode", &encode);
}
