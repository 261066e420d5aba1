'use strict';
// Part of the package, beside its chunks: scripts/rolldown.config.ts says why.
const { readFileSync } = require('node:fs');
const { cachedDataVersionTag } = require('node:v8');
const { Script } = require('node:vm');

/** Where the text is that a chunk stands for, and what a V8 of this version, with the flags it was given, made of it. */
const textPath = (chunkPath) => chunkPath.replace(/\.js$/, '.code');
const compiledPath = (chunkPath) => chunkPath.replace(/\.js$/, `.${cachedDataVersionTag()}`);

/** A chunk's text as a function, as `require` makes it; `importing` is its `import()`, which V8 has not for it. */
function scriptOf(chunkPath, cachedData) {
  const filename = textPath(chunkPath);
  const text = readFileSync(filename, 'latin1');
  const parameters = 'exports, require, module, __filename, __dirname, importing';
  return new Script(`(function (${parameters}) { ${text}\n})`, { filename, cachedData });
}

/** What was compiled when otop was built; undefined where another V8 did that: then the text is compiled now. */
function compiled(chunkPath) {
  try {
    return readFileSync(compiledPath(chunkPath));
  } catch {
    return undefined;
  }
}

/** Runs the chunk that a module stands for. */
exports.run = (module, require) => {
  const { filename, path, exports } = module;
  const main = scriptOf(filename, compiled(filename)).runInThisContext();
  main(exports, require, module, filename, path, (name) => import(name));
};

exports.compiledPath = compiledPath;
exports.scriptOf = scriptOf;
