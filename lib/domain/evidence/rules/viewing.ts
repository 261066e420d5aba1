import type { DisplayText } from '../../../text/sanitize.ts';
import type { OpencodeProcess } from '../../process/process.ts';
import { loopbackPort, parseServerAddress } from '../../process/server-address.ts';
import type { Scene } from '../scene.ts';
import { flagEvidence } from './flag.ts';
import { titleEvidence, titleVerdict } from './title.ts';

/** The session that a viewer shows, with the reason. */
export interface Viewing {
  readonly sessionId: string;
  readonly why: DisplayText;
}

/**
 * The session that each TUI of opencode 2 shows, by pid: that of its terminal title, else that of `-s` unless the title
 * contradicts (opencode-2.md, "TUI and its title"). A viewer without such a sign is absent, and one of a server that is not
 * among `servers`: its titles are those of other sessions. The scene has the viewers as its processes.
 */
export function viewings(scene: Scene, servers: readonly OpencodeProcess[]): ReadonlyMap<number, Viewing> {
  const ports = new Set(servers.flatMap((server) => server.ports));
  return new Map(
    scene.processes.flatMap((viewer) => {
      const { serverUrl } = scene.argumentsOf(viewer);
      if (serverUrl !== undefined && !isAmong(ports, serverUrl)) return [];
      const shown = viewingOf(scene, viewer);
      return shown === undefined ? [] : [[viewer.pid, shown] as const];
    }),
  );
}

/** True if the URL is that of a local server with one of these ports. */
function isAmong(ports: ReadonlySet<number>, serverUrl: string): boolean {
  const address = parseServerAddress(serverUrl);
  const port = 'url' in address ? loopbackPort(address) : undefined;
  return port !== undefined && ports.has(port);
}

function viewingOf(scene: Scene, viewer: OpencodeProcess): Viewing | undefined {
  // `attach` and `run` set no title, and a viewer of opencode 1 keeps its own row.
  if (viewer.kind !== 'tui') return undefined;
  const titled = titleEvidence(scene, viewer);
  const [flagged] = flagEvidence(scene, viewer).filter(({ strength }) => strength > 0);
  const agreed = titled.find(({ sessionId }) => sessionId === flagged?.sessionId);
  const [only] = titled.length === 1 ? titled : [];
  const found = agreed ?? only;
  if (found !== undefined) return found;
  const isPossible = flagged !== undefined && titleVerdict(scene, viewer, flagged.sessionId) === 'silent';
  return isPossible ? flagged : undefined;
}
