import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Limits } from '../../../lib/sources/server/bounded-fetch.ts';
import { ServerConnection } from '../../../lib/sources/server/connection.ts';
import { stateEvents } from '../../../lib/sources/server/event-wire.ts';
import { failureText } from '../../../lib/sources/server/failure.ts';
import { openApi } from '../../../lib/sources/server/open-api.ts';
import { basic, elsewhere, type StandIn, startStandIn } from '../../support/stand-in-server.ts';

/** Patient, since a busy machine may be slow: only what is about patience has less. */
const limits: Limits = { answerMs: 60_000, answerBytes: 20_000, eventBytes: 10_000, silenceMs: 60_000 };
let standIn: StandIn;
let connection: ServerConnection | undefined;
let changed: () => void;
let pauses: number[];

beforeEach(async () => {
  standIn = await startStandIn();
  pauses = [];
  changed = () => undefined;
});
afterEach(async () => {
  connection?.close();
  await standIn.close();
});

/** A connection that tries again at once, so that a spec waits for what it is about and for nothing else. */
function connect(some: Partial<Limits> = {}, authorization?: string): ServerConnection {
  const made = new ServerConnection(
    {
      open: () =>
        openApi(
          { url: standIn.url, authorization: () => authorization },
          { limits: { ...limits, ...some }, wantedEvents: stateEvents },
        ),
      sinceMs: () => 1000,
      onChange: () => changed(),
    },
    {
      nowMs: () => Date.now(),
      random: () => 0.5,
      pause: async (ms) => {
        pauses.push(ms);
        await new Promise((resolve) => setTimeout(resolve, 5));
      },
    },
  );
  connection = made;
  return made;
}

/** Resolves once something is so. */
function until(test: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    changed = () => {
      if (test()) resolve();
    };
    changed();
  });
}

const why = ({ link }: ServerConnection) => (link.state === 'away' ? link.why : link.state);
const session = (id: string, directory: string, updated = 2000) => ({ id, directory, time: { updated } });

describe('a connection to a server', () => {
  it('asks for the state of each directory in which a session was updated since the server began', async () => {
    standIn.answers.set('/experimental/session', [
      session('ses_a', '/a'),
      session('ses_b', '/b'),
      session('ses_b2', '/b'),
      session('ses_old', '/old', 999),
    ]);
    standIn.answers.set('/session/status', (directory: string) => ({
      [directory === '/a' ? 'ses_a' : 'ses_b']: { type: 'busy' },
    }));
    standIn.answers.set('/permission', (directory: string) =>
      directory === '/b' ? [{ id: 'per_1', sessionID: 'ses_b', permission: 'bash', patterns: ['ls'] }] : [],
    );
    const made = connect();
    await made.firstWord;
    expect(made.link).toEqual({ state: 'live', version: '1.18.33', generation: 1 });
    expect(made.hosted.get('ses_a')).toMatchObject({ directory: '/a', activity: { kind: 'busy' } });
    expect(made.hosted.get('ses_b')).toMatchObject({
      directory: '/b',
      asks: [{ id: 'per_1', tool: 'bash' }],
    });
    const asked = standIn.seen.filter(({ path }) => path === '/session/status');
    expect(asked.map(({ directory }) => directory).sort()).toEqual(['/a', '/b']);
  });

  it('asks nothing of a person for a turn that was ended while it asked', async () => {
    standIn.answers.set('/experimental/session', [session('ses_a', '/a'), session('ses_b', '/a')]);
    standIn.answers.set('/session/status', { ses_b: { type: 'busy' } });
    const asks = ['ses_a', 'ses_b'].map((sessionID) => ({
      id: `per_${sessionID}`,
      sessionID,
      permission: 'bash',
      patterns: ['ls'],
    }));
    standIn.answers.set('/permission', asks);
    const made = connect();
    await made.firstWord;
    expect([...made.hosted.all()].map(({ id, asks: own }) => [id, own.length])).toEqual([['ses_b', 1]]);
  });

  it('is kept current by events', async () => {
    const made = connect();
    await made.firstWord;
    standIn.say('/a', 'permission.asked', {
      id: 'per_1',
      sessionID: 'ses_a',
      permission: 'edit',
      patterns: [],
    });
    await until(() => made.hosted.get('ses_a')?.asks.length === 1);
    standIn.say('/a', 'permission.replied', { sessionID: 'ses_a', requestID: 'per_1', reply: 'once' });
    await until(() => made.hosted.get('ses_a')?.asks.length === 0);
    standIn.say('/a', 'session.idle', { sessionID: 'ses_a' });
    await until(() => made.hosted.get('ses_a')?.activity.kind === 'idle');
  });

  it('looks at everything again after its stream was cut, and so misses nothing', async () => {
    const made = connect();
    await made.firstWord;
    standIn.say('/a', 'permission.asked', {
      id: 'per_1',
      sessionID: 'ses_a',
      permission: 'bash',
      patterns: [],
    });
    await until(() => made.hosted.get('ses_a')?.asks.length === 1);
    standIn.manner = 'html';
    standIn.cut();
    await until(() => made.link.state === 'away');
    expect(made.hosted.get('ses_a')?.asks).toHaveLength(1);
    standIn.manner = 'well';
    await until(() => made.link.state === 'live');
    expect(made.hosted.get('ses_a')?.asks).toEqual([]);
    expect(pauses.length).toBeGreaterThan(0);
  });

  it('is made again ever more rarely with a server that cuts each of its streams', async () => {
    const made = connect();
    for (let count = 0; count < 3; count += 1) {
      await until(() => made.link.state === 'live');
      standIn.cut();
      await until(() => made.link.state === 'away');
    }
    expect(pauses.slice(0, 3)).toEqual([500, 1000, 2000]);
  });

  it('passes over an event of 10 MB, looks at everything instead, and hears the next one', async () => {
    const made = connect();
    await made.firstWord;
    standIn.answers.set('/experimental/session', [session('ses_big', '/big')]);
    standIn.answers.set('/session/status', { ses_big: { type: 'busy' } });
    standIn.say('/big', 'message.part.updated', { part: { text: 'x'.repeat(10_000_000) } });
    await until(() => made.hosted.get('ses_big')?.activity.kind === 'busy');
    standIn.say('/big', 'session.idle', { sessionID: 'ses_big' });
    await until(() => made.hosted.get('ses_big')?.activity.kind === 'idle');
    expect(made.link.state).toBe('live');
  });

  it('takes events that come in pieces, and what is none for nothing', async () => {
    const made = connect();
    await made.firstWord;
    standIn.raw('data: {"directory":"/a","payload":{"type":"session.sta');
    standIn.raw('tus","properties":{"sessionID":"ses_a","status":{"type":"busy"}}}}\n');
    standIn.raw('\ndata: nonsense\n\n: a comment\n\nretry: 9999999\n\n');
    await until(() => made.hosted.get('ses_a')?.activity.kind === 'busy');
    standIn.say('/a', 'session.idle', { sessionID: 'ses_a' });
    await until(() => made.hosted.get('ses_a')?.activity.kind === 'idle');
  });

  it('understands a stream whose lines end in CRLF, as some proxies make them', async () => {
    const made = connect();
    await made.firstWord;
    const payload = { type: 'session.status', properties: { sessionID: 'ses_a', status: { type: 'busy' } } };
    standIn.raw(`data: ${JSON.stringify({ directory: '/a', payload })}\r\n\r\n`);
    await until(() => made.hosted.get('ses_a')?.activity.kind === 'busy');
  });

  it('knows a directory that the server cannot open from a server that fails', async () => {
    standIn.answers.set('/experimental/session', [session('ses_a', '/a'), session('ses_b', '/b')]);
    standIn.answers.set('/session/status', (directory: string) => ({
      [directory === '/a' ? 'ses_a' : 'ses_b']: { type: 'busy' },
    }));
    standIn.refused.add('/b');
    const made = connect();
    await made.firstWord;
    expect(made.link.state).toBe('live');
    expect([...made.hosted.all()].map(({ id }) => id)).toEqual(['ses_a']);
  });
});

describe('what goes wrong with a server, in a line of words', () => {
  it.each([
    ['html', 'another program answers there, not opencode'],
    ['another program', 'another program answers there, not opencode'],
    ['broken json', 'another program answers there, not opencode'],
    ['silent', 'it gives no answer'],
    [
      'redirect',
      `it redirects to ${new URL(elsewhere).host}, which otop does not follow: name the place itself`,
    ],
  ] as const)('%s: %s', async (manner, words) => {
    standIn.manner = manner;
    const made = connect(manner === 'silent' ? { answerMs: 100 } : {}, basic('secret'));
    await made.firstWord;
    expect(why(made)).toBe(words);
    if (manner === 'silent') return;
    standIn.manner = 'well';
    await until(() => made.link.state === 'live');
  });

  it('refusing: nothing listens there', async () => {
    const { close } = standIn;
    await close();
    const made = connect();
    await made.firstWord;
    expect(why(made)).toBe('nothing listens there');
  });

  it('a host that is not there', async () => {
    const reach = { url: 'http://no-such.invalid', authorization: () => undefined };
    const failed = openApi(reach, { limits, wantedEvents: stateEvents }).then(String, failureText);
    expect(await failed).toMatch(
      /^(there is no host of that name|the name of the host cannot be looked up now)$/,
    );
  });

  it('a password is wanted, or refused; it is never in the words', async () => {
    standIn.password = 'right';
    const without = connect();
    await without.firstWord;
    expect(why(without)).toContain('it wants a password: set OPENCODE_SERVER_PASSWORD');
    without.close();
    const wrong = connect({}, basic('wrong-secret'));
    await wrong.firstWord;
    expect(why(wrong)).toBe('it refuses the password');
    wrong.close();
    const right = connect({}, basic('right'));
    await right.firstWord;
    expect(right.link.state).toBe('live');
  });

  it('a password is shown to no server that does not ask for one', async () => {
    const made = connect({}, basic('secret'));
    await made.firstWord;
    expect(made.link.state).toBe('live');
    expect(standIn.seen.map(({ authorization }) => authorization)).toEqual(standIn.seen.map(() => undefined));
  });

  it('a stream that falls silent, as of a stopped process, is left and tried again', async () => {
    const made = connect({ silenceMs: 60 });
    await until(() => made.link.state === 'away');
    expect(why(made)).toBe('it says nothing any more: is it stopped?');
  });

  it('an answer that never ends is not waited for', async () => {
    standIn.held.add('/experimental/session');
    const made = connect({ answerMs: 300 });
    await made.firstWord;
    expect(why(made)).toBe('it gives no answer');
  });

  it('an answer that is longer than is read in one piece', async () => {
    standIn.answers.set('/experimental/session', ['x'.repeat(30_000)]);
    const made = connect();
    await made.firstWord;
    expect(why(made)).toBe('its answer is too long');
  });

  it('JSON of another version is taken for what can be read of it', async () => {
    standIn.answers.set('/experimental/session', [
      { id: 7 },
      null,
      'text',
      { id: 'ses_a', directory: ['/a'], time: 'yesterday' },
      session('ses_b', '/b'),
    ]);
    standIn.answers.set('/session/status', ['busy']);
    standIn.answers.set('/permission', { data: [] });
    standIn.answers.set('/question', [{ id: 'que_1' }, { sessionID: 'ses_b' }, 3]);
    const made = connect();
    await made.firstWord;
    expect(made.link.state).toBe('live');
    expect([...made.hosted.all()].flatMap(({ asks }) => asks)).toEqual([]);
  });
});
