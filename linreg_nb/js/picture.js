// Controls and panels for every explorable. Nothing here knows about regression, and nothing moves by itself.
const SVG = "http://www.w3.org/2000/svg";

// A new element at the end of `parent`.
const make = (parent, tag, attributes = {}, text = "") => {
  const drawn = tag === "svg" || parent.namespaceURI === SVG;
  const element = drawn ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  parent.append(element);
  return element;
};

// A number as a reader wants it: a few significant digits, a true minus sign, no exponent where it can be avoided.
const show = (value, digits = 3) => {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "–" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-4 || size >= 1e6) ? value.toExponential(digits - 1).replace("e+", "e")
    : Number(value.toPrecision(digits)).toString();
  return text.replaceAll("-", "−");
};

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const range = (count) => Array.from({ length: count }, (_, i) => i);

// Places for ticks from `low` to `high`, about `count` of them, at 1, 2 or 5 times a power of ten.
const ticks = (low, high, count = 4) => {
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 2.5, 5, 10].find((m) => m * power >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  return range(Math.floor(high / step + 1e-9) - first + 1).map((k) => (first + k) * step);
};

// The same for whole numbers, the powers of ten on a logarithmic axis.
const powers = (low, high) => {
  const step = Math.max(1, Math.round((high - low) / 4)), first = Math.ceil(low / step);
  return range(Math.max(0, Math.floor(high / step) - first + 1)).map((k) => (first + k) * step);
};

const raised = (k) => `10${[...String(k)].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c])).join("")}`;

// One picture with axes. Its curves are drawn in percent of the box, each under a name of its own.
class Panel {
  constructor(parent, { title, x, y = "", note = "", ratio = 1.25, look = "" }) {
    const figure = make(parent, "figure", { class: look });
    this.head = make(figure, "b", {}, title);
    make(figure, "i", {}, [y, note].filter(Boolean).join(" · "));
    this.box = make(figure, "div", { class: "explorable-box", style: `aspect-ratio: ${ratio}` });
    const svg = { viewBox: "0 0 100 100", preserveAspectRatio: "none", role: "img", "aria-label": title };
    this.svg = make(this.box, "svg", svg);
    make(figure, "small", {}, x);
    this.ratio = ratio;
    this.drawn = {};
    this.words = {};
  }

  // The range of both axes; `logs` says which of them are powers of ten.
  limits(x, y, logs = "") {
    Object.assign(this, { x, y });
    this.box.querySelectorAll("span.x, span.y").forEach((e) => e.remove());
    const wide = logs.includes("x") ? powers(...x) : ticks(...x), high = logs.includes("y") ? powers(...y) : ticks(...y);
    for (const t of wide) make(this.box, "span", { class: "x", style: `left: ${this.place(t, y[0])[0]}%` }, logs.includes("x") ? raised(t) : show(t));
    for (const t of high) make(this.box, "span", { class: "y", style: `top: ${this.place(x[0], t)[1]}%` }, logs.includes("y") ? raised(t) : show(t));
    this.path("grid", "grid", wide.map((t) => [[t, y[0]], [t, y[1]]]).concat(high.map((t) => [[x[0], t], [x[1], t]])));
  }

  // Where a point lies, in percent from the left and from the top.
  place(x, y) {
    const [left, right] = this.x, [low, high] = this.y;
    return [100 * (x - left) / (right - left), 100 * (high - y) / (high - low)];
  }

  // Several lines at once, each a list of points; what leaves the neighbourhood of the box ends there.
  path(name, look, lines) {
    const near = (v) => Number.isFinite(v) && Math.abs(v) < 5000;
    const one = (points) => {
      const placed = points.map(([x, y]) => this.place(x, y)), end = placed.findIndex(([u, v]) => !(near(u) && near(v)));
      const kept = end < 0 ? placed : placed.slice(0, end);
      return kept.length ? `M${kept.map(([u, v]) => `${u.toFixed(2)},${v.toFixed(2)}`).join("L")}` : "";
    };
    this.drawn[name] ??= make(this.svg, "path");
    this.drawn[name].setAttribute("class", look);
    this.drawn[name].setAttribute("d", lines.map(one).join(""));
  }

  line(name, look, points) { this.path(name, look, [points]); }

  dots(name, look, points) { this.path(name, `dots ${look}`, points.map((p) => [p, p])); }

  // A short text at a point of the picture.
  word(name, text, x, y) {
    const [left, top] = this.place(x, y);
    this.words[name] ??= make(this.box, "span", { class: "word" });
    this.words[name].textContent = text;
    this.words[name].setAttribute("style", `left: ${clamp(left, 8, 92).toFixed(1)}%; top: ${clamp(top, 5, 95).toFixed(1)}%`);
  }

  // The point under the pointer.
  under(event) {
    const r = this.svg.getBoundingClientRect(), [left, right] = this.x, [low, high] = this.y;
    return [left + (right - left) * (event.clientX - r.left) / r.width, high - (high - low) * (event.clientY - r.top) / r.height];
  }
}

// A slider with its label; `say(position)` is the text beside it. Returns a function that gives the position.
const slider = (parent, { id, label, min, max, step, value, say }, changed) => {
  const block = make(parent, "div"), head = make(block, "label", { for: id }, label);
  const said = make(head, "output", { for: id });
  const input = make(block, "input", { type: "range", id, min, max, step, value });
  const tell = () => { said.textContent = say(Number(input.value)); input.setAttribute("aria-valuetext", said.textContent); };
  input.addEventListener("input", () => { tell(); changed(); });
  tell();
  return { get value() { return Number(input.value); }, block, input, tell };
};

// One choice out of several, as radio buttons.
const choice = (parent, { id, label, options, value }, changed) => {
  const set = make(parent, "fieldset");
  make(set, "legend", {}, label);
  for (const [i, option] of options.entries()) {
    const head = make(set, "label");
    const input = make(head, "input", { type: "radio", name: id, value: option, id: `${id}-${i}` });
    input.checked = option === value;
    head.append(option);
    input.addEventListener("change", changed);
  }
  return { get value() { return set.querySelector("input:checked").value; } };
};

// A point that moves by pointer, finger or arrow keys; `moved(x, y)` is called with where it should go.
const handle = (panel, label, at, moved) => {
  const button = make(panel.box, "button", { type: "button", class: "explorable-handle", "aria-roledescription": "movable point" });
  const inside = (x, y) => moved(clamp(x, ...panel.x), clamp(y, ...panel.y));
  const put = () => {
    const [x, y] = at(), [left, top] = panel.place(x, y);
    button.setAttribute("style", `left: ${left}%; top: ${top}%`);
    button.setAttribute("aria-label", `${label}: x ${show(x)}, y ${show(y)}. Arrow keys move it.`);
  };
  button.addEventListener("pointerdown", (event) => { button.setPointerCapture(event.pointerId); button.focus({ preventScroll: true }); });
  button.addEventListener("pointermove", (event) => { if (button.hasPointerCapture(event.pointerId)) inside(...panel.under(event)); });
  button.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!step) return;
    event.preventDefault();
    const [x, y] = at(), part = event.shiftKey ? 0.1 : 0.01;
    inside(x + step[0] * part * (panel.x[1] - panel.x[0]), y + step[1] * part * (panel.y[1] - panel.y[0]));
  });
  put();
  return { put, button };
};

// Put the moving picture where the still one was; if it can't be made, the still one stays.
const begin = (root, data, view) => {
  const live = document.createElement("div");
  try {
    view(live, data, root.id);
  } catch (error) {
    console.error(error);
    return;
  }
  root.querySelectorAll(".explorable-live").forEach((e) => e.remove());
  root.querySelector(".explorable-still").hidden = true;
  live.className = "explorable-live";
  root.append(live);
};
