import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A monitor whose cost is measured: otop, and its peers where the machine has them. */
export interface MonitorProgram {
  readonly name: string;
  readonly command: readonly string[];
  /** As it says itself; absent where the machine does not have it. */
  readonly version: string | undefined;
}

/** As an installed otop starts: by its launcher. */
export const otopCommand: readonly string[] = [
  'sh',
  fileURLToPath(new URL('../../../dist/otop.js', import.meta.url)),
];

/** otop and its peers, each asked for its version once. */
export function monitorPrograms(): MonitorProgram[] {
  return [
    { name: 'otop', command: otopCommand, version: versionOf([...otopCommand, '--version']) },
    { name: 'htop', command: ['htop'], version: versionOf(['htop', '--version']) },
    { name: 'btop', command: ['btop', '--utf-force'], version: versionOf(['btop', '--version']) },
    { name: 'gtop', command: ['gtop'], version: versionOf(['which', 'gtop']) && 'found' },
  ];
}

/** The heads of their columns: a name with its version. */
export function monitorLabels(programs: readonly MonitorProgram[]): string[] {
  return programs.map(({ name, version }) => `${name} ${version ?? 'is not here'}`);
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
    // Not installed: the table says so.
    return undefined;
  }
}
