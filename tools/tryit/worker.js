// Python beside the page. `places`, with the addresses of Pyodide and of this book's package, is put in front of this
// file when the site is built.
const at = (address) => new URL(address, import.meta.url).href;

const read = async (address) => {
  const response = await fetch(at(address));
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.text();
};

const load = async () => {
  const home = at(places.pyodide);
  const { loadPyodide } = await import(`${home}pyodide.mjs`);
  const quiet = () => {};
  const [python, style, code] = await Promise.all([
    loadPyodide({ indexURL: home, packages: ["numpy", at(places.wheel)], stdout: quiet, stderr: quiet,
                  env: { MPLBACKEND: "agg", MATPLOTLIBRC: "/matplotlibrc", HOME: "/home/pyodide" } }),
    read("matplotlibrc"), read("answer.py")]);
  python.FS.writeFile("/matplotlibrc", style);
  python.runPython(code);
  return python;
};

let loaded = null;
const ready = () => (loaded ??= load().catch((error) => { loaded = null; throw error; }));

// What a box needs beyond numpy is loaded when Python misses it; then the box runs again, from its beginning.
const answer = async ({ before, code, test }, tell) => {
  const python = await ready();
  const run = python.globals.get("answer");
  tell("running …");
  const seen = new Set();
  while (true) {
    const found = JSON.parse(run(before, code, test));
    if (!found.missing || seen.has(found.missing)) return found;
    seen.add(found.missing);
    tell(`loading ${found.missing} …`);
    await python.loadPackagesFromImports(`import ${found.missing}`, { messageCallback: () => {} });
  }
};

let turn = Promise.resolve();
self.onmessage = ({ data: { id, ...asked } }) => {
  const tell = (progress) => self.postMessage({ id, progress });
  if (!loaded) tell("loading Python, once for this page …");
  turn = turn.then(() => answer(asked, tell))
    .then((found) => self.postMessage({ id, found }), (error) => self.postMessage({ id, failed: String(error) }));
};
