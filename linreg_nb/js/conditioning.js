// Two columns of length 1 at an angle, three solvers in float64, and the exact answer in whole numbers (chapters 7 and 8).
const conditioning = {
  // The angle at which the condition number is kappa, and the other way round.
  angle: (kappa) => 2 * Math.atan(1 / kappa),
  kappa: (angle) => 1 / Math.tan(angle / 2),

  // The columns u and cos(angle) u + sin(angle) v, and targets with the parameters theta and a residual along w.
  problem({ u, v, w, theta }, angle, residual) {
    const X = u.map((a, i) => [a, Math.cos(angle) * a + Math.sin(angle) * v[i]]);
    return { X, y: X.map((row, i) => dot(row, theta) + residual * w[i]) };
  },

  // The normal equations by Cholesky's factor; NaN where it breaks down.
  cholesky(X, y) {
    const { S, b } = gram(X, y), l11 = Math.sqrt(S[0][0]), l21 = S[0][1] / l11, l22 = Math.sqrt(S[1][1] - l21 * l21);
    const z1 = b[0] / l11, z2 = (b[1] - l21 * z1) / l22, theta2 = z2 / l22;
    return l22 > 0 ? [(z1 - l21 * theta2) / l11, theta2] : [NaN, NaN];
  },

  // QR by Householder's reflections.
  householder(X, y) {
    const a = X.map((row) => row[0]), b = X.map((row) => row[1]), z = [...y];
    const reflect = (w, from, columns) => {
      w[0] += Math.sign(w[0] || 1) * Math.sqrt(dot(w, w));
      const twice = 2 / dot(w, w);
      for (const c of columns) {
        const part = twice * dot(w, c.slice(from));
        w.forEach((v, i) => { c[from + i] -= part * v; });
      }
    };
    reflect(a.slice(0), 0, [a, b, z]);
    reflect(b.slice(1), 1, [b, z]);
    const theta2 = z[1] / b[1];
    return [(z[0] - b[0] * theta2) / a[0], theta2];
  },

  // Singular values by rotations that make the columns orthogonal (Hestenes, Jacobi).
  svd(X, y) {
    let a = X.map((row) => row[0]), b = X.map((row) => row[1]), V = [[1, 0], [0, 1]];
    for (let k = 0; k < 30; k += 1) {
      const aa = dot(a, a), bb = dot(b, b), ab = dot(a, b);
      if (Math.abs(ab) <= 2 ** -53 * Math.sqrt(aa * bb)) break;
      const zeta = (bb - aa) / (2 * ab), t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
      const c = 1 / Math.hypot(1, t), s = c * t;
      [a, b] = [a.map((v, i) => c * v - s * b[i]), a.map((v, i) => s * v + c * b[i])];
      V = V.map(([p, q]) => [c * p - s * q, s * p + c * q]);
    }
    const beta = [dot(a, y) / dot(a, a), dot(b, y) / dot(b, b)];
    return V.map((row) => dot(row, beta));
  },

  // A float64 as a whole number m times 2^e.
  parts(value) {
    if (value === 0) return { m: 0n, e: 0 };
    let e = Math.max(Math.floor(Math.log2(Math.abs(value))), -1022) - 53;
    let scaled = value / 2 ** e;
    while (!Number.isInteger(scaled)) { e -= 1; scaled *= 2; }
    return { m: BigInt(scaled), e };
  },

  // A fraction of whole numbers, rounded to a float64.
  quotient(top, bottom) {
    const sign = (top < 0n) !== (bottom < 0n) ? -1 : 1, [t, b] = [top, bottom].map((v) => (v < 0n ? -v : v));
    const shift = Math.max(0, 66 - (t.toString(2).length - b.toString(2).length));
    return sign * Number((t << BigInt(shift)) / b) / 2 ** shift;
  },

  // The exact least-squares answer, rounded once: the normal equations in whole numbers.
  exact(X, y) {
    const all = [...X.flat(), ...y].map(conditioning.parts), low = Math.min(...all.filter(({ m }) => m !== 0n).map(({ e }) => e));
    const whole = all.map(({ m, e }) => (m === 0n ? 0n : m << BigInt(e - low))), n = y.length;
    const columns = [0, 1].map((j) => whole.filter((_, i) => i < 2 * n && i % 2 === j)).concat([whole.slice(2 * n)]);
    const product = (j, k) => columns[j].reduce((sum, v, i) => sum + v * columns[k][i], 0n);
    const [aa, ab, bb, ay, by] = [product(0, 0), product(0, 1), product(1, 1), product(0, 2), product(1, 2)], D = aa * bb - ab * ab;
    return [conditioning.quotient(ay * bb - ab * by, D), conditioning.quotient(aa * by - ab * ay, D)];
  },

  // Correct decimal digits of a vector, by the length of its error, from 0 to 15.95.
  digits(found, exact) {
    const off = Math.hypot(found[0] - exact[0], found[1] - exact[1]) / Math.hypot(...exact);
    return Number.isNaN(off) ? 0 : Math.min(Math.max(-Math.log10(off), 0), 15.95);
  },
};
