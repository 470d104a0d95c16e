// Conditioning: turn one column toward the other, and see the loss, the condition number and the digits of three solvers.
const view = (root, data, id) => {
  const controls = make(root, "div", { class: "explorable-controls" });
  let ready = false;
  const update = () => { if (ready) draw(); };
  const at = (position) => data.kappa * 10 ** (position / 100);
  const degrees = (kappa) => conditioning.angle(kappa) * 180 / Math.PI;
  const turn = slider(controls, { id: `${id}-angle`, label: "angle between the columns", min: Math.ceil(-100 * Math.log10(data.kappa)), max: Math.floor(100 * (8.5 - Math.log10(data.kappa))), step: 1, value: 0,
    say: (v) => `${show(degrees(at(v)))}°` }, update);
  const miss = slider(controls, { id: `${id}-residual`, label: "length of the residual", min: 0, max: 2, step: 0.01, value: 0, say: (v) => show(v) }, update);
  const said = make(root, "p", { class: "explorable-said", role: "status" });
  const panels = make(root, "div", { class: "explorable-panels" });
  const arrows = new Panel(panels, { title: "The two columns", x: "along the first column", ratio: 1 });
  const plane = new Panel(panels, { title: "Predictions within a tenth", x: "θ₁", y: "up: θ₂", ratio: 1 });
  const digits = new Panel(panels, { title: "Correct digits of θ", x: "κ", note: "dots: measured; dashed: 16 less log κ, 16 less 2 log κ", ratio: 1, look: "wide" });
  const solvers = [["normal equations", "cholesky", "red"], ["QR", "householder", "blue"], ["SVD", "svd", "green"]];

  const measure = (kappa) => {
    const { X, y } = conditioning.problem(data, conditioning.angle(kappa), miss.value), exact = conditioning.exact(X, y);
    return solvers.map(([, name]) => conditioning.digits(conditioning[name](X, y), exact));
  };

  const draw = () => {
    const kappa = at(turn.value), angle = conditioning.angle(kappa), size = Math.hypot(...data.theta);
    arrows.limits([-0.35, 1.15], [-0.35, 1.15]);
    arrows.line("arc", "", range(31).map((k) => [0.3 * Math.cos(angle * k / 30), 0.3 * Math.sin(angle * k / 30)]));
    arrows.line("first", "blue thick", [[0, 0], [1, 0]]);
    arrows.line("second", "red thick", [[0, 0], [Math.cos(angle), Math.sin(angle)]]);
    arrows.dots("tips", "ink small", [[1, 0], [Math.cos(angle), Math.sin(angle)]]);

    plane.limits([data.theta[0] - size, data.theta[0] + size], [data.theta[1] - size, data.theta[1] + size]);
    const c = Math.cos(angle), reach = Math.sqrt(data.theta[0] ** 2 + data.theta[1] ** 2 + 2 * c * data.theta[0] * data.theta[1]) / 10;
    const [wide, narrow] = [Math.SQRT2 * Math.sin(angle / 2), Math.SQRT2 * Math.cos(angle / 2)].map((s) => Math.min(reach / s, 40 * size));
    plane.line("ellipse", "fill blue", range(97).map((k) => {
      const p = narrow * Math.cos(2 * Math.PI * k / 96) / Math.SQRT2, q = wide * Math.sin(2 * Math.PI * k / 96) / Math.SQRT2;
      return [data.theta[0] + p + q, data.theta[1] + p - q];
    }));
    plane.dots("theta", "ink", [data.theta]);

    digits.limits([0, 8.5], [0, 16.5], "x");
    const many = range(69).map((k) => k / 8), found = many.map((k) => measure(10 ** k)), here = measure(kappa);
    for (const times of [1, 2]) digits.line(`law${times}`, "dash", [[0, 16], [8.5, 16 - times * 8.5]]);
    digits.line("here", "", [[Math.log10(kappa), 0], [Math.log10(kappa), 16.5]]);
    solvers.forEach(([name, , look], j) => {
      digits.dots(name, `${look} small`, many.map((k, i) => [k, found[i][j]]));
      digits.dots(`${name} here`, `${look} big`, [[Math.log10(kappa), here[j]]]);
    });
    ["normal equations", "QR and SVD"].forEach((name, j) => digits.word(name, name, j ? 6.6 : 3.1, j ? 13.4 : 4.2));

    said.textContent = `At ${show(degrees(kappa))}° the condition number κ is ${show(kappa)}. Of about 16 digits, the normal equations keep ${here[0].toFixed(1)}, QR keeps ${here[1].toFixed(1)}, the SVD ${here[2].toFixed(1)}.`;
    Object.assign(root.dataset, { kappa, angle, digits: JSON.stringify(here) });
  };
  ready = true;
  draw();
};
