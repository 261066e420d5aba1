import { describe, expect, it } from 'vitest';
import { buildBoard } from '../../lib/domain/board/build-board.ts';
import { TokenHistory } from '../../lib/domain/board/history.ts';
import { sessionsJson } from '../../lib/view/sessions-json.ts';
import {
  ago,
  ask,
  assistant,
  logFacts,
  match,
  nowMs,
  pane,
  process,
  session,
  text,
  tokens,
  toolPart,
  working,
} from '../support/builders.ts';

const root = {
  ...working([toolPart({ tool: text('task'), subject: text('explore') })]),
  lastOutput: text('I will look around first.'),
  contextTokens: 162_000,
  tokens: tokens({ input: 1_000, output: 200, cacheRead: 160_000 }),
  cost: 1.2,
  todos: { total: 4, done: 1 },
};
const sub = session({
  id: 'ses_sub',
  parentId: 'ses_a',
  title: text('explore (@general subagent)'),
  agent: text('general'),
  cost: 0.3,
  newestAssistant: assistant({ parts: [toolPart({ hasMetadata: false })] }),
});
const { model: _model, title: _title, agent: _agent, ...bare } = session();

const board = buildBoard({
  readings: {
    nowMs,
    processes: {
      atMs: nowMs,
      processes: [process({ pane: pane(), startedAtMs: ago(600) }), { ...bareProcess() }],
      troubles: [],
    },
    sessions: {
      atMs: nowMs,
      sessions: new Map([
        ['ses_a', root],
        ['ses_sub', sub],
        ['ses_old', { ...bare, id: 'ses_old', activeAtMs: ago(9_000) }],
      ]),
      troubles: [],
    },
    log: { byPid: new Map([[2878, logFacts({ asks: [ask(9.9)] })]]), watchPaths: [], troubles: [] },
  },
  matches: [match()],
  viewedAtMs: new Map(),
  lookup: () => ({ contextLimitTokens: 200_000 }),
  history: new TokenHistory(),
  host: text('here'),
  machineId: 'here-id',
  includeIdle: true,
  includeTools: false,
  demo: false,
});

/** A process of another user: nothing but its number and kind is known. */
function bareProcess() {
  const { pid, kind, args, orphan, databases, logs, ports, children, missing } = process({ pid: 7 });
  return { pid, kind, args, orphan, databases, logs, ports, children, missing };
}

describe('the JSON of `otop sessions`', () => {
  const entries = sessionsJson(board);

  it('has every key of the contract', () => {
    expect(entries[0]).toMatchInlineSnapshot(`
      {
        "cpu_percent": 4.1,
        "cwd": "/home/u/projA",
        "host": "here",
        "is_tool_process": false,
        "key": "ses_a",
        "kind": "tui",
        "match": {
          "confidence": "certain",
          "evidence": "log",
          "why": "its log names the session",
        },
        "mem_mb": 812,
        "orphan": false,
        "pid": 2878,
        "schema_version": 1,
        "session": {
          "active_at_ms": 1795357770000,
          "agent": "build",
          "asking_for": "permission",
          "children": [
            {
              "agent": "general",
              "asking_for": "permission",
              "depth": 1,
              "detail": "npm test",
              "id": "ses_sub",
              "needs_you": true,
              "parent_id": "ses_a",
              "raised_from": null,
              "since_ms": 1795357790100,
              "status": "asking",
              "status_rule": "permission-log",
              "title": "explore (@general subagent)",
              "tokens": null,
              "tool": "bash",
            },
          ],
          "context": {
            "limit": 200000,
            "percent": 81,
            "used": 162000,
          },
          "cost": 1.2,
          "cost_total": 1.5,
          "created_at_ms": 1795357500000,
          "detail": "npm test",
          "directory": "/home/u/projA",
          "id": "ses_a",
          "interactive": true,
          "last_output": "I will look around first.",
          "last_prompt": "do it",
          "message_count": 2,
          "model": "anthropic/claude-opus-4-6",
          "needs_you": true,
          "parent_id": null,
          "raised_from": "ses_sub",
          "round_ms": 60000,
          "since_ms": 1795357790100,
          "status": "asking",
          "status_rule": "raised-ask",
          "title": "Refactor the api client",
          "todos": {
            "done": 1,
            "total": 4,
          },
          "tokens": {
            "cache_read": 160000,
            "cache_write": 0,
            "input": 1000,
            "output": 200,
            "reasoning": 0,
          },
          "tokens_per_minute": null,
          "tool": "bash",
          "unread": false,
          "version": "1.18.33",
        },
        "status": "asking",
        "tmux": {
          "in_front": false,
          "pane_id": "%1",
          "socket": "/tmp/tmux-0/default",
          "window": "work",
        },
        "tmux_pane": "work:2.1",
        "tty": "pts/0",
        "unwatched": false,
        "uptime_ms": 600000,
        "viewer_pids": [],
      }
    `);
  });

  it('says null, never 0, where something is unknown', () => {
    expect(entries[1]).toMatchInlineSnapshot(`
      {
        "cpu_percent": null,
        "cwd": null,
        "host": "here",
        "is_tool_process": false,
        "key": "pid:7",
        "kind": "tui",
        "match": null,
        "mem_mb": null,
        "orphan": false,
        "pid": 7,
        "schema_version": 1,
        "session": null,
        "status": "new",
        "tmux": null,
        "tmux_pane": null,
        "tty": null,
        "unwatched": false,
        "uptime_ms": null,
        "viewer_pids": [],
      }
    `);
  });

  it('has sessions without a process, where the Board has them', () => {
    expect(entries[2]).toMatchObject({
      pid: null,
      kind: null,
      is_tool_process: null,
      match: null,
      session: {
        id: 'ses_old',
        title: null,
        model: null,
        agent: null,
        status: 'idle',
        cost: null,
        tokens: null,
      },
    });
  });

  it('survives being printed: nothing is undefined', () => {
    expect(JSON.parse(JSON.stringify(entries))).toEqual(entries);
  });

  it('has the same keys in every entry', () => {
    const keys = entries.map((entry) => Object.keys(entry).join());
    expect(new Set(keys).size).toBe(1);
  });
});
