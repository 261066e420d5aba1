import { rmSync } from 'node:fs';
import { endMarked } from './processes.ts';

// Started beside the rig with a pipe from it, in a process group of its own. The pipe ends when the rig does,
// even where it was killed and could clean up nothing: then this does.
const [root = ''] = process.argv.slice(2);
if (!root.includes('otop-rig-')) throw new Error(`not a sandbox: ${root}`);
process.stdin.resume();
process.stdin.once('close', async () => {
  await endMarked(root);
  rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});
