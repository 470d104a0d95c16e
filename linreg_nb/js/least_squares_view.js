// Least squares by hand: points that move, with the line, the squares, the equations and the influence of each point.
const view = (root, data, id) => {
  let x = [...data.x], y = [...data.y], chosen = data.chosen;
  const n = x.length;
  const panels = make(root, "div", { class: "explorable-panels" });
  const points = new Panel(panels, { title: "Drag a point", x: "x", y: "up: y", note: "each square has the residual as its side", ratio: 1, look: "wide" });
  const lever = new Panel(panels, { title: "Leverage", x: "x", y: "up: h, from 0 to 1", ratio: 1 });
  const pull = new Panel(panels, { title: "Cook's distance", x: "x", y: "up: D", note: "dashed: 1", ratio: 1 });
  const said = make(root, "p", { class: "explorable-said", role: "status" });
  const table = make(root, "table", { id: `${id}-equations`, "aria-label": "The two normal equations and their solution" });
  const rows = range(3).map(() => make(table, "tr")), cells = rows.map((row) => range(3).map(() => make(row, "td")));
  const again = make(root, "button", { type: "button", class: "plain", id: `${id}-reset` }, "Put all points back");
  const width = data.xlim[1] - data.xlim[0], height = data.ylim[1] - data.ylim[0];

  const draw = () => {
    const sums = leastSquares.sums(x, y), r = leastSquares.fit(x, y), pairs = x.map((v, i) => [v, y[i]]);
    points.limits(data.xlim, data.ylim);
    const line = r ? data.xlim.map((v) => [v, r.theta[0] + r.theta[1] * v]) : [];
    const squares = r ? pairs.map(([a, b], i) => {
      const e = r.residuals[i], side = Math.abs(e) * width / height, to = a <= (data.xlim[0] + data.xlim[1]) / 2 ? a + side : a - side;
      return [[a, b], [to, b], [to, b - e], [a, b - e], [a, b]];
    }) : [];
    points.path("squares", "fill red thin", squares);
    points.line("line", "ink thick", line);
    handles.forEach(({ put, button }, i) => { put(); button.classList.toggle("chosen", i === chosen); });

    lever.limits(data.xlim, [0, 1]);
    const spread = r ? dot(x.map((v) => v - mean(x)), x.map((v) => v - mean(x))) : NaN;
    lever.line("curve", "dash", r ? range(61).map((k) => data.xlim[0] + width * k / 60).map((v) => [v, 1 / n + (v - mean(x)) ** 2 / spread]) : []);
    lever.dots("all", "blue", r ? x.map((v, i) => [v, r.leverage[i]]) : []);
    lever.dots("chosen", "red big", r ? [[x[chosen], r.leverage[chosen]]] : []);

    const known = r ? r.cook.filter(Number.isFinite) : [];
    pull.limits(data.xlim, [0, Math.max(1.2, 1.1 * Math.max(0, ...known))]);
    pull.line("one", "dash", [[data.xlim[0], 1], [data.xlim[1], 1]]);
    pull.path("stems", "blue", r ? x.map((v, i) => [[v, 0], [v, r.cook[i]]]) : []);
    pull.dots("all", "blue", r ? x.map((v, i) => [v, r.cook[i]]) : []);
    pull.dots("chosen", "red big", r ? [[x[chosen], r.cook[chosen]]] : []);

    const e = r ? r.residuals : x.map(() => NaN), theta = r ? r.theta : [NaN, NaN], zero = (v) => show(Math.abs(v) < 1e-9 * (Math.abs(sums.xy) + Math.abs(sums.y)) ? 0 : v);
    const words = [["n θ₀ + Σx θ₁ = Σy", `${n} θ₀ + ${show(sums.x, 4)} θ₁ = ${show(sums.y, 4)}`, `so Σe = ${zero(dot(e, x.map(() => 1)))}`],
      ["Σx θ₀ + Σx² θ₁ = Σxy", `${show(sums.x, 4)} θ₀ + ${show(sums.xx, 4)} θ₁ = ${show(sums.xy, 4)}`, `so Σxe = ${zero(dot(e, x))}`],
      ["their solution", `θ₀ = ${show(theta[0], 4)}, θ₁ = ${show(theta[1], 4)}`, `Σe² = ${show(r ? r.rss : NaN, 4)}`]];
    words.forEach((row, i) => row.forEach((text, j) => { cells[i][j].textContent = text; }));
    said.textContent = r ? `Point ${chosen + 1}: residual ${show(e[chosen])}, leverage ${show(r.leverage[chosen])}, Cook's distance ${show(r.cook[chosen])}. `
      + `Moved up by 1, it takes the line at its x along by ${show(r.leverage[chosen])}.` : "All x are equal: many lines fit equally well, and none is the answer.";
    Object.assign(root.dataset, { theta: JSON.stringify(theta), chosen, x: JSON.stringify(x), y: JSON.stringify(y),
      leverage: r ? r.leverage[chosen] : NaN, cook: r ? r.cook[chosen] : NaN });
  };
  points.limits(data.xlim, data.ylim);
  const handles = range(n).map((i) => handle(points, `Point ${i + 1}`, () => [x[i], y[i]], (a, b) => { x[i] = a; y[i] = b; chosen = i; draw(); }));
  handles.forEach(({ button }, i) => button.addEventListener("focus", () => { chosen = i; draw(); }));
  again.addEventListener("click", () => { x = [...data.x]; y = [...data.y]; draw(); });
  draw();
};
