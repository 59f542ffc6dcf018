// Delta encoding of whole sequences; tensors are (steps, batch, size).
#pragma once
#include <ATen/Dispatch.h>
#include <ATen/Functions.h>

#include <tuple>

#include "delta_step.h"

using at::Tensor;

// sent and fired of every step of values.
inline std::tuple<Tensor, Tensor> encode(const Tensor& values, const Tensor& sent0,
                                         const Tensor& threshold) {
  const int64_t steps = values.size(0), batch = values.size(1), n = values.size(2);
  Tensor sent = at::empty_like(values);
  Tensor fired = at::empty({steps, batch}, values.options().dtype(at::kInt));
  AT_DISPATCH_FLOATING_TYPES(values.scalar_type(), "delta encoder", [&] {
    for (int64_t at = 0; at < steps * batch; ++at) {
      scalar_t* now = sent.data_ptr<scalar_t>() + at * n;
      const scalar_t* first = sent0.const_data_ptr<scalar_t>() + at % batch * n;
      const scalar_t* old = at < batch ? first : now - batch * n;
      fired.data_ptr<int32_t>()[at] = send(n, values.const_data_ptr<scalar_t>() + at * n, old,
                                           threshold.const_data_ptr<scalar_t>(), now);
    }
  });
  return {sent, fired};
}
