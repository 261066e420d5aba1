import { machineName } from '../sources/marker/places.ts';

/** What tells one machine from another of the same name, and one user's sessions from another's there. */
export interface MachineTraits {
  /** `/proc`: of this boot, and in this container. */
  readonly procRoot: string;
  /** `os.hostname()`. */
  readonly hostName: string;
  /** `process.getuid()`. */
  readonly userId: number | undefined;
}

/** A name for this user on this machine since its boot, in 16 hexadecimal digits, which tells nothing else of either. */
export function machineId({ procRoot, hostName, userId }: MachineTraits): string {
  const traits = [machineName(procRoot), hostName, userId ?? ''].join('\n');
  // Loaded where it is asked for: most starts are of one machine, and never do.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(traits).digest('hex').slice(0, 16);
}
