'use strict';
// Part of the package, next to its chunks: scripts/build/bundle.ts explains why.
const { readFileSync, statSync } = require('node:fs');
const { cachedDataVersionTag } = require('node:v8');
const { Script } = require('node:vm');

/**
 * This very Node with these flags of V8. V8's own tag is the same for 20.19.6 and 20.20.2, and each crashes on code that
 * the other compiled.
 */
const node = `${process.version}-${statSync(process.execPath).size}-${cachedDataVersionTag()}`;

/** Paths of a chunk's source text, and of its code compiled by this Node. */
const textPath = (chunkPath) => chunkPath.replace(/\.js$/, '.code');
const compiledPath = (chunkPath) => chunkPath.replace(/\.js$/, `.${node}`);

/** Wraps a chunk's text in a function, as `require` does. `importing` replaces `import()`, which scripts of `vm` lack. */
function scriptOf(chunkPath, cachedData) {
  const filename = textPath(chunkPath);
  const text = readFileSync(filename, 'latin1');
  const parameters = 'exports, require, module, __filename, __dirname, importing';
  return new Script(`(function (${parameters}) { ${text}\n})`, { filename, cachedData });
}

/** Returns the code compiled at build time, or undefined if V8 has another version: then V8 compiles the text now. */
function compiled(chunkPath) {
  try {
    return readFileSync(compiledPath(chunkPath));
  } catch {
    return undefined;
  }
}

/** Runs the chunk of a module. */
exports.run = (module, require) => {
  const { filename, path, exports } = module;
  const main = scriptOf(filename, compiled(filename)).runInThisContext();
  main(exports, require, module, filename, path, (name) => import(name));
};

exports.compiledPath = compiledPath;
exports.scriptOf = scriptOf;
