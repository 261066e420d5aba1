import { describe, expect, it } from 'vitest';
import type { ServerLink } from '../../../lib/domain/board/readings.ts';
import { correlate } from '../../../lib/domain/evidence/correlate.ts';
import type { LogFacts } from '../../../lib/domain/evidence/log-facts.ts';
import { noActivity } from '../../../lib/domain/evidence/rules/activity.ts';
import { type WhyInput, whyProcess, whySession } from '../../../lib/domain/evidence/why.ts';
import type { OpencodeProcess } from '../../../lib/domain/process/process.ts';
import type { Session } from '../../../lib/domain/session/session.ts';
import { sessionState } from '../../../lib/domain/session/status.ts';
import {
  ago,
  assistant,
  logFacts,
  nowMs,
  pane,
  process,
  session,
  text,
  toolPart,
} from '../../support/builders.ts';

const client = session({
  id: 'ses_client',
  title: text('Refactor the api client'),
  directoryPath: '/home/u/projA',
});
const pipeline = session({
  id: 'ses_pipe',
  title: text('Debug the pipeline'),
  directoryPath: '/home/u/projA',
  createdAtMs: ago(9000),
  updatedAtMs: ago(8000),
  activeAtMs: ago(8000),
});

function look(processes: OpencodeProcess[], sessions: Session[], logs: LogFacts[]): WhyInput {
  const input = {
    processes,
    sessions: new Map(sessions.map((each) => [each.id, each])),
    log: new Map(logs.map((facts) => [facts.pid, facts])),
    nowMs,
  };
  const correlation = correlate({ ...input, extraEvidence: [], previous: [], activity: noActivity });
  return { ...input, correlation, rows: [] };
}

const prompted = logFacts({ sessions: [{ sessionId: 'ses_client', atMs: ago(75), how: 'prompted' }] });

describe('the explanation', () => {
  it('has the evidence of a certain match, and no advice', () => {
    const owner = process({ pane: pane() });
    const input = {
      ...look([owner], [client, pipeline], [prompted]),
      rows: [
        {
          key: 'ses_client',
          host: text('here'),
          process: owner,
          session: client,
          state: { name: 'idle', sinceMs: ago(30), needsYou: false, unread: false, rule: 'the turn ended' },
          context: {},
          children: [],
        } as const,
      ],
    };
    expect(whyProcess(owner, input).join('\n')).toMatchInlineSnapshot(`
      "pid 2878  tui  pts/0  tmux work:2.1  /home/u/projA  up 10m00s

      runs ses_client 'Refactor the api client': certain
        for      log        certain  log 4d501bd1 prompted it at 14:28:45.000 (1m15s ago)
        for      title      likely   terminal title 'Refactor the api client' is this session's
        state    idle since 30s: the turn ended"
    `);
  });

  it('names the rule of a state, and the content of the newest message that no rule covers', () => {
    const owner = process({ pane: pane() });
    const parts = [
      { kind: 'other', type: text('hologram') },
      { kind: 'other', type: text('snapshot') },
      toolPart({ status: 'unknown', tool: text('teleport') }),
    ] as const;
    const newer = { ...client, newestAssistant: assistant({ parts }) };
    const board = look([owner], [newer], [prompted]);
    const state = sessionState({ session: newer, process: owner, nowMs });
    const row = {
      key: 'ses_client',
      host: text('here'),
      process: owner,
      session: newer,
      state,
      context: {},
      children: [],
    };
    expect(whyProcess(owner, { ...board, rows: [row] }).slice(-3)).toMatchInlineSnapshot(`
      [
        "  state    thinking since 10s: step (the newest part of the unfinished message tells: an open tool, an open text, reasoning, or none yet)",
        "  not understood: a part of type 'hologram'",
        "  not understood: the state of a call of 'teleport'",
      ]
    `);
  });

  it('names the other process of a log if two started in the same second', () => {
    const shared = { ...prompted, exact: false, sharedWith: [77] };
    const lines = whyProcess(process(), look([process()], [client, pipeline], [shared]));
    expect(lines.find((line) => line.includes('begun in'))).toMatchInlineSnapshot(
      `"  its log was begun in the same second as that of pid 77: both write it, and no line says who"`,
    );
  });

  it('of a switch has the title against the log, and advice for a certain match', () => {
    const owner = process({ pane: pane({ title: text('OC | Debug the pipeline') }) });
    expect(
      whyProcess(owner, look([owner], [client, pipeline], [prompted])).join('\n'),
    ).toMatchInlineSnapshot(`
      "pid 2878  tui  pts/0  tmux work:2.1  /home/u/projA  up 10m00s

      runs ses_pipe 'Debug the pipeline': likely
        for      title      likely   terminal title 'Debug the pipeline' is this session's

      other sessions it might run:
        ses_client 'Refactor the api client': nothing for it
          for      log        certain  log 4d501bd1 prompted it at 14:28:45.000 (1m15s ago)
          against  title      likely   terminal title 'OC | Debug the pipeline' is not this session's

      what would make it certain:
        send it a prompt: while it works on that, its log names the session
        'otop plugin install' lets opencode itself report which session it works on"
    `);
  });

  it('says why a certain log gives only a likely match: the TUI may show another session', () => {
    const owner = process({ pane: pane({ title: text('vim') }) });
    expect(whyProcess(owner, look([owner], [client], [prompted])).slice(2, 5)).toMatchInlineSnapshot(`
      [
        "runs ses_client 'Refactor the api client': likely",
        "  for      log        certain  log 4d501bd1 prompted it at 14:28:45.000 (1m15s ago)",
        "  but      it may show another session since then: its terminal's title does not tell",
      ]
    `);
  });

  it('names the process that took over the session', () => {
    const [first, second] = [process({ pid: 1 }), process({ pid: 2, args: ['-s', 'ses_client'] })];
    const logs = [
      { ...prompted, pid: 1 },
      logFacts({
        pid: 2,
        run: 'beef',
        sessions: [{ sessionId: 'ses_client', atMs: ago(10), how: 'prompted' }],
      }),
    ];
    expect(whyProcess(first, look([first, second], [client], logs)).join('\n')).toMatchInlineSnapshot(`
      "pid 1  tui  pts/0  /home/u/projA  up 10m00s

      runs no session: what names one went to others, or is too weak

      other sessions it might run:
        ses_client 'Refactor the api client': nothing for it
          against  log        guess    log 4d501bd1 prompted it at 14:28:45.000, but pid 2 prompted it at 14:29:50.000 (10s ago)

      what would tell more:
        send it a prompt: while it works on that, its log names the session
        run it in tmux: its terminal title follows the session it shows, also after a switch inside
        'otop plugin install' lets opencode itself report which session it works on"
    `);
  });

  it('of a session has its process, or the reason for its lack of one', () => {
    const owner = process();
    const input = look([owner], [client, pipeline], [prompted]);
    expect(whySession(client, input)).toEqual(whyProcess(owner, input));
    expect(whySession(pipeline, input).join('\n')).toMatchInlineSnapshot(`
      "ses_pipe 'Debug the pipeline'

      no process: nothing names it"
    `);
  });

  it('says what is missing if nothing could be read', () => {
    const owner = process({ missing: [text('open files: not permitted')] });
    expect(whyProcess(owner, look([owner], [pipeline], [])).join('\n')).toMatchInlineSnapshot(`
      "pid 2878  tui  pts/0  /home/u/projA  up 10m00s

      runs no session: nothing names one

      what would tell more:
        its log cannot be read: every line there would name its session
          missing: open files: not permitted
        send it a prompt: while it works on that, its log names the session
        run it in tmux: its terminal title follows the session it shows, also after a switch inside
        'otop plugin install' lets opencode itself report which session it works on"
    `);
  });
});

describe('the explanation of opencode 2', () => {
  const databases = ['/home/u/.local/share/opencode/opencode.db'];
  const service = process({
    pid: 50,
    kind: 'serve',
    args: ['serve', '--service'],
    databases,
    ports: [49374],
  });
  const viewer = process({
    pid: 61,
    databases: [],
    pane: pane({ title: text('OC | Refactor the api client') }),
  });
  const two = (id: string): Session =>
    session({
      ...client,
      id,
      databasePath: databases[0] ?? '',
      turnEnd: { outcome: 'succeeded', atMs: ago(100) },
    });
  const live: ServerLink = {
    state: 'live',
    api: 'the released API',
    version: text('2.0.18'),
    heardAtMs: ago(3),
  };
  const world = (link: ServerLink, sessions = [two('ses_client')]): WhyInput => ({
    ...look([service, viewer], sessions, []),
    links: new Map([[50, link]]),
  });

  it('of a session has its service, the API that it speaks, and its viewers', () => {
    const lines = whySession(two('ses_client'), world(live));
    expect(lines.join('\n')).toMatchInlineSnapshot(`
      "pid 50  service  pts/0  /home/u/projA  up 10m00s
        server   opencode 2.0.18, the released API, last heard 3s ago

      runs ses_client 'Refactor the api client': likely
        for      server     likely   the service runs every session of its database
        rows     of opencode 2, made by 1.18.33
        shown by pid 61  tui  pts/0  tmux work:2.1  /home/u/projA  up 10m00s: terminal title 'Refactor the api client' is this session's"
    `);
  });

  it('of a viewer has the session that it shows and the service that runs it', () => {
    expect(whyProcess(viewer, world(live)).join('\n')).toMatchInlineSnapshot(`
      "pid 61  tui  pts/0  tmux work:2.1  /home/u/projA  up 10m00s

      shows ses_client 'Refactor the api client': terminal title 'Refactor the api client' is this session's
        run by   pid 50  service  pts/0  /home/u/projA  up 10m00s
        server   opencode 2.0.18, the released API, last heard 3s ago
        rows     of opencode 2, made by 1.18.33"
    `);
    const unknown = { ...viewer, pane: pane({ title: text('vim') }) };
    const input = { ...look([service, unknown], [two('ses_client')], []), links: new Map([[50, live]]) };
    expect(whyProcess(unknown, input).join('\n')).toMatchInlineSnapshot(`
      "pid 61  tui  pts/0  tmux work:2.1  /home/u/projA  up 10m00s

      runs no session: a viewer, its sessions are run by the server it is attached to; neither its terminal title nor its arguments say which one it shows"
    `);
  });

  it('of a TUI with --standalone has its private server', () => {
    const tui = process({
      pid: 61,
      args: ['--standalone'],
      databases: [],
      pane: pane({ title: text('vim') }),
    });
    const args = ['serve', '--stdio', '--port', '0'];
    const own = process({ pid: 62, parentPid: 61, kind: 'serve', args, databases, ports: [4000] });
    const away: ServerLink = { state: 'away', why: text('it needs a password') };
    const input = { ...look([tui, own], [], []), links: new Map([[62, away]]) };
    expect(whyProcess(tui, input).slice(3)).toEqual([
      '  started  pid 62  serve  pts/0  /home/u/projA  up 10m00s',
      '  server   version unknown, not connected: it needs a password',
      '  asks     cannot be seen: only the service knows them',
    ]);
  });

  it('says that asks cannot be seen without a connection', () => {
    const away: ServerLink = { state: 'away', why: text('it does not answer'), version: text('2.0.18') };
    expect(whyProcess(service, world(away)).slice(0, 3)).toMatchInlineSnapshot(`
      [
        "pid 50  service  pts/0  /home/u/projA  up 10m00s",
        "  server   opencode 2.0.18, not connected: it does not answer",
        "  asks     cannot be seen: only the service knows them",
      ]
    `);
  });

  it('of a service with many sessions has some of them', () => {
    const many = Array.from({ length: 200 }, (_, index) => two(`ses_${index}`));
    const lines = whyProcess(service, world(live, many));
    expect(lines.filter((line) => line.startsWith('runs '))).toHaveLength(20);
    expect(lines.at(-1)).toBe('and 180 more: `otop why SESSION` explains one');
  });
});
