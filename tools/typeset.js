// Reads [{tex, display}] from standard input and writes [{html}] or [{error}]. Usage: node typeset.js FOLDER_OF_KATEX
const katex = require(process.argv[2]);
const wanted = JSON.parse(require("fs").readFileSync(0, "utf8"));
const done = wanted.map(({ tex, display }) => {
  try {
    return { html: katex.renderToString(tex, { displayMode: display, throwOnError: true, strict: "ignore" }) };
  } catch (error) {
    return { error: `${error.message}\n    in: ${tex}` };
  }
});
process.stdout.write(JSON.stringify(done));
