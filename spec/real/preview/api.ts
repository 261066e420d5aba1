import { type Service, until } from './service.ts';

/** Answers of the preview's API, by the routes of opencode-2.md, "API of the builds". */
export interface Api {
  /** Resolves when the directory is open: a prompt before that fails without an answer, since no model is known yet. */
  open(directory: string): Promise<void>;
  /** Creates a session and resolves with its id. */
  create(directory: string, model?: string): Promise<string>;
  prompt(sessionId: string, text: string, delivery?: 'steer' | 'queue'): Promise<void>;
  interrupt(sessionId: string): Promise<void>;
  /** The ids of all sessions at work, those that ask included. */
  active(): Promise<readonly string[]>;
  /** The sessions that wait for a permission, and those that wait for an answer to a question. */
  asking(directories: readonly string[]): Promise<Asking>;
  /** Answers every permission of a session. `message` is the person's text of a rejection. */
  permit(sessionId: string, reply: 'once' | 'reject', message?: string): Promise<void>;
  /** Answers a session's question with this option, or dismisses it. */
  answer(sessionId: string, option: string | undefined): Promise<void>;
}

/** Ids of the sessions that ask, by kind. */
export interface Asking {
  readonly permission: ReadonlySet<string>;
  readonly question: ReadonlySet<string>;
}

interface Listed {
  readonly id: string;
  readonly sessionID: string;
}

/** Returns the calls of the preview's API that the rig uses. */
export function apiOf({ call }: Service): Api {
  const at = (directory: string): string => `location%5Bdirectory%5D=${encodeURIComponent(directory)}`;
  const listed = async (path: string): Promise<readonly Listed[]> =>
    (await call('GET', path)) as readonly Listed[];
  const sessionsOf = async (path: string, directories: readonly string[]): Promise<ReadonlySet<string>> => {
    const lists = await Promise.all(directories.map((directory) => listed(`${path}?${at(directory)}`)));
    return new Set(lists.flat().map(({ sessionID }) => sessionID));
  };
  return {
    open: (directory) =>
      until(
        `the models of ${directory}`,
        async () => (await listed(`/api/model?${at(directory)}`)).length > 0,
      ),
    async create(directory, model) {
      const location = { directory };
      const chosen = model === undefined ? {} : { model: { id: model, providerID: 'fake' } };
      const made = (await call('POST', '/api/session', { location, ...chosen })) as { readonly id: string };
      return made.id;
    },
    async prompt(sessionId, text, delivery = 'steer') {
      await call('POST', `/api/session/${sessionId}/prompt`, { prompt: { text }, delivery });
    },
    async interrupt(sessionId) {
      await call('POST', `/api/session/${sessionId}/interrupt`);
    },
    active: async () => Object.keys((await call('GET', '/api/session/active')) as object),
    async asking(directories) {
      return {
        permission: await sessionsOf('/api/permission/request', directories),
        question: await sessionsOf('/api/question/request', directories),
      };
    },
    async permit(sessionId, reply, message) {
      const path = `/api/session/${sessionId}/permission`;
      const body = { reply, ...(message === undefined ? {} : { message }) };
      for (const { id } of await listed(path)) await call('POST', `${path}/${id}/reply`, body);
    },
    async answer(sessionId, option) {
      const path = `/api/session/${sessionId}/question`;
      for (const { id } of await listed(path)) {
        if (option === undefined) await call('POST', `${path}/${id}/reject`);
        else await call('POST', `${path}/${id}/reply`, { answers: [[option]] });
      }
    },
  };
}
