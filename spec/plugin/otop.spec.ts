import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ParsedMarker, parseMarker } from '../../lib/sources/marker/parse-marker.ts';
import { machineName, markersFolder, parseMarkerName } from '../../lib/sources/marker/places.ts';
import {
  asked,
  created,
  event,
  type LoadedPlugin,
  loadPlugin,
  pluginFile,
  status,
} from '../support/opencode-plugin.ts';
import { until, waitMs } from '../support/wait.ts';

let plugin: LoadedPlugin;
beforeEach(async () => {
  plugin = await loadPlugin();
});
afterEach(() => plugin.remove());

/** One line for each session: `ses_a busy asks bash: npm test`. */
function sessionLines(parsed: ParsedMarker): string[] {
  if (parsed.kind !== 'marker') return [parsed.kind];
  return parsed.marker.sessions.map(({ id, parentId, status: { activity, asks, error } }) =>
    [
      id,
      ...(parentId === undefined ? [] : [`of ${parentId}`]),
      activity === undefined
        ? '-'
        : activity.kind === 'retry'
          ? `retry ${activity.attempt} ${activity.message}`
          : activity.kind,
      ...asks.map(({ tool, patterns }) => `asks ${tool ?? 'question'}: ${patterns.join(', ')}`),
      ...(error === undefined ? [] : [`failed ${error.name}: ${error.message}`]),
    ].join(' '),
  );
}

/** Waits until the marker contains exactly these sessions. */
const untilLines = (...lines: string[]) =>
  plugin.until((parsed) => sessionLines(parsed).join('\n') === lines.join('\n'));
const currentLines = () => sessionLines(parseMarker(plugin.text() ?? ''));

describe('the marker of the plugin', () => {
  it('exists from the start, readable by the owner only, and without sessions', async () => {
    await plugin.start();
    await untilLines();
    const [name = ''] = readdirSync(plugin.folder);
    expect(parseMarkerName(name)).toEqual({
      pid: process.pid,
      machine: machineName('/proc'),
      isDraft: false,
    });
    expect(statSync(plugin.folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(plugin.folder, name)).mode & 0o777).toBe(0o600);
  });

  it('follows a turn: created, busy, retrying, failed, idle', async () => {
    const { event: on } = await plugin.start();
    void on(created('ses_a'));
    await untilLines('ses_a -');
    void on(status('ses_a', 'busy'));
    await untilLines('ses_a busy');
    void on(status('ses_a', 'retry', { attempt: 2, message: 'Rate limit', next: Date.now() + 4_000 }));
    await untilLines('ses_a retry 2 Rate limit');
    void on(
      event('session.error', { sessionID: 'ses_a', error: { name: 'APIError', data: { message: 'no' } } }),
    );
    void on(event('session.idle', { sessionID: 'ses_a' }));
    await untilLines('ses_a idle failed APIError: no');
    void on(event('session.deleted', { info: { id: 'ses_a' } }));
    await untilLines();
  });

  it('contains asks until they are answered', async () => {
    const { event: on } = await plugin.start();
    void on(asked('ses_a', 'per_1', 'npm test'));
    void on(asked('ses_a', 'per_2', 'rm -rf build'));
    await untilLines('ses_a - asks bash: npm test asks bash: rm -rf build');
    void on(event('permission.replied', { sessionID: 'ses_a', requestID: 'per_1', reply: 'once' }));
    const questions = [{ question: 'Which database?', options: [{ label: 'pg' }] }];
    void on(event('question.asked', { id: 'que_1', sessionID: 'ses_a', questions }));
    await untilLines('ses_a - asks bash: rm -rf build asks question: Which database?');
    void on(event('question.rejected', { sessionID: 'ses_a', requestID: 'que_1' }));
    await untilLines('ses_a - asks bash: rm -rf build');
  });

  it('drops the asks of a finished turn, but keeps those of a subagent that still works', async () => {
    const { event: on } = await plugin.start();
    void on(created('ses_a'));
    void on(created('ses_kid', { parentID: 'ses_a' }));
    void on(asked('ses_kid', 'per_1', 'npm test'));
    void on(asked('ses_a', 'per_2', 'make'));
    await untilLines('ses_kid of ses_a - asks bash: npm test', 'ses_a - asks bash: make');
    void on(status('ses_a', 'idle'));
    await untilLines('ses_kid of ses_a - asks bash: npm test', 'ses_a idle');
    void on(status('ses_kid', 'idle'));
    await untilLines('ses_a idle', 'ses_kid of ses_a idle');
  });

  it('contains the time of the last prompt, and ignores user messages in the middle of a turn', async () => {
    const { event: on, 'chat.message': onPrompt } = await plugin.start();
    const message = (sessionID: string, createdMs: number) =>
      event('message.updated', {
        info: { id: 'msg_1', sessionID, role: 'user', time: { created: createdMs } },
      });
    const turnOf = (parsed: ParsedMarker) =>
      parsed.kind === 'marker' ? parsed.marker.sessions[0]?.turnAtMs : undefined;
    const laterMs = Date.now() + 60_000;
    void on(message('ses_a', 1_000));
    await plugin.until((parsed) => turnOf(parsed) === 1_000);
    void on(status('ses_a', 'busy'));
    void on(message('ses_a', laterMs));
    await untilLines('ses_a busy');
    expect(turnOf(parseMarker(plugin.text() ?? ''))).toBe(1_000);
    void onPrompt({ sessionID: 'ses_a' });
    await plugin.until((parsed) => (turnOf(parsed) ?? 0) > 1_000);
    expect(turnOf(parseMarker(plugin.text() ?? ''))).toBeLessThan(laterMs);
  });

  it('separates the directories of a server, and is removed with the last of them', async () => {
    const [one, other] = [await plugin.start('/one'), await plugin.start('/other')];
    void one.event(status('ses_a', 'busy'));
    void other.event(status('ses_b', 'busy'));
    await untilLines('ses_a busy', 'ses_b busy');
    void one.event(event('server.instance.disposed', { directory: '/other' }));
    void one.event(event('server.instance.disposed', { directory: '/one' }));
    await untilLines('ses_b busy');
    void one.event(status('ses_a', 'busy'));
    await other.dispose();
    // A write that has begun removes its file when it ends.
    const files = () => readdirSync(plugin.folder);
    await until('the removal of the marker', () => files().length === 0, files);
  });
});

describe('the writes of the plugin', () => {
  it('are batched: ten thousand events cause fewer than twenty', async () => {
    const { event: on } = await plugin.start();
    await untilLines();
    const renames: unknown[] = [];
    const watcher = watch(plugin.folder, (_type, name) => name?.endsWith('.json') && renames.push(name));
    for (let count = 0; count < 10_000; count++) {
      void on(status(`ses_${count % 3}`, count % 2 === 0 ? 'busy' : 'idle'));
      void on(event('message.part.delta', { sessionID: 'ses_1', delta: 'x' }));
    }
    await untilLines('ses_1 idle', 'ses_2 busy', 'ses_0 idle');
    watcher.close();
    expect(renames.length).toBeLessThan(20);
  });

  it('are atomic for every size of the file', async () => {
    const { event: on } = await plugin.start();
    await untilLines();
    for (let count = 0; count < 300; count++) {
      void on(asked('ses_a', `per_${count}`, 'long '.repeat(count * 10)));
      await nextTurn();
      expect(parseMarker(plugin.text() ?? '').kind).toBe('marker');
    }
  });

  it('stay small with huge texts and thousands of sessions', async () => {
    const { event: on } = await plugin.start();
    const huge = '\u6f22'.repeat(1_000_000);
    for (let count = 0; count < 3_000; count++) void on(created(`ses_${count}`, { title: huge }));
    for (let count = 0; count < 100; count++) void on(asked('ses_2999', `per_${count}`, huge));
    await plugin.until((parsed) => sessionLines(parsed).at(-1)?.startsWith('ses_2999') === true);
    expect(currentLines()).toHaveLength(200);
    expect(plugin.text()?.length).toBeLessThan(128 * 1024);
  });

  it('stop for ever after the folder was removed', async () => {
    const { event: on } = await plugin.start();
    await untilLines();
    rmSync(dirname(plugin.folder), { recursive: true });
    for (let count = 0; count < 50; count++) {
      void on(asked('ses_a', `per_${count}`, 'npm test'));
      await access(plugin.stateHome);
    }
    await plugin.start('/another');
    for (let count = 0; count < 50; count++) await access(plugin.stateHome);
    expect(readdirSync(plugin.stateHome)).toEqual([]);
  });

  it('leave no file when the process ends', async () => {
    const program = `
      process.env.XDG_STATE_HOME = ${JSON.stringify(plugin.stateHome)};
const { default: plugin } = await import(${JSON.stringify(pluginFile)});
      const { existsSync, readdirSync, readFileSync } = await import('node:fs');
      const { event } = await plugin.server({ directory: '/' });
      event({ event: { type: 'session.status', properties: { sessionID: 'ses_a', status: { type: 'busy' } } } });
      const folder = ${JSON.stringify(plugin.folder)};
      const files = () => (existsSync(folder) ? readdirSync(folder) : []);
      setInterval(() => {
        if (!files().some((name) => readFileSync(folder + '/' + name, 'utf8').includes('ses_a'))) return;
        console.log(files().join(' '));
        process.exit(0);
      }, 5);
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      timeout: waitMs,
    });
    expect(stdout).toMatch(/^\d+@\S+\.json\n$/);
    expect(readdirSync(plugin.folder)).toEqual([]);
  });

  it.each(['', 'here'])(
    'write to the folder that otop reads, without a home and with %j as state folder',
    async (state) => {
      const program = `
      import promises from 'node:fs/promises';
      import { syncBuiltinESMExports } from 'node:module';
      promises.mkdir = async (path) => { console.log(path); process.exit(0); };
      syncBuiltinESMExports();
      const { default: plugin } = await import(${JSON.stringify(pluginFile)});
      const { event } = await plugin.server({ directory: '/' });
      event({ event: { type: 'session.status', properties: { sessionID: 'ses_a', status: { type: 'busy' } } } });
      setTimeout(() => {}, ${waitMs});
    `;
      const env = { ...process.env, HOME: '', XDG_STATE_HOME: state };
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
        env,
        timeout: waitMs,
      });
      expect(stdout.trim()).toBe(markersFolder({ env, homeDir: '/' }));
    },
  );

  it('do not keep an otherwise idle process alive', async () => {
    const program = `
      process.env.XDG_STATE_HOME = ${JSON.stringify(plugin.stateHome)};
      const { default: plugin } = await import(${JSON.stringify(pluginFile)});
      const { event } = await plugin.server({ directory: '/' });
      event({ event: { type: 'session.status', properties: { sessionID: 'ses_a', status: { type: 'busy' } } } });
    `;
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { timeout: waitMs });
    expect(readdirSync(plugin.folder)).toEqual([]);
  });
});

describe('errors of the plugin', () => {
  it('are caught and logged beside the markers', async () => {
    const { event: on } = await plugin.start();
    await untilLines();
    const trap = {
      get sessionID(): string {
        throw new Error('a getter that throws');
      },
    };
    await on(event('session.status', trap));
    const file = join(plugin.folder, 'trouble.log');
    const logged = () => (existsSync(file) ? readFileSync(file, 'utf8') : '');
    await until('the logged error', () => logged() !== '', logged);
    expect(logged()).toMatch(/^\S+Z pid \d+ Error: a getter that throws\n$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('do not reach opencode if the state folder cannot be created', async () => {
    mkdirSync(plugin.stateHome, { recursive: true });
    writeFileSync(join(plugin.stateHome, 'otop'), 'a file, not a folder');
    const { event: on, dispose } = await plugin.start();
    await on(asked('ses_a', 'per_1', 'npm test'));
    await nextTurn();
    await dispose();
    expect(existsSync(plugin.folder)).toBe(false);
  });

  it('do not occur with any event of opencode', async () => {
    const { event: on, 'chat.message': onPrompt } = await plugin.start();
    const types = fc.constantFrom(
      'session.status',
      'session.idle',
      'session.created',
      'session.updated',
      'session.error',
      'session.deleted',
      'permission.asked',
      'permission.replied',
      'question.asked',
      'message.updated',
    );
    const properties = fc.oneof(
      fc.anything(),
      fc.record({ sessionID: fc.anything(), id: fc.anything(), status: fc.anything(), info: fc.anything() }),
    );
    await fc.assert(
      fc.asyncProperty(types, properties, async (type, given) => {
        await on(event(type, given));
        await on(given);
        await onPrompt(given);
      }),
    );
    await plugin.until(({ kind }) => kind === 'marker');
    expect(existsSync(join(plugin.folder, 'trouble.log'))).toBe(false);
  });
});
