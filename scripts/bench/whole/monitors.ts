import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A monitor whose cost is measured: otop, or another one for comparison. */
export interface MonitorProgram {
  readonly name: string;
  readonly command: readonly string[];
  /** The version that it prints; undefined if the machine does not have it. */
  readonly version: string | undefined;
}

/** The launcher, as an installed otop starts. */
export const otopCommand: readonly string[] = [
  'sh',
  fileURLToPath(new URL('../../../dist/otop.js', import.meta.url)),
];

/** Returns otop and the other monitors with their versions. */
export function monitorPrograms(): MonitorProgram[] {
  return [
    { name: 'otop', command: otopCommand, version: versionOf([...otopCommand, '--version']) },
    { name: 'htop', command: ['htop'], version: versionOf(['htop', '--version']) },
    { name: 'btop', command: ['btop', '--utf-force'], version: versionOf(['btop', '--version']) },
    { name: 'gtop', command: ['gtop'], version: versionOf(['which', 'gtop']) && 'found' },
  ];
}

/** Returns the column headers: names with versions. */
export function monitorLabels(programs: readonly MonitorProgram[]): string[] {
  return programs.map(({ name, version }) => `${name} ${version ?? 'not installed'}`);
}

function versionOf([file = '', ...args]: readonly string[]): string | undefined {
  try {
    const said = execFileSync(file, args, {
      encoding: 'utf8',
      timeout: 5000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return /\d+(\.\d+)+/.exec(said)?.[0] ?? (said.trim() || undefined);
  } catch {
    // It is not installed, and the table says so.
    return undefined;
  }
}
