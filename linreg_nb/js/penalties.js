// Ridge and the lasso for two centred columns, both exactly (chapter 11).
const penalties = {
  // The sums of the centred data: S = X'X, b = X'y.
  sums(X, y) {
    const middle = [0, 1].map((j) => mean(X.map((row) => row[j]))), level = mean(y);
    return gram(X.map((row) => [row[0] - middle[0], row[1] - middle[1]]), y.map((v) => v - level));
  },

  // The coefficients with half of lam times their squares as the price.
  ridge: ({ S, b }, lam) => solve([[S[0][0] + lam, S[0][1]], [S[1][0], S[1][1] + lam]], b),

  // From this lam on, the lasso's coefficients are all 0.
  lamMax: ({ b }) => Math.max(Math.abs(b[0]), Math.abs(b[1])),

  // The coefficients with lam times their absolute values as the price: of the answers for each pattern of signs,
  // the one that is an answer, since its signs are as assumed and the others want to stay 0.
  lasso({ S, b }, lam) {
    if (lam >= penalties.lamMax({ b })) return [0, 0];
    const one = (j) => Math.sign(b[j]) * Math.max(Math.abs(b[j]) - lam, 0) / S[j][j];
    for (const j of [0, 1]) {
      const value = one(j), other = 1 - j;
      if (value !== 0 && Math.abs(b[other] - S[other][j] * value) <= lam) return j ? [0, value] : [value, 0];
    }
    for (const signs of [[1, 1], [1, -1], [-1, 1], [-1, -1]]) {
      const theta = solve(S, [b[0] - lam * signs[0], b[1] - lam * signs[1]]);
      if (theta[0] * signs[0] > 0 && theta[1] * signs[1] > 0) return theta;
    }
    return [0, 0];
  },
};
