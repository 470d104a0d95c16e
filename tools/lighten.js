// Takes out of stylesheets the rules that no page uses, and out of fonts the letters that none shows.
// Reads {purgecss, subset, css, content, fonts} from standard input, where fonts maps a file to its letters; css and
// fonts are changed in place. Usage: node lighten.js
const fs = require("fs");
const job = JSON.parse(fs.readFileSync(0, "utf8"));
const { PurgeCSS } = require(job.purgecss);
const subset = require(job.subset);

const purge = async () => {
  const kept = await new PurgeCSS().purge({ css: job.css, content: job.content, dynamicAttributes: ["aria-expanded", "data-bs-theme"] });
  kept.forEach(({ file, css }) => fs.writeFileSync(file, css));
};
const fonts = async () => {
  for (const [file, letters] of Object.entries(job.fonts))
    fs.writeFileSync(file, await subset(fs.readFileSync(file), letters, { targetFormat: "woff2" }));
};
purge().then(fonts).catch((error) => { console.error(error); process.exit(1); });
