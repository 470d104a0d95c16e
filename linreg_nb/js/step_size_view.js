// Step size: the data, the contours of J and the loss, with what theory predicts for each step size below its slider.
const view = (root, data, id) => {
  const { x, y } = data, n = x.length, X = { false: stepSize.design(x, false), true: stepSize.design(x, true) };
  const { down, up } = data, most = { false: stepSize.sureBound(X.false, n), true: stepSize.sureBound(X.true, n) };
  const standard = () => scaled?.value === "standardized";
  // The same position is the same part of the bound, whatever the scale.
  const at = (position) => data.alpha * most[standard()] / most.false * 10 ** (position / 100);
  const controls = make(root, "div", { class: "explorable-controls" });
  let ready = false, scaled;
  const update = () => { if (ready) { alpha.tell(); draw(); } };
  const alpha = slider(controls, { id: `${id}-alpha`, label: "step size α", min: -down, max: up, step: 1, value: 0, say: (v) => show(at(v)) }, update);
  const strip = make(alpha.block, "div", { class: "explorable-strip" });
  const bar = make(strip, "svg", { viewBox: "0 0 100 1", preserveAspectRatio: "none", role: "img", "aria-label": "what theory predicts for each step size" });
  const epochs = slider(controls, { id: `${id}-epochs`, label: "epochs", min: 1, max: 500, step: 1, value: data.epochs, say: String }, update);
  const size = slider(controls, { id: `${id}-batch`, label: "examples in a batch", min: 1, max: n, step: 1, value: data.batch,
    say: (v) => (v === 1 ? "1" : v === n ? `all ${n}` : String(v)) }, update);
  scaled = choice(controls, { id: `${id}-scale`, label: "feature", options: ["as it is", "standardized"], value: "as it is" }, update);
  const said = make(root, "p", { class: "explorable-said", role: "status" });
  const panels = make(root, "div", { class: "explorable-panels" });
  const points = new Panel(panels, { title: "Data and line", x: "x", y: "up: y" });
  const plane = new Panel(panels, { title: "Way over the contours of J", x: "θ₀, the intercept", y: "up: θ₁, the slope" });
  const loss = new Panel(panels, { title: "Loss, by epoch", x: "epoch", y: "up: J", note: "dashed: the least J" });
  const around = (v) => { const a = Math.min(...v), b = Math.max(...v), room = 0.08 * (b - a || 1); return [a - room, b + room]; };

  // The strip below the slider: one thin bar for each step size, and each region's name where it is widest.
  const regions = (design) => {
    bar.replaceChildren();
    strip.querySelectorAll("span, i").forEach((e) => e.remove());
    const fates = range(101).map((k) => stepSize.fate(stepSize.spectralRadius(stepSize.epochMap(design, y, at(-down + (down + up) * k / 100), size.value).A), epochs.value));
    let start = 0;
    const widest = {};
    for (let k = 1; k <= 101; k += 1) {
      if (fates[k] === fates[start]) continue;
      const from = Math.max(start - 0.5, 0), wide = Math.min(k - 0.5, 100) - from;
      make(bar, "rect", { x: from, y: 0, width: wide, height: 1, class: fates[start] });
      if (wide > (widest[fates[start]]?.wide ?? 3)) widest[fates[start]] = { wide, at: from + wide / 2 };
      start = k;
    }
    const names = Object.entries(widest).sort((a, b) => a[1].at - b[1].at), places = names.map(([, { at }]) => clamp(at, 10, 88));
    for (let k = 1; k < names.length; k += 1) places[k] = Math.max(places[k], places[k - 1] + 28);
    for (let k = names.length - 1, most = 88; k >= 0; k -= 1, most = places[k + 1] - 28) places[k] = Math.min(places[k], most);
    names.forEach(([name], k) => make(strip, "span", { style: `left: ${places[k]}%` }, name));
    const bound = 100 * Math.log10(stepSize.sureBound(design, size.value) / at(-down)) / (down + up);
    if (bound < 1) make(strip, "i", { style: `left: ${100 * bound}%`, title: "sure to converge below this" });
  };

  const draw = () => {
    const standardized = standard(), design = X[standardized], a = at(alpha.value);
    const { S, b } = gram(design, y), best = solve(S, b), least = halfMeanLoss(design, y, best), first = halfMeanLoss(design, y, [0, 0]);
    const map = stepSize.epochMap(design, y, a, size.value), radius = stepSize.spectralRadius(map.A), fate = stepSize.fate(radius, epochs.value);
    const { steps, perEpoch } = stepSize.descend(design, y, a, epochs.value, size.value);
    const ends = range(epochs.value + 1).map((k) => steps[k * perEpoch]), end = ends.at(-1);
    regions(design);

    points.limits(around(x), around([...y, 0]));
    const [middle, scale] = standardized ? [mean(x), Math.sqrt(mean(x.map((v) => (v - mean(x)) ** 2)))] : [0, 1];
    const line = (theta) => points.x.map((v) => [v, theta[0] + theta[1] * (v - middle) / scale]);
    points.dots("data", "blue", x.map((v, i) => [v, y[i]]));
    points.line("best", "dash", line(best));
    points.line("line", "red thick", line(end));

    const half = best.map((v) => 1.6 * Math.abs(v) || 1);
    plane.limits([best[0] - half[0], best[0] + half[0]], [best[1] - half[1], best[1] + half[1]]);
    plane.path("contours", "", [1, 1 / 4, 1 / 16, 1 / 64].map((part) => ellipse(S, best, Math.sqrt(2 * n * (first - least) * part))));
    plane.line("steps", "red thin", steps.length <= 3000 ? steps : ends);
    plane.dots("ends", "red small", ends);
    plane.dots("best", "ink", [best]);
    plane.dots("limit", "green small", radius < 1 ? [stepSize.limit(map)] : []);

    const J = ends.map((theta) => halfMeanLoss(design, y, theta)), log = (v) => Math.log10(Math.max(v, 1e-300));
    const floor = Math.max(log(least), log(first) - 12) - 0.2;
    loss.limits([0, epochs.value], [Math.floor(floor * 5) / 5, Math.max(log(first) + 1, floor + 2)], "y");
    loss.line("least", "dash", [[0, log(least)], [epochs.value, log(least)]]);
    loss.line("loss", "red thick", J.map((v, k) => [k, log(v)]));

    const outcome = { diverges: `multiplies the slowest error by ${show(radius)}: it grows without bound`,
      crawls: `leaves ${show(radius, 4)} of the slowest error: more than a tenth of it is still there after ${epochs.value}`,
      converges: `leaves ${show(radius)} of the slowest error` }[fate];
    said.textContent = `α = ${show(a)} ${fate}: each epoch ${outcome}. J after ${epochs.value} ${epochs.value === 1 ? "epoch" : "epochs"}: ${show(J.at(-1), 4)}; the least is ${show(least, 4)}. `
      + `α is sure to converge below ${show(stepSize.sureBound(design, size.value))}, the mark on the strip.`;
    Object.assign(root.dataset, { alpha: a, theta: JSON.stringify(end), radius, fate, loss: J.at(-1) });
  };
  ready = true;
  draw();
};
