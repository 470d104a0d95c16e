// Ridge and lasso: the price as a slider, the region that its answer touches, and the path of both coefficients.
const view = (root, data, id) => {
  const sums = penalties.sums(data.X, data.y), best = solve(sums.S, sums.b);
  const tops = { ridge: 10 * (sums.S[0][0] + sums.S[1][1]), lasso: penalties.lamMax(sums) };
  const controls = make(root, "div", { class: "explorable-controls" });
  let ready = false;
  const update = () => { if (ready) { price.tell(); draw(); } };
  const kind = choice(controls, { id: `${id}-kind`, label: "penalty on", options: ["squares: ridge", "absolute values: lasso"], value: data.kind === "ridge" ? "squares: ridge" : "absolute values: lasso" }, update);
  const name = () => kind.value.split(": ")[1], at = (v) => tops[name()] * 10 ** (3 * v / 300 - 3);
  const price = slider(controls, { id: `${id}-lam`, label: "price λ", min: 0, max: 300, step: 1, value: 225, say: (v) => show(at(v)) }, update);
  const said = make(root, "p", { class: "explorable-said", role: "status" });
  const panels = make(root, "div", { class: "explorable-panels" });
  const plane = new Panel(panels, { title: "Where loss meets price", x: "θ₁", y: "up: θ₂", note: "dot: least squares; dashed: path to 0", ratio: 1, look: "wide" });
  const path = new Panel(panels, { title: "Both coefficients on the way", x: "λ", y: "θ₁ blue, θ₂ pink", note: "dashed: 0", ratio: 1, look: "wide" });
  const reach = 1.15 * Math.hypot(...best);

  const draw = () => {
    const solver = penalties[name()], lam = at(price.value), theta = solver(sums, lam);
    const many = range(151).map((k) => at(2 * k)), found = many.map((v) => solver(sums, v));
    const off = [theta[0] - best[0], theta[1] - best[1]];
    const size = Math.sqrt(Math.max(0, sums.S[0][0] * off[0] ** 2 + 2 * sums.S[0][1] * off[0] * off[1] + sums.S[1][1] * off[1] ** 2));
    const total = Math.abs(theta[0]) + Math.abs(theta[1]), long = Math.hypot(...theta);
    plane.limits([-reach, reach], [-reach, reach]);
    plane.path("axes", "", [[[-reach, 0], [reach, 0]], [[0, -reach], [0, reach]]]);
    plane.line("region", "fill green", name() === "ridge" ? range(97).map((k) => [long * Math.cos(Math.PI * k / 48), long * Math.sin(Math.PI * k / 48)])
      : [[total, 0], [0, total], [-total, 0], [0, -total], [total, 0]]);
    plane.path("contours", "", [ellipse(sums.S, best, size), ellipse(sums.S, best, size / 2)]);
    plane.line("path", "dash red", [best, ...found]);
    plane.dots("best", "ink", [best]);
    plane.dots("theta", "red big", [theta]);

    const all = [0, ...found.flat(), ...best], low = Math.min(...all), high = Math.max(...all), room = 0.06 * (high - low);
    path.limits([Math.log10(at(0)), Math.log10(at(300))], [low - room, high + room], "x");
    path.line("zero", "dash", path.x.map((v) => [v, 0]));
    path.line("here", "", path.y.map((v) => [Math.log10(lam), v]));
    ["blue", "pink"].forEach((look, j) => {
      path.line(look, `${look} thick`, many.map((v, i) => [Math.log10(v), found[i][j]]));
      path.dots(`${look} here`, `${look} big`, [[Math.log10(lam), theta[j]]]);
    });

    const slopes = [0, 1].map((j) => sums.S[j][0] * theta[0] + sums.S[j][1] * theta[1] - sums.b[j]);
    const zeros = theta.map((v, j) => (v === 0 ? ["θ₁", "θ₂"][j] : "")).filter(Boolean).join(" and ");
    said.textContent = `${name() === "ridge" ? "Ridge" : "The lasso"} at λ = ${show(lam)}: θ₁ = ${show(theta[0])}, θ₂ = ${show(theta[1])}`
      + `${zeros ? `; exactly 0: ${zeros}` : ""}. Least squares has ${show(best[0])} and ${show(best[1])}. At this answer the loss has the slopes ${slopes.map((v) => show(v)).join(" and ")}.`;
    Object.assign(root.dataset, { lam, theta: JSON.stringify(theta), kind: name() });
  };
  ready = true;
  draw();
};
