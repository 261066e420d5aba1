import type { Descriptor } from './open-files.ts';

/** One process in the output of lsof. */
export interface LsofProcess {
  readonly cwd?: string;
  readonly descriptors: readonly Descriptor[];
  /** LsofFile offsets by descriptor. */
  readonly positions: ReadonlyMap<number, number>;
  readonly ports: readonly number[];
}

/**
 * The arguments of one lsof for all processes: working directory and numbered descriptors (no mapped libraries), hosts
 * and ports as numbers, offsets instead of sizes, output as fields (lsof(8), "OUTPUT FOR OTHER PROGRAMS").
 */
export function lsofArguments(pids: readonly number[]): readonly string[] {
  return ['-nP', '-w', '-o', '-a', '-p', pids.join(','), '-d', 'cwd,0-999', '-F', 'pftnPTo'];
}

interface LsofFile {
  readonly fd: string;
  name?: string;
  offset?: string;
  state?: string;
}

/** Parses `0t123` or, from nine digits on, `0x5f5e100` (macos.md, "Fields of lsof"). */
function offsetBytes(text: string | undefined): number | undefined {
  const bytes = text?.startsWith('0t') ? Number(text.slice(2)) : Number(text);
  return text && Number.isFinite(bytes) ? bytes : undefined;
}

function processOf(files: readonly LsofFile[]): LsofProcess {
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

/** Parses the field output of lsof, one field per line: `p` begins a process, `f` a file. Unknown fields are ignored. */
export function parseLsof(output: string): ReadonlyMap<number, LsofProcess> {
  const files = new Map<number, LsofFile[]>();
  let process: LsofFile[] = [];
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
  return new Map([...files].map(([pid, list]) => [pid, processOf(list)]));
}
