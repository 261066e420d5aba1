import { shortDuration } from '../../text/format.ts';
import { attentionRank } from '../board/attention.ts';
import type { Row } from '../board/board.ts';
import { lastOutput } from '../board/last-output.ts';
import { isSubagentRow } from '../board/tree.ts';
import { stateGroups, stateWord, stateWords } from '../session/state.ts';
import { sentTokens, tokensLastMinute, writtenTokens } from '../session/tokens.ts';
import { type ColumnRecord, column } from './column-record.ts';

/** A column of the table with its id. */
export interface Column extends ColumnRecord {
  readonly id: ColumnId;
}

/** The columns in their default order, left to right. */
const records = [
  column('status', {
    title: 'STATUS',
    help: 'its state and for how long; sorts first what needs you most',
    align: 'left',
    width: { min: 6, good: 16, max: 16 },
    priority: 1,
    descending: false,
    searched: true,
    filterTexts: ({ state }) => [state.name, stateWord(state), stateGroups[state.name]],
    choices: stateWords,
    value: (row) => attentionRank(row),
    format: (_rank, row, nowMs) =>
      [stateWord(row.state) + (row.asksUnseen === undefined ? '' : '?'), sinceText(row, nowMs)]
        .join(' ')
        .trim(),
  }),
  column('title', {
    title: 'TITLE',
    help: "the session's title; before it has one, its prompt or its directory",
    align: 'left',
    width: { min: 18, good: 26, max: 60 },
    priority: 2,
    descending: false,
    searched: true,
    // opencode 2 names a session only after its first answer.
    value: ({ session, process }) =>
      session?.title ?? session?.lastPrompt?.text ?? session?.directory ?? process?.cwdText,
    format: (title, row) => treeSign(row) + title,
  }),
  column('last', {
    title: 'LAST OUTPUT',
    help: 'the permission or question that waits for you, else its last output',
    align: 'left',
    width: { min: 16, good: 30, max: 400 },
    priority: 18,
    under: 'title',
    descending: false,
    value: lastOutput,
  }),
  column('messages', {
    title: 'MSGS',
    help: 'messages in the session',
    align: 'right',
    width: { min: 4, good: 4, max: 5 },
    priority: 12,
    under: 'status',
    withLabel: (text) => `  ${text} msgs`,
    descending: true,
    value: (row) => row.session?.messageCount,
    measure: 'count',
  }),
  column('sid', {
    title: 'SID',
    help: "the session's id, shortened",
    align: 'left',
    width: { min: 10, good: 10, max: 11 },
    priority: 11,
    descending: false,
    aliases: ['id'],
    searched: true,
    value: (row) => row.session?.id,
    format: (id) => (id.length > 10 ? `${id.slice(0, 4)}…${id.slice(-5)}` : id),
  }),
  column('pid', {
    title: 'PID',
    help: 'the process that runs it',
    align: 'right',
    width: { min: 7, good: 11, max: 11 },
    priority: 13,
    under: 'sid',
    withLabel: (text) => `pid ${text}`,
    descending: false,
    searched: true,
    value: (row) => ownProcess(row)?.pid,
    measure: 'number',
  }),
  column('uptime', {
    title: 'UP',
    help: 'how long the process has been running',
    align: 'right',
    width: { min: 6, good: 6, max: 6 },
    priority: 7,
    descending: true,
    value: (row, nowMs) => since(ownProcess(row)?.startedAtMs, nowMs),
    measure: 'duration',
  }),
  column('round', {
    title: 'ROUND',
    help: 'time since your last prompt',
    align: 'right',
    width: { min: 6, good: 6, max: 6 },
    priority: 8,
    under: 'uptime',
    descending: false,
    value: (row, nowMs) => since(row.session?.lastPrompt?.createdAtMs, nowMs),
    measure: 'duration',
  }),
  column('cpu', {
    title: 'CPU',
    help: "the process's CPU use, of one core",
    align: 'right',
    width: { min: 4, good: 4, max: 5 },
    priority: 5,
    descending: true,
    value: (row) => ownProcess(row)?.cpuPercent,
    measure: 'percent',
  }),
  column('memory', {
    title: 'MEM',
    help: "the process's resident memory",
    align: 'right',
    width: { min: 4, good: 4, max: 5 },
    priority: 6,
    under: 'cpu',
    descending: true,
    value: (row) => ownProcess(row)?.rssBytes,
    measure: 'bytes',
  }),
  column('context', {
    title: 'CTX',
    help: "how full the model's window was after the last turn",
    align: 'right',
    width: { min: 4, good: 4, max: 5 },
    priority: 3,
    descending: true,
    value: (row) => row.context.percent,
    measure: 'percent',
  }),
  column('window', {
    title: 'USED',
    help: "tokens in the model's window after the last turn",
    align: 'right',
    width: { min: 5, good: 5, max: 5 },
    priority: 16,
    under: 'context',
    descending: true,
    value: (row) => row.context.usedTokens,
    measure: 'count',
  }),
  column('input', {
    title: 'IN',
    help: 'tokens the models were sent, cached ones included',
    align: 'right',
    width: { min: 5, good: 5, max: 5 },
    priority: 15,
    descending: true,
    value: (row) => {
      const tokens = row.session?.tokens;
      return tokens && sentTokens(tokens);
    },
    measure: 'count',
  }),
  column('output', {
    title: 'OUT',
    help: 'tokens the models wrote, reasoning included',
    align: 'right',
    width: { min: 5, good: 5, max: 5 },
    priority: 14,
    under: 'input',
    descending: true,
    value: (row) => row.session?.tokens && writtenTokens(row.session.tokens),
    measure: 'count',
  }),
  column('cost', {
    title: 'COST',
    help: 'US dollars, subagents included; empty if a model has no price',
    align: 'right',
    width: { min: 6, good: 6, max: 7 },
    priority: 4,
    descending: true,
    value: (row) => row.cost?.total ?? row.cost?.own,
    measure: 'money',
  }),
  column('rate', {
    title: 'T/MIN',
    help: 'tokens in the last full minute',
    align: 'right',
    width: { min: 6, good: 6, max: 6 },
    priority: 19,
    under: 'cost',
    descending: true,
    value: (row) => tokensLastMinute(row.tokensPerMinute),
    measure: 'count',
  }),
  column('model', {
    title: 'MODEL',
    help: 'the model of the last turn',
    align: 'left',
    width: { min: 10, good: 15, max: 22 },
    priority: 9,
    descending: false,
    searched: true,
    filterTexts: ({ session }) => {
      const model = session?.model;
      return [model?.modelId, model && `${model.providerId}/${model.modelId}`];
    },
    value: (row) => row.session?.model?.modelId,
  }),
  column('agent', {
    title: 'AGENT',
    help: 'the agent: build, plan, or your own',
    align: 'left',
    width: { min: 6, good: 8, max: 12 },
    priority: 20,
    under: 'model',
    descending: false,
    searched: true,
    value: (row) => row.session?.agent,
  }),
  column('tmux', {
    title: 'TMUX',
    help: 'its tmux pane, session:window.pane; `orphan` without a terminal, `unwatched` if no TUI shows it',
    align: 'left',
    width: { min: 8, good: 10, max: 16 },
    priority: 10,
    descending: false,
    searched: true,
    value: ({ process, unwatched }) =>
      process?.pane?.target ?? (process?.orphan ? 'orphan' : unwatched ? 'unwatched' : undefined),
  }),
  column('tty', {
    title: 'TTY',
    help: 'the terminal it runs on',
    align: 'left',
    width: { min: 7, good: 7, max: 8 },
    priority: 21,
    under: 'tmux',
    descending: false,
    searched: true,
    value: (row) => row.process?.tty,
  }),
  column('pane-window', {
    title: 'WINDOW',
    help: "the tmux window's name",
    align: 'left',
    width: { min: 8, good: 10, max: 14 },
    priority: 25,
    descending: false,
    searched: true,
    value: (row) => row.process?.pane?.windowName,
  }),
  column('branch', {
    title: 'BRANCH',
    help: 'the git branch of its directory',
    align: 'left',
    width: { min: 8, good: 12, max: 24 },
    priority: 30,
    under: 'pane-window',
    descending: false,
    searched: true,
    value: (row) => row.branchName,
  }),
  column('directory', {
    title: 'DIRECTORY',
    help: 'its working directory',
    align: 'left',
    keeps: 'end',
    width: { min: 12, good: 20, max: 32 },
    priority: 17,
    descending: false,
    aliases: ['dir'],
    searched: true,
    value: (row) => row.session?.directory ?? row.process?.cwdText,
  }),
  column('match', {
    title: 'MATCH',
    help: 'the evidence that this process runs this session; `?` marks a guess',
    align: 'left',
    width: { min: 9, good: 10, max: 11 },
    priority: 22,
    under: 'directory',
    descending: false,
    filterTexts: ({ match }) => [match?.evidence, match?.confidence],
    value: (row) => row.match?.evidence,
    format: (evidence, row) => evidence + (row.match?.confidence === 'guess' ? '?' : ''),
  }),
  column('needs', {
    title: 'NEEDS',
    help: 'whether it needs you, or ended unread',
    align: 'left',
    width: { min: 6, good: 6, max: 6 },
    priority: 27,
    descending: true,
    filterTexts: ({ state }) => (state.needsYou ? ['yes', 'you'] : state.unread ? ['unread', 'no'] : ['no']),
    choices: ['you', 'unread', 'yes', 'no'],
    value: (row) => (row.state.needsYou ? 2 : row.state.unread ? 1 : 0),
    format: (needs) => ['', 'unread', 'you'][needs] ?? '',
  }),
  column('since', {
    title: 'SINCE',
    help: 'how long it has been in its state',
    align: 'right',
    width: { min: 6, good: 6, max: 6 },
    priority: 26,
    under: 'needs',
    descending: true,
    value: (row, nowMs) => since(row.state.sinceMs, nowMs),
    measure: 'duration',
  }),
  column('subagents', {
    title: 'SUBS',
    help: 'subagents it started',
    align: 'right',
    width: { min: 4, good: 4, max: 5 },
    priority: 23,
    descending: true,
    value: (row) => (row.session === undefined ? undefined : row.children.length),
    measure: 'number',
  }),
  column('todos', {
    title: 'TODO',
    help: 'todos done of all',
    align: 'right',
    width: { min: 5, good: 5, max: 5 },
    priority: 24,
    under: 'subagents',
    descending: true,
    value: (row) => row.session?.todos?.total,
    format: (total, row) => `${row.session?.todos?.done ?? 0}/${total}`,
  }),
  column('version', {
    title: 'VERSION',
    help: 'the opencode version of its server, if known, else the one that made the session',
    align: 'left',
    width: { min: 7, good: 7, max: 9 },
    priority: 28,
    descending: false,
    value: (row) => row.process?.version ?? row.session?.version,
  }),
  column('host', {
    title: 'HOST',
    help: 'the machine it runs on',
    align: 'left',
    width: { min: 8, good: 8, max: 12 },
    priority: 29,
    under: 'version',
    descending: false,
    searched: true,
    value: (row) => row.host,
  }),
] as const;

/** A column's name in `--sort`, in the configuration and in the saved view. */
export type ColumnId = (typeof records)[number]['id'];

/** All columns in their default order. */
export const columns: readonly Column[] = records;

/** The ids of all columns in their default order. */
export const columnIds: readonly ColumnId[] = columns.map(({ id }) => id);

/** Columns up to this priority get their minimum width before any column grows beyond its own minimum. */
export const corePriority = 4;

const byId: ReadonlyMap<string, Column> = new Map(columns.map((each) => [each.id, each]));

/** Returns the column with this id, or undefined if there is none. */
export function findColumn(id: string): Column | undefined {
  return byId.get(id);
}

function since(startMs: number | undefined, nowMs: number): number | undefined {
  return startMs === undefined ? undefined : Math.max(0, nowMs - startMs);
}

function sinceText(row: Row, nowMs: number): string {
  const span = since(row.state.sinceMs, nowMs);
  return span === undefined ? '' : shortDuration(span);
}

/** Undefined for a subagent: it shares its root's process, and the root's row already shows those figures. */
function ownProcess(row: Row): Row['process'] {
  return isSubagentRow(row) ? undefined : row.process;
}

/** The prefix of a title in the tree: a subagent's depth, or the number of subagents that a folded root hides. */
function treeSign({ treePosition }: Row): string {
  if (!treePosition) return '';
  if (treePosition.depth > 0) return `${'  '.repeat(treePosition.depth - 1)}└ `;
  return treePosition.hidden > 0 ? `[+${treePosition.hidden}] ` : '';
}
