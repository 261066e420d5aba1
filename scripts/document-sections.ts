import { declaredCommandLine } from '../lib/cli/command-line.ts';
import type { CommandOutline, OptionOutline } from '../lib/cli/command-outline.ts';
import { outlineOf } from '../lib/cli/command-outline.ts';
import { environment, exitStatus, ownFiles } from '../lib/cli/manual-page.ts';
import { rowOptions, sourceOptions } from '../lib/cli/options.ts';
import { settingTypes, themes } from '../lib/domain/schema/configuration.ts';
import { type StateName, stateNames } from '../lib/domain/session/state.ts';
import { columns } from '../lib/domain/table/columns.ts';
import { filterExamples, filterFields, filterSyntax } from '../lib/domain/table/filter-fields.ts';
import { shownKeys } from '../lib/domain/ui/key-action.ts';
import { keymap } from '../lib/domain/ui/keymap.ts';
import { capitalized } from '../lib/text/format.ts';
import { unicodeGlyphs } from '../lib/view/glyphs.ts';
import { stateHelp } from '../lib/view/help.ts';
import { stateStyle } from '../lib/view/state-style.ts';
import { benchParts, type Figures, readResults } from './bench/results.ts';
import { jsonSection } from './json-section.ts';
import { escaped, keysAsCode, prose, table } from './markdown.ts';

// The keys that the README lists, by the names of their actions; docs/reference.md has all.
const firstKeys = [
  'next waiting',
  'detail',
  'jump',
  'inbox',
  'filter',
  'sort by',
  'tree',
  'end',
  'setup',
  'help',
];

function keyRows(labels: readonly string[]): string[][] {
  return labels.map((label) => {
    const binding = keymap.find((each) => each.label === label);
    if (binding === undefined) throw new Error(`no key has the name ${label}`);
    return [keysAsCode(shownKeys(binding)), prose(binding.help)];
  });
}

function stateRow(name: StateName, word: string, meaning: string): string[] {
  const state = { name, needsYou: false, unread: word === 'done', rule: '' };
  return [`\`${stateStyle(state, unicodeGlyphs).glyph}\``, `\`${word}\``, prose(meaning)];
}

/** The figures of the last saved `npm run bench`, with a remark at each missed target. */
function benchSection(): string {
  const results = readResults();
  const parts = benchParts.map((part) => results[part]).filter((figures) => figures !== undefined);
  const tables = parts.map((figures) => `${figures.load}:\n\n${benchTable(figures)}`);
  return `${results.date}, ${results.machine}.\n\n${tables.join('\n\n')}`;
}

function benchTable({ labels, rows }: Figures): string {
  return table(
    ['', ...labels, 'wanted'],
    rows.flatMap(({ title, target = '', cells }) =>
      title === undefined
        ? []
        : [[title, ...cells.map(({ text, isMet }) => (isMet === false ? `${text}, missed` : text)), target]],
    ),
  );
}

function optionRow({ short, long, value, choices, description, fallback }: OptionOutline): string[] {
  const names = [short, long].filter((name) => name !== undefined).map((name) => `\`${name}\``);
  const named = value === undefined ? '' : ` \`${value}\``;
  const list = choices.length > 0 ? `: ${choices.map((choice) => `\`${choice}\``).join(', ')}` : '';
  const unless = fallback === undefined ? '' : ` (default: \`${fallback}\`)`;
  return [`${names.join(' ')}${named}`, `${prose(description)}${list}${unless}`];
}

const optionTable = (options: readonly OptionOutline[]) =>
  table(['option', 'what it does'], options.map(optionRow));

const longNames = (options: readonly { readonly long?: string | undefined }[]) =>
  new Set(options.map(({ long }) => long));

/** Every command with its options. Options of many commands are in two tables before them. */
function commandsSection(outlines: readonly CommandOutline[]): string {
  const sources = longNames(sourceOptions());
  const rows = longNames([...rowOptions(), { long: '--filter' }]);
  const [dashboard] = outlines;
  if (dashboard === undefined) throw new Error('there is no command');
  const shared = (names: ReadonlySet<string | undefined>) =>
    dashboard.options.filter(({ long }) => names.has(long));
  const parts = outlines.map(({ name, description, arguments: words, options }) => {
    const word = words.map((each) => (each.required ? ` <${each.name}>` : ` [${each.name}]`)).join('');
    const choices = words
      .filter((each) => each.choices.length > 0)
      .map((each) => {
        const list = each.choices.map((choice) => `\`${choice}\``).join(', ');
        return words.length === 1 ? ` One of ${list}.` : ` ${capitalized(each.name)}: one of ${list}.`;
      })
      .join('');
    const takes = [
      ...(options.some(({ long }) => sources.has(long)) ? ['[sources](#options-for-the-sources)'] : []),
      ...(options.some(({ long }) => rows.has(long)) ? ['[rows](#options-for-the-rows)'] : []),
    ];
    const own = options.filter(({ long }) => !sources.has(long) && !rows.has(long) && long !== '--help');
    const sentence =
      name === ''
        ? 'Shows the dashboard; without a terminal, prints one frame as text'
        : capitalized(prose(description));
    return [
      `### \`otop${name === '' ? '' : ` ${name}`}${word}\``,
      `${sentence}.${choices}${takes.length > 0 ? ` Options for the ${takes.join(' and the ')}.` : ''}`,
      ...(own.length > 0 ? [optionTable(own)] : []),
    ].join('\n\n');
  });
  return [
    ['### Options for the sources', optionTable(shared(sources))].join('\n\n'),
    ['### Options for the rows', optionTable(shared(rows))].join('\n\n'),
    ...parts,
  ].join('\n\n');
}

/** The generated sections of each document, by the name in their markers, from the same records as the program. */
export const documentSections: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'README.md': {
    'ten keys': table(['key', 'what it does'], keyRows(firstKeys)),
  },
  'docs/reference.md': {
    commands: commandsSection(outlineOf(declaredCommandLine())),
    'exit codes': table(
      ['code', 'meaning'],
      exitStatus.map(([number, meaning]) => [number, meaning]),
    ),
    keys: table(
      ['key', 'name', 'what it does'],
      keymap.map((binding) => [keysAsCode(shownKeys(binding)), binding.label, prose(binding.help)]),
    ),
    columns: table(
      ['`--sort`', 'header', 'what it shows'],
      columns.map(({ id, title, help }) => [`\`${id}\``, title, help]),
    ),
    states: table(
      ['sign', 'state', 'meaning'],
      stateNames.flatMap((name) => [
        stateRow(name, name, stateHelp[name]),
        ...(name === 'idle'
          ? [stateRow(name, 'done', 'an idle session whose end of turn you have not viewed')]
          : []),
      ]),
    ),
    filter: table(
      ['write', 'the session …'],
      filterSyntax.map(([example, help]) => [`\`${escaped(example)}\``, escaped(help)]),
    ),
    fields: table(
      ['field', 'what it is', 'its values'],
      filterFields.map((field) => [
        field.names.map((name) => `\`${name}\``).join(' ') + (field.searched ? ' *' : ''),
        field.help,
        filterExamples(field),
      ]),
    ),
    settings: table(
      ['setting', 'what it is', 'default'],
      Object.entries(settingTypes).map(([key, { description, default: fallback }]) => [
        `\`${key}\``,
        description,
        key === 'columns' ? 'all of them' : `\`${JSON.stringify(fallback)}\``,
      ]),
    ),
    themes: table(
      ['`--theme`', 'what it is for'],
      themes.map(({ name, help }) => [`\`${name}\``, help]),
    ),
    environment: table(
      ['variable', 'what otop takes from it'],
      environment.map(([name, meaning]) => [name.replace(/\w+/g, '`$&`'), prose(meaning)]),
    ),
    files: table(
      ['file', 'content'],
      ownFiles.map(([path, content]) => [`\`${path}\``, prose(content)]),
    ),
    json: jsonSection(),
  },
  'docs/performance.md': { bench: benchSection() },
};

/** Returns a document with its generated sections updated; throws if a section's markers are missing. */
export function withSections(document: string, sections: Readonly<Record<string, string>>): string {
  return Object.entries(sections).reduce((text, [name, body]) => {
    const found = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
    if (!found.test(text)) throw new Error(`there is no <!-- ${name} --> … <!-- /${name} -->`);
    return text.replace(found, (_all, open: string, close: string) => `${open}${body}\n${close}`);
  }, document);
}
