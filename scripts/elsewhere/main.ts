import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Board } from '../../lib/domain/board/board.ts';
import { parseServerAddress, type ServerAddress } from '../../lib/domain/process/server-address.ts';
import { startLiveBoard } from '../../lib/monitor/live-board.ts';
import { Monitor } from '../../lib/monitor/monitor.ts';
import { Hosts } from '../../lib/sources/host/hosts.ts';
import { NamedServers } from '../../lib/sources/server/named-servers.ts';
import { systemClock } from '../../lib/system/clock.ts';
import { sanitize } from '../../lib/text/sanitize.ts';
import { startBeat } from './beat.ts';
import type { Order } from './stand-in.ts';

/**
 * `npm run bench:elsewhere`: measures for how long a misbehaving server in another process can block otop's thread. Runs
 * otop's sources, its scheduler and its Boards, without the drawing.
 */

const maxOwnMs = 50;
/** Enough time for several late responses of a slow server. */
const playMs = 8_000;

interface StandIn {
  readonly child: ChildProcess;
  readonly server: ServerAddress;
  readonly otop: ServerAddress;
}

/** A way in which the server misbehaves. */
interface Trouble {
  readonly name: string;
  readonly begin: (standIn: StandIn) => void;
}

const send = (order: Order) => (standIn: StandIn) => void standIn.child.send(order);

const troubles: readonly Trouble[] = [
  { name: 'is healthy: 30 sessions with messages of 1 MB each', begin: send('well') },
  { name: 'is killed', begin: ({ child }) => void child.kill('SIGKILL') },
  { name: 'is stopped (SIGSTOP)', begin: ({ child }) => void child.kill('SIGSTOP') },
  { name: 'delays every response by 2 s', begin: send('slow') },
  { name: 'refuses connections', begin: send('refuse') },
  { name: 'responds with HTML instead of JSON', begin: send('html') },
  { name: 'closes its stream', begin: send('cut') },
  { name: 'sends 20 events of 10 MB', begin: send('long events') },
  { name: 'is an otop serve that sends lines of 10 MB', begin: send('long lines') },
  { name: 'is an otop serve with 900 sessions', begin: send('most lines') },
];

async function startStandIn(): Promise<StandIn> {
  const child = fork(join(import.meta.dirname, 'stand-in.ts'));
  const message = await new Promise<unknown>((resolve) => child.once('message', resolve));
  const { url, otopUrl } = message as { readonly url: string; readonly otopUrl: string };
  return { child, server: addressOf(url), otop: addressOf(otopUrl) };
}

function addressOf(url: string): ServerAddress {
  const address = parseServerAddress(url);
  if ('refused' in address) throw new Error(address.refused);
  return address;
}

const nothing = () => undefined;

/** A Monitor that reads nothing of this machine, so that only the server takes time. */
function monitorOf({ server, otop }: StandIn): Monitor {
  const lookup = () => ({ contextLimitTokens: 200_000 });
  const viewed = () => ({ bySession: new Map<string, number>(), baselineMs: 1 });
  const named = new NamedServers({
    addresses: [server],
    credentials: { headerFor: nothing },
    localPorts: () => new Set(),
    lookup,
    viewed,
    includeIdle: true,
  });
  const hosts = new Hosts({ ssh: [], serves: [otop], env: {}, userId: undefined, includeIdle: true });
  const parts = {
    processes: {
      sample: async (_look: string, atMs: number) => ({ atMs, processes: [], troubles: [] }),
      close: nothing,
    },
    log: { refresh: () => ({ byPid: new Map(), watchPaths: [], troubles: [] }), close: nothing },
    sessions: {
      refresh: (_request: object, atMs: number) => ({ atMs, sessions: new Map(), troubles: [] }),
      watchPaths: [],
      holdPaths: nothing,
      close: nothing,
    },
    live: [],
    hosts: [named, hosts],
    models: { lookup, refresh: async () => [] },
    tokenSamples: () => new Map(),
    viewed,
    close() {
      named.close();
      hosts.close();
    },
  };
  const settings = {
    includeIdle: true,
    includeTools: false,
    host: sanitize('here'),
    machineId: () => 'here',
    demo: false,
  };
  return new Monitor(parts, settings);
}

/** Plays one trouble and prints its figures; resolves with whether the target was met. */
async function play({ name, begin }: Trouble): Promise<boolean> {
  const standIn = await startStandIn();
  // An `otop serve` sends these lines at the start of its stream.
  const isServe = name.includes('otop serve');
  if (isServe) begin(standIn);
  const monitor = monitorOf(standIn);
  // Node.js loads its fetch at the first use, which must not count.
  await fetch('data:,').then((response) => response.text());
  let boards = 0;
  let last: Board | undefined;
  const beat = startBeat();
  const onBoard = (board: Board) => {
    boards += 1;
    last = board;
  };
  const onError = (error: unknown) => {
    throw error;
  };
  const live = startLiveBoard(monitor, { clock: systemClock }, { tickMs: 1000, onBoard, onError });
  await monitor.refresh({ live: true }, systemClock.nowMs);
  await monitor.settled();
  if (!isServe) begin(standIn);
  await sleep(playMs);
  const { wallMs, ownMs } = beat.stop();
  live.stop();
  monitor.close();
  standIn.child.kill('SIGKILL');
  const hostText = last?.hosts
    .map(({ kind, link, why }) => `${kind} ${link}${why ? `: ${why}` : ''}`)
    .join('; ');
  const missed = ownMs > maxOwnMs ? ', MISSED' : '';
  console.log(
    `${name}: ${ownMs.toFixed(0)} ms (${wallMs.toFixed(0)} ms)${missed}, ${boards} Boards; ${hostText}`,
  );
  return ownMs <= maxOwnMs;
}

console.log('longest block of the thread: CPU time (wall-clock time), target <= 50 ms');
let isMissed = false;
const wanted = troubles.filter(({ name }) => name.includes(process.argv[2] ?? ''));
for (const trouble of wanted) if (!(await play(trouble))) isMissed = true;
process.exitCode = isMissed ? 1 : 0;
