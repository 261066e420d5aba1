import { appendFile } from 'node:fs/promises';
import { median, type Notices } from './notice.ts';
import type { StoryOutcomes } from './stories/all.ts';
import type { Tally } from './tally.ts';

/** The result of one version with one seed. */
export interface Result {
  readonly version: string;
  readonly seed: number;
  readonly panes: number;
  readonly tally: Tally;
  readonly notices: Notices;
  readonly stories: StoryOutcomes;
  readonly seconds: number;
}

/** Appends a result to a file as one line of JSON. */
export async function appendResult(path: string, result: Result): Promise<void> {
  const { tally, notices, stories, ...rest } = result;
  const flat = {
    ...rest,
    ...tally,
    notices: Object.fromEntries(notices),
    stories: Object.fromEntries(stories),
  };
  await appendFile(path, `${JSON.stringify(flat)}\n`);
}

const headings = [
  'opencode',
  'seed',
  'panes',
  'own session',
  'certain, wrong',
  'states right',
  'without process',
  'noticed after (ms)',
  'stories',
  'failed',
];

/** Returns the median delays on the screen and in `sessions`: `question 120/310`. */
function noticed(notices: Notices): string {
  const each = [...notices].map(([name, { screen, sessions }]) => {
    const [one, other] = [screen, sessions].map((times) =>
      times.length > 0 ? Math.round(median(times)) : '-',
    );
    return `${name} ${one}/${other}`;
  });
  return each.join(', ') || '-';
}

function cellsOf({ version, seed, panes, tally, notices, stories }: Result): readonly string[] {
  const percent = tally.states === 0 ? '-' : ((100 * tally.statesRight) / tally.states).toFixed(2);
  const passed = [...stories.values()].filter((outcome) => outcome === 'passed').length;
  return [
    version,
    `${seed}`,
    `${panes}`,
    `${tally.typedRight}/${tally.typed}`,
    `${tally.certain}, ${tally.certainWrong}`,
    `${tally.statesRight}/${tally.states} (${percent} %)`,
    `${tally.ghosts}`,
    noticed(notices),
    stories.size === 0 ? '-' : `${passed}/${stories.size}`,
    `${tally.failed}`,
  ];
}

/** Returns the results as lines of a Markdown table. */
export function resultTable(results: readonly Result[]): readonly string[] {
  const rows = [headings, headings.map(() => '---'), ...results.map(cellsOf)];
  return rows.map((cells) => `| ${cells.join(' | ')} |`);
}
