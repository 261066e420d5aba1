import { homedir } from 'node:os';
import manifest from '../package.json' with { type: 'json' };
import { systemClock } from './clock.ts';
import { runCommandLine } from './command-line.ts';
import { exitCodes } from './context.ts';

// A reader that goes away (`otop sessions | head -1`) is an end, not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.ok);
  throw error;
});

runCommandLine(process.argv.slice(2), {
  env: process.env,
  homeDir: homedir(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  clock: systemClock,
}).then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    process.stderr.write(
      `otop ${manifest.version} failed: ${error instanceof Error ? error.stack : error}\n`,
    );
    process.exit(exitCodes.bug);
  },
);
