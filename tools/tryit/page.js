// "Try it": a box under a cell, with the cell's code in it, or under an exercise, with what the reader writes in it and
// a test behind it. It runs in Python in the reader's browser. Python comes when the first box is opened, not before.
const waiting = new Map();  // what is asked of Python, by number
let python = null, asked = 0;

const end = (id, message) => {
  const box = waiting.get(id);
  waiting.delete(id);
  box?.show(message);
};

const wake = () => {
  python = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  python.onmessage = ({ data }) => {
    if (data.progress) waiting.get(data.id)?.tell(data.progress);
    else end(data.id, data);
  };
  python.onerror = (event) => stop(event.message || "the script of Python's worker could not be loaded");
};

const stop = (failed) => {
  python?.terminate();
  python = null;
  for (const id of [...waiting.keys()]) end(id, { failed });
};

const ask = (what, box) => {
  if (!python) wake();
  waiting.set(++asked, box);
  python.postMessage({ id: asked, ...what });
};

const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

const parts = ({ found, failed }) => {
  if (failed) {
    return [element("p", { className: "try-error" }, failed === "stopped" ? "Stopped."
      : `Python could not be loaded: ${failed}. It needs a web server, and a network unless the site was built with Python inside.`)];
  }
  const shown = [];
  if (found.text.trim()) shown.push(element("pre", { tabIndex: 0 }, found.text.trimEnd()));
  if (found.html) shown.push(element("div", { className: "try-html", innerHTML: found.html }));
  for (const data of found.pictures ?? []) {
    const picture = element("img", { alt: "The picture that the code above draws", src: `data:image/png;base64,${data}` });
    picture.onload = () => { picture.width = Math.round(picture.naturalWidth / 1.5); };  // drawn at 144 dots an inch
    shown.push(picture);
  }
  if (found.error) shown.push(element("p", { className: "try-error" }, found.error));
  if (found.passed) shown.push(element("p", { className: "try-right" }, "Right: it passes the exercise's test."));
  return shown.length ? shown : [element("p", { className: "try-note" }, "It ran, and showed nothing.")];
};

// Enter keeps the indent of its line; Ctrl-Enter and Shift-Enter run.
const keys = (event, run) => {
  if (event.key !== "Enter") return;
  const { value, selectionStart } = event.target;
  const indent = value.slice(value.lastIndexOf("\n", selectionStart - 1) + 1, selectionStart).match(/^ */)[0];
  if (event.ctrlKey || event.shiftKey || event.metaKey) run();
  else if (indent) document.execCommand("insertText", false, `\n${indent}`);
  else return;
  event.preventDefault();
};

const make = (place, name) => {
  const { before, code, test } = JSON.parse(place.querySelector("script").textContent);
  const usual = test ? "Ctrl-Enter or Shift-Enter runs it, then its test" : "Ctrl-Enter or Shift-Enter runs";
  const text = element("textarea", { value: code, spellcheck: false, wrap: "off", ariaLabel: `Python code: ${name}` });
  const run = element("button", { type: "button" }, "Run");
  const again = element("button", { type: "button" }, "Start again");
  const note = element("span", { className: "try-note", role: "status" }, usual);
  const shown = element("div", { className: "try-answer", ariaLive: "polite" });
  const fit = () => { text.rows = Math.min(24, text.value.split("\n").length + 1); };
  const box = {
    tell: (words) => { note.textContent = words; },
    show: (answer) => {
      run.textContent = "Run";
      note.textContent = usual;
      shown.replaceChildren(...parts(answer));
      place.dataset.runs = 1 + Number(place.dataset.runs ?? 0);
    },
    busy: () => [...waiting.values()].includes(box),
  };
  const go = () => {
    if (box.busy()) return;
    run.textContent = "Stop";
    ask({ before, code: text.value, test }, box);
  };
  const load = () => ask({ before: "", code: "", test: "" }, { tell: box.tell, show: () => box.tell(usual) });
  run.onclick = () => (box.busy() ? stop("stopped") : go());
  again.onclick = () => { text.value = code; fit(); start(); };
  text.oninput = fit;
  text.onkeydown = (event) => keys(event, go);
  text.autocapitalize = "off";
  fit();
  const made = element("div", { className: "try-box", role: "group", ariaLabel: `Try it: ${name}` });
  const start = test ? load : go;  // an exercise waits for the reader
  for (const [name, python] of [["What runs before it", before], ["The test that runs behind it", test]]) {
    if (python) {
      made.append(element("details", {}, element("summary", {}, name), element("pre", { tabIndex: 0 }, python)));
    }
  }
  made.append(text, element("div", { className: "try-row" }, run, again, note), shown);
  place.append(made);
  return { made, text, start };
};

for (const place of document.querySelectorAll(".try-it")) {
  const button = place.querySelector("button");
  let box = null;
  button.onclick = () => {
    const first = !box;
    box ??= make(place, button.dataset.name);
    box.made.hidden = !first && !box.made.hidden;
    button.ariaExpanded = String(!box.made.hidden);
    button.textContent = box.made.hidden ? "Try it" : "Close";
    button.ariaLabel = `${button.textContent}: ${button.dataset.name}`;
    if (!box.made.hidden) box.text.focus({ preventScroll: true });
    if (first) box.start();
  };
}
