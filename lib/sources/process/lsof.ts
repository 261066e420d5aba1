import type { Descriptor } from './open-files.ts';

/** What lsof shows of one process. */
export interface LsofProcess {
  readonly cwd?: string;
  readonly descriptors: readonly Descriptor[];
  /** File offsets by descriptor. */
  readonly positions: ReadonlyMap<number, number>;
  readonly ports: readonly number[];
}

/**
 * One lsof for all processes: working directory and numbered descriptors (no mapped libraries), numbers for hosts and
 * ports, offsets for sizes, in the output for programs (lsof(8), "OUTPUT FOR OTHER PROGRAMS").
 */
export function lsofArguments(pids: readonly number[]): readonly string[] {
  return ['-nP', '-w', '-o', '-a', '-p', pids.join(','), '-d', 'cwd,0-999', '-F', 'pftnPTo'];
}

interface File {
  readonly fd: string;
  name?: string;
  offset?: string;
  state?: string;
}

/** `0t123` or, from nine digits on, `0x5f5e100` (macos.md, "Fields of lsof"). */
function offsetBytes(text: string | undefined): number | undefined {
  const bytes = text?.startsWith('0t') ? Number(text.slice(2)) : Number(text);
  return text && Number.isFinite(bytes) ? bytes : undefined;
}

function summary(files: readonly File[]): LsofProcess {
  const cwd = files.find(({ fd }) => fd === 'cwd')?.name;
  const numbered = files.flatMap((file) => (/^\d+$/.test(file.fd) ? [{ ...file, fd: Number(file.fd) }] : []));
  const ports = numbered.flatMap(({ name, state }) => {
    const port = state === 'ST=LISTEN' ? /:(\d+)$/.exec(name ?? '')?.[1] : undefined;
    return port === undefined ? [] : [Number(port)];
  });
  return {
    ...(cwd?.startsWith('/') ? { cwd } : {}),
    descriptors: numbered.flatMap(({ fd, name }) => (name === undefined ? [] : [{ fd, target: name }])),
    positions: new Map(
      numbered.flatMap(({ fd, offset }) => {
        const bytes = offsetBytes(offset);
        return bytes === undefined ? [] : [[fd, bytes] as const];
      }),
    ),
    ports: [...new Set(ports)].sort((a, b) => a - b),
  };
}

/** Parses lsof's field output, one field a line: `p` begins a process, `f` a file; what it does not know it passes over. */
export function parseLsof(output: string): ReadonlyMap<number, LsofProcess> {
  const files = new Map<number, File[]>();
  let process: File[] = [];
  for (const line of output.split('\n')) {
    const [field, value] = [line[0], line.slice(1)];
    const file = process.at(-1);
    if (field === 'p') {
      process = [];
      files.set(Number(value), process);
    } else if (field === 'f') process.push({ fd: value });
    else if (file && field === 'n') file.name = value;
    else if (file && field === 'o') file.offset = value;
    else if (file && field === 'T' && value.startsWith('ST=')) file.state = value;
  }
  return new Map([...files].map(([pid, list]) => [pid, summary(list)]));
}
