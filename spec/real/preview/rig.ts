import type { ModelServer } from '../model-server.ts';
import type { Rig } from '../rig.ts';
import { type Actor, type Observer, observe, type View } from './actor.ts';
import { type Api, apiOf } from './api.ts';
import { type Service, serviceIn, until } from './service.ts';

/** A real service of the preview of opencode 2 with its sessions, beside the model server and the tmux of a rig. */
export interface PreviewRig {
  readonly rig: Rig;
  readonly seed: number;
  readonly server: ModelServer;
  readonly service: Service;
  readonly api: Api;
  readonly actors: readonly Actor[];
  readonly observer: Observer;
  /** Gives a session in a directory an actor of its own: a new session, or the one with this id. */
  enter(directory: string, sessionId?: string): Promise<Actor>;
  /** Gives an actor a new session, with another model if one is named. */
  renew(actor: Actor, model?: string): Promise<void>;
  /** Resolves when an actor's view passes `test`; rejects with its view after the time-out. */
  until(actor: Actor, what: string, test: (view: View) => boolean, timeoutMs?: number): Promise<void>;
  /** Lets these actors go; their sessions stay. */
  leave(actors: readonly Actor[]): void;
  /** Ends the service and the observer. */
  stop(): Promise<void>;
}

/** Starts the service in the sandbox of a rig and opens the sandbox's projects. */
export async function startPreview(rig: Rig): Promise<PreviewRig> {
  const { sandbox, server } = rig;
  const service = serviceIn(sandbox);
  const api = apiOf(service);
  await service.start(sandbox.home);
  await Promise.all(sandbox.projects.map((directory) => api.open(directory)));
  const actors: Actor[] = [];
  const observer = observe(api, actors, sandbox.projects, server.activities);
  let entered = 0;
  return {
    rig,
    seed: rig.seed,
    server,
    service,
    api,
    actors,
    observer,
    async enter(directory, known) {
      const sessionId = known ?? (await api.create(directory));
      entered += 1;
      const index = entered;
      const actor: Actor = { index, directory, sessionId, word: undefined, prompts: 0, queued: undefined };
      actors.push(actor);
      return actor;
    },
    async renew(actor, model) {
      const sessionId = await api.create(actor.directory, model);
      Object.assign(actor, { sessionId, word: undefined, queued: undefined });
    },
    until(actor, what, test, timeoutMs = 30_000) {
      const passes = (): boolean => {
        const view = observer.view(actor);
        return view !== undefined && test(view);
      };
      return until(what, async () => passes(), timeoutMs).catch((error: Error) => {
        throw new Error(
          `session ${actor.index}: ${error.message}; it is ${JSON.stringify(observer.view(actor))}`,
        );
      });
    },
    leave(gone) {
      for (const actor of gone) if (actors.includes(actor)) actors.splice(actors.indexOf(actor), 1);
    },
    async stop() {
      await observer.stop();
      await service.stop().catch(() => undefined);
    },
  };
}
