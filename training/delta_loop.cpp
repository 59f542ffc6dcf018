// The time loop of recurrent delta layers, forward and backward; see delta_loop.py.
//
// Tensors are time-major: (steps, batch, size). Gates have PyTorch's order. `Smooth` computes in
// floating point, `Grid` in the arithmetic contract of thresh.model.arithmetic with doubles that
// stay on binary grids, where every sum and product is exact.
#include <ATen/Dispatch.h>
#include <ATen/Functions.h>
#include <torch/library.h>

#include <cmath>
#include <cstring>
#include <tuple>

using at::Tensor;

enum Kind : int64_t { GRU, LSTM, RNN_TANH, RNN_RELU };

template <typename T> struct Float;
template <> struct Float<float> {
  using Int = int32_t;
  static constexpr int mantissa = 23, bias = 127, degree = 7;
  static constexpr float round = 12582912.0f, limit = 87.0f;
  static constexpr float ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
};
template <> struct Float<double> {
  using Int = int64_t;
  static constexpr int mantissa = 52, bias = 1023, degree = 13;
  static constexpr double round = 6755399441055744.0, limit = 700.0;
  static constexpr double ln2_high = 0.693145751953125, ln2_low = 1.42860682030941723212e-6;
};

// e**x without a branch or a call, so that loops over it become vector code: 2**n times a
// polynomial of the rest. Not a number stays that.
template <typename T> inline T exponential(T x) {
  using F = Float<T>;
  x = x > F::limit ? F::limit : x;
  x = x < -F::limit ? -F::limit : x;
  const T shifted = x * T(1.4426950408889634074) + F::round;
  const T n = shifted - F::round;
  const T rest = (x - n * F::ln2_high) - n * F::ln2_low;
  T sum = 1;
#pragma GCC unroll 13
  for (int k = F::degree; k > 0; --k) sum = 1 + sum * rest * T(1.0 / k);
  typename F::Int bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  bits = (bits << F::mantissa) + (typename F::Int(F::bias) << F::mantissa);
  T power;
  std::memcpy(&power, &bits, sizeof power);
  return sum * power;
}

template <typename T> struct Smooth {
  static constexpr bool grids = false;
  T pre(T value, uint8_t&, int) const { return value; }
  T to_pre(T value) const { return value; }
  T to_state(T value) const { return value; }
  T sigmoid(T value) const { return T(1) / (T(1) + exponential(-value)); }
  T tanh(T value) const { return T(2) / (T(1) + exponential(T(-2) * value)) - T(1); }
};

template <typename T> struct Grid {
  static constexpr bool grids = true;
  T pre_scale, state_scale, half, index_scale, index_limit;
  const T* table;  // sigmoid on [0, 8), in integers of `gate` scale

  Grid(int64_t value_bits, int64_t index_frac, const Tensor& sigmoids)
      : pre_scale(std::ldexp(1.0, value_bits - 5)), state_scale(std::ldexp(1.0, value_bits - 2)),
        half(std::ldexp(1.0, value_bits - 1)), index_scale(std::ldexp(1.0, index_frac)),
        index_limit(8 * index_scale - 1), table(sigmoids.const_data_ptr<T>()) {}

  // Saturated to the pre-activation format; the mask's bit says that it clipped.
  T pre(T value, uint8_t& mask, int bit) const {
    const T rounded = std::floor(value * pre_scale + T(0.5));
    const T low = rounded < -half ? -half : rounded;
    const T clipped = low > half - 1 ? half - 1 : low;
    mask |= uint8_t(clipped != rounded) << bit;
    return clipped / pre_scale;
  }
  T to_pre(T value) const { return std::floor(value * pre_scale + T(0.5)) / pre_scale; }
  T to_state(T value) const { return std::floor(value * state_scale + T(0.5)) / state_scale; }
  T look_up(T value, T one) const {
    T index = std::floor(value * index_scale + T(0.5));
    index = index > index_limit ? index_limit : index;
    index = index < -index_limit ? -index_limit : index;
    const T positive = table[int(index < 0 ? -index : index)];
    return index < 0 ? one - positive : positive;
  }
  T sigmoid(T value) const { return look_up(value, half) / half; }
  // 2 sigmoid(2 x) - 1 in the state format, whose scale is half the gate format's
  T tanh(T value) const { return (look_up(2 * value, half) - state_scale) / state_scale; }
};

// Sends what moved by the threshold since it was last sent; returns how many did.
template <typename T>
int32_t send(int64_t n, const T* value, const T* before, const T* threshold, T* sent) {
  int32_t count = 0;
#pragma omp simd reduction(+ : count)
  for (int64_t j = 0; j < n; ++j) {
    const T change = value[j] - before[j], size = change < 0 ? -change : change;
    const bool moved = size >= threshold[j];
    sent[j] = moved ? value[j] : before[j];
    count += moved & (change != 0);
  }
  return count;
}

template <typename T>
void unsend(int64_t n, const T* value, const T* before, const T* threshold, const T* grad_sent,
            T* grad_value, T* grad_before) {
#pragma omp simd
  for (int64_t j = 0; j < n; ++j) {
    const T change = value[j] - before[j], size = change < 0 ? -change : change;
    const bool kept = size < threshold[j];
    grad_value[j] += kept ? T(0) : grad_sent[j];
    grad_before[j] = kept ? grad_sent[j] : T(0);
  }
}

// One step of one sequence: x and p are its shares of the pre-activations.
template <typename T, typename Math>
void cell(Kind kind, const Math& math, int64_t n, const T* x, const T* p, const T* bias,
          const T* h_before, const T* s_before, T* h, T* s, T* kept, uint8_t* masks) {
  if (kind == GRU) {
#pragma omp simd
    for (int64_t j = 0; j < n; ++j) {
      uint8_t mask = 0;
      const T r = math.sigmoid(math.pre(x[j] + p[j], mask, 0));
      const T hidden = math.pre(p[2 * n + j] + bias[j], mask, 1);
      const T u = math.sigmoid(math.pre(x[n + j] + p[n + j], mask, 2));
      const T input = math.pre(x[2 * n + j], mask, 3);
      const T c = math.tanh(math.pre(input + math.to_pre(r * hidden), mask, 4));
      h[j] = c + math.to_state(u * (h_before[j] - c));
      kept[j] = r, kept[n + j] = u, kept[2 * n + j] = c, kept[3 * n + j] = hidden;
      if constexpr (Math::grids) masks[j] = mask;
    }
  } else if (kind == LSTM) {
#pragma omp simd
    for (int64_t j = 0; j < n; ++j) {
      uint8_t mask = 0;
      const T i = math.sigmoid(math.pre(x[j] + p[j], mask, 0));
      const T f = math.sigmoid(math.pre(x[n + j] + p[n + j], mask, 1));
      const T g = math.tanh(math.pre(x[2 * n + j] + p[2 * n + j], mask, 2));
      const T o = math.sigmoid(math.pre(x[3 * n + j] + p[3 * n + j], mask, 3));
      s[j] = math.pre(math.to_pre(f * s_before[j]) + math.to_pre(i * g), mask, 4);
      const T out = math.tanh(s[j]);
      h[j] = math.to_state(o * out);
      kept[j] = i, kept[n + j] = f, kept[2 * n + j] = g, kept[3 * n + j] = o;
      kept[4 * n + j] = out;
      if constexpr (Math::grids) masks[j] = mask;
    }
  } else {
#pragma omp simd
    for (int64_t j = 0; j < n; ++j) {
      uint8_t mask = 0;
      const T value = math.pre(x[j] + p[j], mask, 0);
      h[j] = kind == RNN_TANH ? math.tanh(value) : value < 0 ? T(0) : value;
      if constexpr (Math::grids) masks[j] = mask;
    }
  }
}

// Gradients of one step of one sequence, from those of h and s to those before; x and p receive
// the gradients of the pre-activations' shares.
template <typename T>
void uncell(Kind kind, int64_t n, const T* kept, const uint8_t* masks, const T* h,
            const T* h_before, const T* s_before, T* grad_h, T* grad_s, T* x, T* p) {
  const auto inside = [masks](int64_t j, int bit) {
    return masks == nullptr ? T(1) : T(1 - (masks[j] >> bit & 1));
  };
  if (kind == GRU) {
#pragma omp simd
    for (int64_t j = 0; j < n; ++j) {
      const T r = kept[j], u = kept[n + j], c = kept[2 * n + j], hidden = kept[3 * n + j];
      const T grad_c = (grad_h[j] - grad_h[j] * u) * (1 - c * c) * inside(j, 4);
      x[j] = p[j] = grad_c * hidden * r * (1 - r) * inside(j, 0);
      x[n + j] = p[n + j] = grad_h[j] * (h_before[j] - c) * u * (1 - u) * inside(j, 2);
      x[2 * n + j] = grad_c * inside(j, 3);
      p[2 * n + j] = grad_c * r * inside(j, 1);
      grad_h[j] *= u;
    }
  } else if (kind == LSTM) {
#pragma omp simd
    for (int64_t j = 0; j < n; ++j) {
      const T i = kept[j], f = kept[n + j], g = kept[2 * n + j], o = kept[3 * n + j];
      const T out = kept[4 * n + j];
      const T grad = (grad_s[j] + grad_h[j] * o * (1 - out * out)) * inside(j, 4);
      x[j] = grad * g * i * (1 - i) * inside(j, 0);
      x[n + j] = grad * s_before[j] * f * (1 - f) * inside(j, 1);
      x[2 * n + j] = grad * i * (1 - g * g) * inside(j, 2);
      x[3 * n + j] = grad_h[j] * out * o * (1 - o) * inside(j, 3);
      grad_s[j] = grad * f;
      grad_h[j] = 0;
    }
  } else {
#pragma omp simd
    for (int64_t j = 0; j < n; ++j) {
      const T slope = kind == RNN_TANH ? 1 - h[j] * h[j] : T(h[j] > 0);
      x[j] = grad_h[j] * slope * inside(j, 0);
      grad_h[j] = 0;
    }
  }
}

template <typename T, typename Math>
void run(Kind kind, const Math& math, const Tensor& from_x, const Tensor& weight,
         const Tensor& bias, const Tensor& h0, const Tensor& s0, const Tensor& sent0,
         const Tensor& threshold, Tensor& h, Tensor& sent, Tensor& s, Tensor& kept, Tensor& masks,
         Tensor& fired) {
  const int64_t steps = from_x.size(0), batch = from_x.size(1), n = h0.size(1);
  const int64_t rows = weight.size(0), keep = kept.size(2), cells = s.size(2);
  const Tensor columns = weight.t().contiguous();
  Tensor product = at::empty({batch, rows}, from_x.options());
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
      fired.data_ptr<int32_t>()[at] = send(n, state, old + b * n, threshold.const_data_ptr<T>(),
                                           sent.data_ptr<T>() + at * n);
    }
  }
}

// h, sent, s, kept, masks and fired of every step.
std::tuple<Tensor, Tensor, Tensor, Tensor, Tensor, Tensor> forward(
    int64_t number, const Tensor& from_x, const Tensor& weight, const Tensor& bias,
    const Tensor& h0, const Tensor& s0, const Tensor& sent0, const Tensor& threshold,
    const Tensor& table, int64_t value_bits, int64_t index_frac) {
  const Kind kind = Kind(number);
  const int64_t steps = from_x.size(0), batch = from_x.size(1), n = h0.size(1);
  const auto options = from_x.options();
  Tensor h = at::empty({steps, batch, n}, options), sent = at::empty_like(h);
  Tensor s = at::empty({steps, batch, kind == LSTM ? n : 0}, options);
  Tensor kept = at::empty({steps, batch, (kind == GRU ? 4 : kind == LSTM ? 5 : 0) * n}, options);
  Tensor masks = at::empty({value_bits ? steps : 0, batch, n}, options.dtype(at::kByte));
  Tensor fired = at::empty({steps, batch}, options.dtype(at::kInt));
  AT_DISPATCH_FLOATING_TYPES(from_x.scalar_type(), "delta loop", [&] {
    if (value_bits) {
      const Grid<scalar_t> grid(value_bits, index_frac, table);
      run<scalar_t>(kind, grid, from_x, weight, bias, h0, s0, sent0, threshold, h, sent, s, kept,
                    masks, fired);
    } else {
      run<scalar_t>(kind, Smooth<scalar_t>(), from_x, weight, bias, h0, s0, sent0, threshold, h,
                    sent, s, kept, masks, fired);
    }
  });
  return {h, sent, s, kept, masks, fired};
}

// Gradients of from_x, weight, bias, h0, s0 and sent0, and the whole one of every sent.
std::tuple<Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor> backward(
    int64_t number, const Tensor& grad_h, const Tensor& grad_sent, const Tensor& grad_last,
    const Tensor& weight, const Tensor& h0, const Tensor& s0, const Tensor& sent0,
    const Tensor& threshold, const Tensor& h, const Tensor& sent, const Tensor& s,
    const Tensor& kept, const Tensor& masks) {
  const Kind kind = Kind(number);
  const int64_t steps = h.size(0), batch = h.size(1), n = h.size(2), rows = weight.size(0);
  const int64_t keep = kept.size(2), cells = s.size(2);
  Tensor from_x = at::empty({steps, batch, rows}, h.options());
  Tensor product = kind == GRU ? at::empty_like(from_x) : from_x;
  Tensor whole = at::empty_like(h), dh = at::zeros_like(h0), ds = grad_last.clone();
  Tensor dsent = at::zeros_like(h0);
  AT_DISPATCH_FLOATING_TYPES(h.scalar_type(), "delta loop", [&] {
    using T = scalar_t;
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
        unsend(n, state, old + b * n, threshold.const_data_ptr<T>(), total, state_grad, carried);
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
