// Descent on a line's two parameters: iterates, and what theory says of them (chapters 3, 4 and 5).
const stepSize = {
  // The feature with mean 0 and standard deviation 1.
  standardize(x) {
    const middle = mean(x), scale = Math.sqrt(mean(x.map((v) => (v - middle) ** 2)));
    return x.map((v) => (v - middle) / scale);
  },

  // The design matrix: a column of ones, then the feature.
  design: (x, standardized) => (standardized ? stepSize.standardize(x) : x).map((v) => [1, v]),

  // theta after one epoch from `theta` on, against the mean gradient of `size` rows at a time; `each` hears every step.
  epoch(X, y, theta, alpha, size, each = () => {}) {
    let [t0, t1] = theta;
    for (let first = 0; first < y.length; first += size) {
      const end = Math.min(first + size, y.length);
      let g0 = 0, g1 = 0;
      for (let i = first; i < end; i += 1) {
        const error = y[i] - X[i][0] * t0 - X[i][1] * t1;
        g0 += error * X[i][0];
        g1 += error * X[i][1];
      }
      t0 += alpha / (end - first) * g0;
      t1 += alpha / (end - first) * g1;
      each([t0, t1]);
    }
    return [t0, t1];
  },

  // theta from 0 on, after each step; epoch k ends at k * perEpoch.
  descend(X, y, alpha, epochs, size) {
    const steps = [[0, 0]];
    for (let k = 0; k < epochs; k += 1) stepSize.epoch(X, y, steps.at(-1), alpha, size, (theta) => steps.push(theta));
    return { steps, perEpoch: Math.ceil(y.length / size) };
  },

  // One epoch as an affine map, theta -> A theta + b: the columns of A are what becomes of the unit vectors where all targets are 0.
  epochMap(X, y, alpha, size) {
    const zero = y.map(() => 0), left = stepSize.epoch(X, zero, [1, 0], alpha, size), right = stepSize.epoch(X, zero, [0, 1], alpha, size);
    return { A: [[left[0], right[0]], [left[1], right[1]]], b: stepSize.epoch(X, y, [0, 0], alpha, size) };
  },

  // The size of A's largest eigenvalue, which may be complex.
  spectralRadius(A) {
    const half = (A[0][0] + A[1][1]) / 2, inside = ((A[0][0] - A[1][1]) / 2) ** 2 + A[0][1] * A[1][0];
    return inside >= 0 ? Math.abs(half) + Math.sqrt(inside) : Math.sqrt(determinant(A));
  },

  // Where the epochs lead: the theta with A theta + b = theta.
  limit: ({ A, b }) => solve([[1 - A[0][0], -A[0][1]], [-A[1][0], 1 - A[1][1]]], b),

  // Below this step size no order of these batches can diverge: 2 over the largest eigenvalue of any batch.
  sureBound(X, size) {
    let largest = 0;
    for (let first = 0; first < X.length; first += size) {
      const rows = X.slice(first, first + size), { S } = gram(rows, rows.map(() => 0));
      largest = Math.max(largest, eigenvalues(S)[0] / rows.length);
    }
    return 2 / largest;
  },

  // What becomes of the slowest error in so many epochs.
  fate: (radius, epochs) => (radius >= 1 ? "diverges" : radius ** epochs > 0.1 ? "crawls" : "converges"),
};
