// Arithmetic of delta_loop.cpp.
//
// `Smooth` computes in floating point. `Grid` follows the arithmetic contract of
// thresh.model.arithmetic with doubles that stay on binary grids, where every sum and product is
// exact.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

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

  Grid(int64_t value_bits, int64_t index_frac, const T* sigmoids)
      : pre_scale(std::ldexp(1.0, value_bits - 5)), state_scale(std::ldexp(1.0, value_bits - 2)),
        half(std::ldexp(1.0, value_bits - 1)), index_scale(std::ldexp(1.0, index_frac)),
        index_limit(8 * index_scale - 1), table(sigmoids) {}

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
