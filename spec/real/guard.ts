import { rmSync } from 'node:fs';
import { endMarked } from './processes.ts';

// Cleans up after the rig, even if the rig was killed. It runs in its own process group, and the pipe from the rig
// closes when the rig ends.
const [root = ''] = process.argv.slice(2);
if (!root.includes('otop-rig-')) throw new Error(`not a sandbox: ${root}`);
process.stdin.resume();
process.stdin.once('close', async () => {
  await endMarked(root);
  rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});
