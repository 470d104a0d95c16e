// A line through points by the normal equations, and how hard each point pulls (chapters 6 and 13).
const leastSquares = {
  // The sums that the normal equations need.
  sums: (x, y) => ({ n: x.length, x: dot(x, x.map(() => 1)), y: dot(y, y.map(() => 1)), xx: dot(x, x), xy: dot(x, y) }),

  // theta = (intercept, slope), residuals, leverages and Cook's distances; null where all x are equal.
  fit(x, y) {
    const n = x.length, middle = mean(x), from = x.map((v) => v - middle), spread = dot(from, from);
    if (!(spread > 1e-20 * dot(x, x))) return null;
    const slope = dot(from, y) / spread, theta = [mean(y) - slope * middle, slope];
    const residuals = y.map((v, i) => v - mean(y) - slope * from[i]), rss = dot(residuals, residuals);
    const leverage = from.map((v) => 1 / n + v * v / spread), variance = rss / (n - 2);
    const cook = residuals.map((e, i) => (leverage[i] > 1 - 1e-12 || !(rss > 1e-28 * dot(y, y)) ? NaN : e * e * leverage[i] / (2 * variance * (1 - leverage[i]) ** 2)));
    return { theta, residuals, rss, leverage, cook };
  },
};
