// Products with the state's weights that touch only the columns of what was sent.
//
// A product is a sum over columns that changes with what is sent alone, so forward it is brought
// up to date with the columns that fired. Backward, the gradient that reaches a value sent at step
// t and replaced at t' is W_j' (D_t+1 + ... + D_t'), where D are the gradients of the products: the
// difference of two running sums' products, each made when j fires. The weights' gradient is
// summed by parts: the running sum times what j changed by.
#pragma once
#include <ATen/Functions.h>

#include <algorithm>
#include <vector>

using at::Tensor;

// Share of fired values below which this is faster than dense products.
constexpr double SPARSE = 0.3;

// Steps after which a product is made anew, so that roundings do not add up.
constexpr int64_t RENEW = 64;

// product += columns[j] * (now[j] - before[j]) for every j that changed; columns is (n, rows).
template <typename T>
void update(int64_t n, int64_t rows, const T* now, const T* before, const T* columns, T* product,
            int64_t* list) {
  int64_t fired = 0, k = 0;
  for (int64_t j = 0; j < n; ++j)
    if (now[j] != before[j]) list[fired++] = j;
  const auto change = [&](int64_t place) { return now[list[place]] - before[list[place]]; };
  for (; k + 4 <= fired; k += 4) {
    const T *a = columns + list[k] * rows, *b = columns + list[k + 1] * rows;
    const T *c = columns + list[k + 2] * rows, *d = columns + list[k + 3] * rows;
    const T by_a = change(k), by_b = change(k + 1), by_c = change(k + 2), by_d = change(k + 3);
#pragma omp simd
    for (int64_t r = 0; r < rows; ++r)
      product[r] += (by_a * a[r] + by_b * b[r]) + (by_c * c[r] + by_d * d[r]);
  }
  for (; k < fired; ++k) {
    const T* a = columns + list[k] * rows;
    const T by = change(k);
#pragma omp simd
    for (int64_t r = 0; r < rows; ++r) product[r] += by * a[r];
  }
}

// Running sums of the gradients of the products, for part of a batch.
template <typename T> struct RunningSums {
  int64_t n, rows;
  Tensor columns, of_columns, sums, spent;

  RunningSums(const Tensor& weight, int64_t count)
      : n(weight.size(1)), rows(weight.size(0)), columns(weight.t().contiguous()),
        of_columns(at::zeros_like(columns)), sums(at::zeros({count, rows}, weight.options())),
        spent(at::zeros({count, n}, weight.options())) {}

  // Adds to `total` what sequence i's values that moved are due, and to the weights' gradient.
  void settle(int64_t i, const T* offered, const T* before, const T* sent, const T* threshold,
              T* total) {
    const T* sum = sums.const_data_ptr<T>() + i * rows;
    T* paid = spent.mutable_data_ptr<T>() + i * n;
    for (int64_t j = 0; j < n; ++j) {
      const T size = offered[j] - before[j];
      if (!((size < 0 ? -size : size) >= threshold[j])) continue;
      const T* column = columns.const_data_ptr<T>() + j * rows;
      T* of_column = of_columns.mutable_data_ptr<T>() + j * rows;
      const T change = sent[j] - before[j];
      T product = 0;
#pragma omp simd reduction(+ : product)
      for (int64_t r = 0; r < rows; ++r) {
        product += sum[r] * column[r];
        of_column[r] += change * sum[r];
      }
      total[j] += product - paid[j];
      paid[j] = product;
    }
  }

  void add(int64_t i, const T* of_product) {
    T* sum = sums.mutable_data_ptr<T>() + i * rows;
#pragma omp simd
    for (int64_t r = 0; r < rows; ++r) sum[r] += of_product[r];
  }

  // Pays everything that is due to references before the steps so far, and starts from zero.
  void finish(Tensor& carried, const Tensor& before) {
    carried.addmm_(sums, columns.t()).sub_(spent);
    of_columns.addmm_(before.t(), sums);
    sums.zero_(), spent.zero_();
  }
};
