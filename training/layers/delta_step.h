// One step of one sequence, forward and backward; gates have PyTorch's order.
#pragma once
#include <cmath>
#include <cstdint>

enum Kind : int64_t { GRU, LSTM, RNN_TANH, RNN_RELU };

// What the encoder is offered of a state: with noise when that is given, then rounded to
// multiples of `step` when that is not 0.
template <typename T>
const T* offer(int64_t n, const T* value, const T* noise, T step, T* scratch) {
  if (noise == nullptr && step == 0) return value;
  for (int64_t j = 0; j < n; ++j) {
    const T offered = noise == nullptr ? value[j] : value[j] + noise[j];
    scratch[j] = step == 0 ? offered : std::floor(offered / step + T(0.5)) * step;
  }
  return scratch;
}

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

template <typename T> void add(int64_t n, const T* one, const T* other, T* sum) {
#pragma omp simd
  for (int64_t j = 0; j < n; ++j) sum[j] = one[j] + other[j];
}

// Gradients of a value and of what was sent before it, from that of the layer's own next step,
// which the mask lets through, and that of the layers behind, null for zero, which passes straight.
template <typename T>
void unsend(int64_t n, const T* value, const T* before, const T* threshold, const T* grad_sent,
            const T* grad_behind, T* grad_value, T* grad_before) {
#pragma omp simd
  for (int64_t j = 0; j < n; ++j) {
    const T change = value[j] - before[j], size = change < 0 ? -change : change;
    const bool moved = size >= threshold[j];
    const T behind = grad_behind == nullptr ? T(0) : grad_behind[j];
    grad_value[j] += (moved ? grad_sent[j] : T(0)) + behind;
    grad_before[j] = moved ? T(0) : grad_sent[j];
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
