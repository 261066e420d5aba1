import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ParsedMarker, parseMarker } from '../../lib/sources/marker/parse-marker.ts';
import { type LoadedPlugin, loadPlugin } from '../support/opencode-plugin.ts';
import { PluginLoaderTwo } from '../support/opencode-two-plugins.ts';
import { until } from '../support/wait.ts';

let plugin: LoadedPlugin;
let loader: PluginLoaderTwo;
beforeEach(async () => {
  plugin = await loadPlugin();
  loader = new PluginLoaderTwo(plugin);
});
afterEach(() => plugin.remove());

/** One line for each session: `ses_a busy asks shell: git status`. */
function lines(parsed: ParsedMarker): readonly string[] {
  if (parsed.kind !== 'marker') return [parsed.kind];
  return parsed.marker.sessions.map(({ id, parentId, status: { activity, asks, error } }) =>
    [
      id,
      ...(parentId === undefined ? [] : [`of ${parentId}`]),
      activity === undefined ? '-' : Object.values(activity).join(' '),
      ...asks.map(({ kind, tool, patterns }) => `asks ${tool ?? kind}: ${patterns.join(', ')}`),
      ...(error === undefined ? [] : [`failed ${error.name}: ${error.message}`]),
    ].join(' '),
  );
}

/** Waits until the marker has exactly these sessions. */
const untilLines = (...wanted: readonly string[]) =>
  plugin.until((parsed) => lines(parsed).join('\n') === wanted.join('\n'));

const asked = (sessionID: string, id: string, resource: string) =>
  loader.emit('permission.asked', { id, sessionID, action: 'shell', resources: [resource], save: ['*'] });

describe('the plugin in a service of opencode 2 (a stand-in of its loader)', () => {
  it('follows a turn: prompted, busy, retrying, failed, renamed, deleted', async () => {
    await loader.open('/one');
    await untilLines();
    loader.emit('session.created', { sessionID: 'ses_a', version: '2.0.18', projectID: 'p', slug: 's' });
    await untilLines('ses_a -');
    loader.emit('session.inbox.enqueued', { sessionID: 'ses_a', inboxID: 'msg_1', item: { type: 'user' } });
    loader.emit('session.execution.started', { sessionID: 'ses_a' });
    await untilLines('ses_a busy');
    const error = { type: 'provider.rate-limit', message: 'slow down', status: 429 };
    loader.emit('session.retry.scheduled', { sessionID: 'ses_a', attempt: 2, at: 1_800_000_000_000, error });
    await untilLines('ses_a retry 2 slow down 1800000000000');
    loader.emit('session.step.started', { sessionID: 'ses_a', assistantMessageID: 'msg_2' });
    await untilLines('ses_a busy');
    loader.emit('session.execution.failed', {
      sessionID: 'ses_a',
      error: { type: 'provider.auth', message: 'no' },
    });
    loader.emit('session.renamed', { sessionID: 'ses_a', title: 'Renamed' });
    await untilLines('ses_a idle failed provider.auth: no');
    expect(JSON.parse(plugin.text() ?? '')).toMatchObject({
      opencode: '2.0.18',
      sessions: [{ title: 'Renamed' }],
    });
    loader.emit('session.deleted', { sessionID: 'ses_a' });
    await untilLines();
  });

  it('contains permissions and forms until they are answered or the turn is over', async () => {
    await loader.open('/one');
    asked('ses_a', 'per_1', 'git status');
    const fields = [
      { key: 'q0', type: 'string', title: 'Left or right?' },
      { key: 'q1', type: 'external', url: 'https://example.org' },
    ];
    loader.emit('form.created', { form: { id: 'frm_1', sessionID: 'ses_a', title: 'Way', fields } });
    loader.emit('form.created', { form: { id: 'frm_2', sessionID: 'ses_b', title: 'Sign in', fields: [] } });
    loader.emit('form.created', { form: { id: 'frm_3', sessionID: 'global', title: 'MCP', fields } });
    await untilLines(
      'ses_a - asks shell: git status asks question: Left or right?',
      'ses_b - asks question: Sign in',
    );
    loader.emit('permission.replied', { sessionID: 'ses_a', requestID: 'per_1', reply: 'once' });
    loader.emit('form.cancelled', { id: 'frm_2', sessionID: 'ses_b' });
    await untilLines('ses_a - asks question: Left or right?', 'ses_b -');
    loader.emit('session.execution.interrupted', { sessionID: 'ses_a', reason: 'user' });
    loader.emit('form.replied', { id: 'frm_9', sessionID: 'ses_unknown', answer: {} });
    await untilLines('ses_b -', 'ses_a idle');
  });

  it('names the parent of a subagent, whose end does not prompt the parent', async () => {
    await loader.open('/one');
    loader.emit('session.created', {
      sessionID: 'ses_kid',
      parentID: 'ses_a',
      title: 'Look',
      version: '2.0.18',
    });
    asked('ses_kid', 'per_1', 'make');
    loader.emit('session.inbox.enqueued', { sessionID: 'ses_a', item: { type: 'synthetic' } });
    await untilLines('ses_kid of ses_a - asks shell: make');
    loader.emit('session.renamed', { sessionID: 'ses_kid', title: 'Looked' });
    loader.emit('session.execution.succeeded', { sessionID: 'ses_kid' });
    await untilLines('ses_kid of ses_a idle');
  });

  it('reads one stream and writes one file, however many directories are open', async () => {
    for (const directory of ['/one', '/two', '/three']) await loader.open(directory);
    asked('ses_a', 'per_1', 'make');
    await untilLines('ses_a - asks shell: make');
    expect({ opened: loader.opened, files: readdirSync(plugin.folder).length }).toEqual({
      opened: 1,
      files: 1,
    });
  });

  it('hands over to another directory without losing an event, and ends with the last one', async () => {
    await loader.open('/one');
    await loader.open('/two');
    asked('ses_a', 'per_1', 'make');
    await untilLines('ses_a - asks shell: make');
    const stopped = loader.stop('/one');
    asked('ses_b', 'per_2', 'test');
    await stopped;
    await untilLines('ses_a - asks shell: make', 'ses_b - asks shell: test');
    await until('one open stream', () => loader.streams === 1);
    await loader.stop('/two');
    await until('the end of the last stream', () => loader.streams === 0);
    expect(readdirSync(plugin.folder)).toEqual([]);
  });

  it('goes on if the file is loaded again, also after it was uninstalled and installed', async () => {
    await loader.open('/one');
    asked('ses_a', 'per_1', 'make');
    await untilLines('ses_a - asks shell: make');
    await loader.stop('/one');
    // The plugin may write into the folder meanwhile.
    rmSync(dirname(plugin.folder), { recursive: true, force: true, maxRetries: 5 });
    await loader.open('/one');
    await untilLines();
    asked('ses_b', 'per_2', 'test');
    await untilLines('ses_b - asks shell: test');
  });

  it('forgets what it knew when a stream ends by itself, and reads another one', async () => {
    await loader.open('/one');
    await loader.open('/two');
    loader.emit('session.execution.started', { sessionID: 'ses_a' });
    asked('ses_a', 'per_1', 'make');
    await untilLines('ses_a busy asks shell: make');
    loader.cut();
    await untilLines('ses_a -');
    await until('the next stream', () => loader.opened === 2);
    loader.emit('session.step.started', { sessionID: 'ses_a' });
    await untilLines('ses_a busy');
    await loader.stop('/two');
    expect(loader.opened).toBe(3);
    asked('ses_a', 'per_2', 'test');
    await untilLines('ses_a busy asks shell: test');
  });

  it('keeps those that work or ask, if there are more sessions than a marker has', async () => {
    await loader.open('/one');
    asked('ses_asking', 'per_1', 'make');
    loader.emit('session.execution.started', { sessionID: 'ses_busy' });
    for (let count = 0; count < 2_000; count++)
      loader.emit('session.created', { sessionID: `ses_${count}`, version: '2.0.18' });
    await plugin.until((parsed) => lines(parsed).at(-1) === 'ses_1999 -');
    const text = lines(parseMarker(plugin.text() ?? ''));
    expect(text.slice(0, 2)).toEqual(['ses_asking - asks shell: make', 'ses_busy busy']);
    expect(text).toHaveLength(200);
  });
});

describe('errors of the plugin in a service of opencode 2', () => {
  it('do not reach opencode if there are no events, as in the preview', async () => {
    await loader.open('/one', { event: undefined });
    await loader.stop('/one');
    expect(existsSync(plugin.folder)).toBe(false);
  });

  it('are logged beside the markers if the stream is refused', async () => {
    loader.refuses = true;
    await loader.open('/one');
    const file = join(plugin.folder, 'trouble.log');
    await until(
      'the log',
      () => existsSync(file) && /the stream is closed\n$/.test(readFileSync(file, 'utf8')),
    );
    await loader.stop('/one');
  });

  it('do not occur with any event', async () => {
    await loader.open('/one');
    const types = fc.constantFrom(
      'session.created',
      'session.renamed',
      'session.deleted',
      'session.inbox.enqueued',
      'session.execution.started',
      'session.execution.failed',
      'session.retry.scheduled',
      'permission.asked',
      'permission.replied',
      'form.created',
      'form.replied',
      'something.new',
    );
    const data = fc.oneof(
      fc.anything(),
      fc.record({ sessionID: fc.anything(), id: fc.anything(), form: fc.anything(), error: fc.anything() }),
      fc.record({ form: fc.record({ sessionID: fc.anything(), id: fc.anything(), fields: fc.anything() }) }),
    );
    fc.assert(fc.property(types, data, (type, given) => loader.emit(type, given)));
    await nextTurn();
    asked('ses_last', 'per_1', 'make');
    await plugin.until((parsed) => lines(parsed).some((line) => line.startsWith('ses_last')));
    expect(existsSync(join(plugin.folder, 'trouble.log'))).toBe(false);
  });
});
