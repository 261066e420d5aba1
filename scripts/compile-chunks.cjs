'use strict';
// Compiles the chunks named on the command line, whole, for the V8 that runs this and the flags it was given.
const { writeFileSync } = require('node:fs');
const { setFlagsFromString } = require('node:v8');
const { compiledPath, scriptOf } = require('./compiled-chunk.cjs');

for (const chunkPath of process.argv.slice(2)) {
  setFlagsFromString('--no-lazy');
  const script = scriptOf(chunkPath);
  // Flags are part of what V8 asks of cached code.
  setFlagsFromString('--lazy');
  writeFileSync(compiledPath(chunkPath), script.createCachedData());
}
