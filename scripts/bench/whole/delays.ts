import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { type Durations, durationsOf } from '../durations.ts';
import { otopCommand } from './monitors.ts';
import { PtyProgram } from './pty.ts';
import type { BenchStage } from './stage.ts';

/** The delays of otop. */
export interface Delays {
  /** From the start of the process to a frame with the fleet's sessions. */
  readonly firstFrame: Durations;
  readonly sessionsCommand: Durations;
  /** `node -e 0`, the part of each start that is not otop's. */
  readonly bareNode: Durations;
  /** From a commit to the frame that shows it. */
  readonly writeToFrame: Durations;
  readonly keyToFrame: Durations;
}

const starts = 9;
const trials = 100;
/** No letter is at the same place in both, so that every cell is redrawn. */
const words = ['ABCDEFGH', 'KLMNOPQR'];

/** Measures all delays, one after the other. Throws if otop does not draw what it should. */
export async function measureDelays(stage: BenchStage): Promise<Delays> {
  const sessionsCommand: number[] = [];
  const bareNode: number[] = [];
  const firstFrames: number[] = [];
  // Alternates, since the machine's speed drifts and the ratios matter.
  for (let start = 0; start < starts; start += 1) {
    bareNode.push(runMs(stage, [process.execPath, '-e', '0']));
    sessionsCommand.push(runMs(stage, [...otopCommand, 'sessions']));
    const pty = open(stage);
    firstFrames.push(
      await pty.until((written) => shown(written).includes('Session number 3'), pty.startedMs),
    );
    await pty.close();
  }
  const pty = open(stage);
  await pause(4000);
  const writeToFrame = await writes(stage, pty);
  const keyToFrame = await keys(pty);
  await pty.close();
  return {
    firstFrame: durationsOf(firstFrames),
    sessionsCommand: durationsOf(sessionsCommand),
    bareNode: durationsOf(bareNode),
    writeToFrame,
    keyToFrame,
  };
}

function open(stage: BenchStage): PtyProgram {
  return new PtyProgram(stage.folder, 160, 45, stage.env, [...otopCommand, '--sort', 'title']);
}

function runMs(stage: BenchStage, [file = '', ...args]: readonly string[]): number {
  const from = performance.now();
  const { status } = spawnSync(file, args, { env: stage.env, stdio: 'ignore' });
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} exited with ${status}`);
  return performance.now() - from;
}

async function writes(stage: BenchStage, pty: PtyProgram): Promise<Durations> {
  const times: number[] = [];
  for (let trial = 0; trial < trials; trial += 1) {
    const word = words[trial % 2] ?? '';
    pty.clear();
    stage.fleet.say(word);
    const from = performance.now();
    times.push(await pty.until((written) => shown(written).includes(word), from));
    await pause(80 + (trial % 10) * 13);
  }
  return durationsOf(times);
}

async function keys(pty: PtyProgram): Promise<Durations> {
  const times: number[] = [];
  for (let trial = 0; trial < trials; trial += 1) {
    await pause(70);
    const from = performance.now();
    pty.type(trial % 10 < 5 ? 'j' : 'k');
    times.push(await pty.until((written) => written.length > 0, from));
  }
  return durationsOf(times);
}

/** The written text without escape sequences. blessed moves the cursor over cells that have not changed. */
function shown(written: string): string {
  return written.replace(/\x1b\[\d*C/g, ' ').replace(/\x1b\[[\d;?]*[A-Za-z]/g, '');
}
