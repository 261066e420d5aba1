import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Limits } from '../../../lib/sources/server/bounded-fetch.ts';
import { ServerConnection } from '../../../lib/sources/server/connection.ts';
import { failureText } from '../../../lib/sources/server/failure.ts';
import { openApi } from '../../../lib/sources/server/open-api.ts';
import { basic, redirectTarget, type StandIn, startStandIn } from '../../support/stand-in-server.ts';
import { shortPause, within } from '../../support/wait.ts';

/** Long timeouts, since a busy machine may be slow. Only specs of a timeout use a shorter one. */
const limits: Limits = { responseMs: 60_000, responseBytes: 20_000, eventBytes: 10_000, silenceMs: 60_000 };
let standIn: StandIn;
let connection: ServerConnection | undefined;
let changed: () => void;
let sleepsMs: number[];

beforeEach(async () => {
  standIn = await startStandIn();
  sleepsMs = [];
  changed = () => undefined;
});
afterEach(async () => {
  connection?.close();
  await standIn.close();
});

/** Opens a connection that retries after 5 ms, so that no spec waits for the back-off. */
function connect(some: Partial<Limits> = {}, authorization?: string): ServerConnection {
  const made = new ServerConnection(
    {
      open: () =>
        openApi(standIn.url, () => (authorization === undefined ? [] : [authorization]), {
          limits: { ...limits, ...some },
          withContent: false,
        }),
      sinceMs: () => 1000,
      onChange: () => changed(),
    },
    {
      nowMs: () => Date.now(),
      random: () => 0.5,
      sleep: async (ms) => {
        sleepsMs.push(ms);
        await shortPause();
      },
    },
  );
  connection = made;
  return made;
}

/** Resolves when `test` returns true after a change. */
function until(test: () => boolean): Promise<void> {
  const passed = new Promise<void>((resolve) => {
    changed = () => {
      if (test()) resolve();
    };
    changed();
  });
  return within('such a state of the connection', passed);
}

const why = ({ link }: ServerConnection) => (link.state === 'away' ? link.why : link.state);
const session = (id: string, directory: string, updated = 2000) => ({ id, directory, time: { updated } });

describe('a connection to a server', () => {
  it('polls each directory with a session that was updated since the start of the server', async () => {
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
    await made.firstAttempt;
    expect(made.link).toEqual({ state: 'live', version: '1.18.33', apiVersion: 1 });
    expect(made.hosted.get('ses_a')).toMatchObject({ directory: '/a', activity: { kind: 'busy' } });
    expect(made.hosted.get('ses_b')).toMatchObject({
      directory: '/b',
      asks: [{ id: 'per_1', tool: 'bash' }],
    });
    const asked = standIn.seen.filter(({ path }) => path === '/session/status');
    expect(asked.map(({ directory }) => directory).sort()).toEqual(['/a', '/b']);
  });

  it('drops the asks of a turn that was aborted while it asked', async () => {
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
    await made.firstAttempt;
    expect([...made.hosted.all()].map(({ id, asks: own }) => [id, own.length])).toEqual([['ses_b', 1]]);
  });

  it('applies events', async () => {
    const made = connect();
    await made.firstAttempt;
    standIn.sendEvent('/a', 'permission.asked', {
      id: 'per_1',
      sessionID: 'ses_a',
      permission: 'edit',
      patterns: [],
    });
    await until(() => made.hosted.get('ses_a')?.asks.length === 1);
    standIn.sendEvent('/a', 'permission.replied', { sessionID: 'ses_a', requestID: 'per_1', reply: 'once' });
    await until(() => made.hosted.get('ses_a')?.asks.length === 0);
    standIn.sendEvent('/a', 'session.idle', { sessionID: 'ses_a' });
    await until(() => made.hosted.get('ses_a')?.activity.kind === 'idle');
  });

  it('polls the server again after its stream was cut, so no change is lost', async () => {
    const made = connect();
    await made.firstAttempt;
    standIn.sendEvent('/a', 'permission.asked', {
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
    expect(sleepsMs.length).toBeGreaterThan(0);
  });

  it('backs off if the server cuts every stream', async () => {
    const made = connect();
    for (let count = 0; count < 3; count += 1) {
      await until(() => made.link.state === 'live');
      standIn.cut();
      await until(() => made.link.state === 'away');
    }
    expect(sleepsMs.slice(0, 3)).toEqual([500, 1000, 2000]);
  });

  it('skips an event of 10 MB, polls the server instead, and reads the next event', async () => {
    const made = connect();
    await made.firstAttempt;
    standIn.answers.set('/experimental/session', [session('ses_big', '/big')]);
    standIn.answers.set('/session/status', { ses_big: { type: 'busy' } });
    standIn.sendEvent('/big', 'message.part.updated', { part: { text: 'x'.repeat(10_000_000) } });
    await until(() => made.hosted.get('ses_big')?.activity.kind === 'busy');
    standIn.sendEvent('/big', 'session.idle', { sessionID: 'ses_big' });
    await until(() => made.hosted.get('ses_big')?.activity.kind === 'idle');
    expect(made.link.state).toBe('live');
  });

  it('joins an event that arrives in several chunks, and ignores invalid events', async () => {
    const made = connect();
    await made.firstAttempt;
    standIn.sendRaw('data: {"directory":"/a","payload":{"type":"session.sta');
    standIn.sendRaw('tus","properties":{"sessionID":"ses_a","status":{"type":"busy"}}}}\n');
    standIn.sendRaw('\ndata: nonsense\n\n: a comment\n\nretry: 9999999\n\n');
    await until(() => made.hosted.get('ses_a')?.activity.kind === 'busy');
    standIn.sendEvent('/a', 'session.idle', { sessionID: 'ses_a' });
    await until(() => made.hosted.get('ses_a')?.activity.kind === 'idle');
  });

  it('reads a stream with CRLF line ends, which some proxies produce', async () => {
    const made = connect();
    await made.firstAttempt;
    const payload = { type: 'session.status', properties: { sessionID: 'ses_a', status: { type: 'busy' } } };
    standIn.sendRaw(`data: ${JSON.stringify({ directory: '/a', payload })}\r\n\r\n`);
    await until(() => made.hosted.get('ses_a')?.activity.kind === 'busy');
  });

  it('stays live if the server cannot open one directory', async () => {
    standIn.answers.set('/experimental/session', [session('ses_a', '/a'), session('ses_b', '/b')]);
    standIn.answers.set('/session/status', (directory: string) => ({
      [directory === '/a' ? 'ses_a' : 'ses_b']: { type: 'busy' },
    }));
    standIn.refused.add('/b');
    const made = connect();
    await made.firstAttempt;
    expect(made.link.state).toBe('live');
    expect([...made.hosted.all()].map(({ id }) => id)).toEqual(['ses_a']);
  });
});

describe('the failure text of a connection', () => {
  it.each([
    ['html', 'another program answers there, not opencode'],
    ['another program', 'another program answers there, not opencode'],
    ['broken json', 'another program answers there, not opencode'],
    ['silent', 'it does not answer'],
    [
      'redirect',
      `it redirects to ${new URL(redirectTarget).host}, and otop follows no redirect: use the final address`,
    ],
  ] as const)('%s: %s', async (manner, words) => {
    standIn.manner = manner;
    const made = connect(manner === 'silent' ? { responseMs: 100 } : {}, basic('secret'));
    await made.firstAttempt;
    expect(why(made)).toBe(words);
    if (manner === 'silent') return;
    standIn.manner = 'well';
    await until(() => made.link.state === 'live');
  });

  it('says that nothing listens if the connection is refused', async () => {
    const { close } = standIn;
    await close();
    const made = connect();
    await made.firstAttempt;
    expect(why(made)).toBe('nothing listens there');
  });

  it('says that the host does not exist', async () => {
    const options = { limits, withContent: false };
    const failed = openApi('http://no-such.invalid', () => [], options).then(String, failureText);
    expect(await failed).toMatch(
      /^(there is no host of that name|the name of the host cannot be looked up now)$/,
    );
  });

  it('says that a password is required or refused, and never contains it', async () => {
    standIn.password = 'right';
    const without = connect();
    await without.firstAttempt;
    expect(why(without)).toContain('it needs a password: set OPENCODE_SERVER_PASSWORD');
    without.close();
    const wrong = connect({}, basic('wrong-secret'));
    await wrong.firstAttempt;
    expect(why(wrong)).toBe('it rejects the password');
    wrong.close();
    const right = connect({}, basic('right'));
    await right.firstAttempt;
    expect(right.link.state).toBe('live');
  });

  it('is absent if the server requires no password, and none is sent', async () => {
    const made = connect({}, basic('secret'));
    await made.firstAttempt;
    expect(made.link.state).toBe('live');
    expect(standIn.seen.map(({ authorization }) => authorization)).toEqual(standIn.seen.map(() => undefined));
  });

  it('says that a stream is silent, as that of a stopped process', async () => {
    const made = connect({ silenceMs: 60 });
    await until(() => made.link.state === 'away');
    expect(why(made)).toBe('it stopped sending: is the process suspended?');
  });

  it('says that a response does not end in time', async () => {
    standIn.held.add('/experimental/session');
    const made = connect({ responseMs: 300 });
    await made.firstAttempt;
    expect(why(made)).toBe('it does not answer');
  });

  it('says that a response is too long', async () => {
    standIn.answers.set('/experimental/session', ['x'.repeat(30_000)]);
    const made = connect();
    await made.firstAttempt;
    expect(why(made)).toBe('its answer is too long');
  });

  it('is absent if the JSON is of another version: the readable parts are used', async () => {
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
    await made.firstAttempt;
    expect(made.link.state).toBe('live');
    expect([...made.hosted.all()].flatMap(({ asks }) => asks)).toEqual([]);
  });
});
