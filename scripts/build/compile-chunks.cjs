'use strict';
// Compiles all functions of the chunks named on the command line, for this process's V8 and its flags.
const { writeFileSync } = require('node:fs');
const { setFlagsFromString } = require('node:v8');
const { compiledPath, scriptOf } = require('./compiled-chunk.cjs');

for (const chunkPath of process.argv.slice(2)) {
  setFlagsFromString('--no-lazy');
  const script = scriptOf(chunkPath);
  // V8 rejects cached code that was compiled with other flags.
  setFlagsFromString('--lazy');
  writeFileSync(compiledPath(chunkPath), script.createCachedData());
}
