// Two parameters, so every matrix is 2 x 2, written [[a, b], [b, c]]. Rows of a design are pairs.
const dot = (u, v) => u.reduce((sum, a, i) => sum + a * v[i], 0);
const mean = (v) => v.reduce((sum, a) => sum + a, 0) / v.length;

// X'X and X'y.
const gram = (X, y) => {
  const a = X.map((row) => row[0]), b = X.map((row) => row[1]);
  return { S: [[dot(a, a), dot(a, b)], [dot(a, b), dot(b, b)]], b: [dot(a, y), dot(b, y)] };
};

const determinant = ([[a, b], [c, d]]) => a * d - b * c;

// The v with S v = b.
const solve = (S, b) => {
  const D = determinant(S);
  return [(b[0] * S[1][1] - S[0][1] * b[1]) / D, (S[0][0] * b[1] - S[1][0] * b[0]) / D];
};

// J = 1 / (2n) times the sum of squares.
const halfMeanLoss = (X, y, theta) => X.reduce((sum, row, i) => sum + (y[i] - dot(row, theta)) ** 2, 0) / (2 * y.length);

// The eigenvalues of a symmetric matrix, the largest first.
const eigenvalues = ([[a, b], [, c]]) => {
  const middle = (a + c) / 2, half = Math.hypot((a - c) / 2, b);
  return [middle + half, (a * c - b * b) / (middle + half)];
};

// Points v around `centre` with (v - centre)' S (v - centre) = size^2, by Cholesky's factor.
const ellipse = (S, centre, size, count = 96) => {
  const l = Math.sqrt(S[0][0]), m = S[0][1] / l, k = Math.sqrt(S[1][1] - m * m);
  return Array.from({ length: count + 1 }, (_, i) => {
    const turn = (2 * Math.PI * i) / count, second = Math.sin(turn) / k;
    return [centre[0] + size * (Math.cos(turn) - m * second) / l, centre[1] + size * second];
  });
};
