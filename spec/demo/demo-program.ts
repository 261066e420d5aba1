/** A program for the spec of the demo's folder: creates a folder, then ends in the way of its second argument. */
import { createDemoFolder } from '../../lib/demo/demo-folder.ts';

const [temporaryDir = '', ending = ''] = process.argv.slice(2);
createDemoFolder(temporaryDir, 'here');
process.stdout.write('ready\n');
if (ending === 'wait') setInterval(() => undefined, 60_000);
process.stdin.once('end', () => {
  if (ending === 'throw') throw new Error('thrown on purpose');
  if (ending === 'exit') process.exit(3);
});
process.stdin.resume();
