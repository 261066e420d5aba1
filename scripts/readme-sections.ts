import { settingTypes, themes } from '../lib/domain/schema/configuration.ts';
import { columns } from '../lib/domain/table/columns.ts';
import { filterExamples, filterFields, filterSyntax } from '../lib/domain/table/filter-fields.ts';
import { shownKeys } from '../lib/domain/ui/key-action.ts';
import { keymap } from '../lib/domain/ui/keymap.ts';
import { benchParts, type Figures, readResults } from './bench/results.ts';

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const escaped = (text: string) => text.replaceAll('|', '\\|');

const code = (text: string) =>
  text
    .split(' ')
    .map((word) => (word === '\\' || word === '|' ? `\`\\${word}\`` : `\`${word}\``))
    .join(' ');

/** Returns the figures of the last saved `npm run bench`, with a remark at each missed target. */
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

/** The README's generated sections by the name in their markers, from the same records as the program. */
export const readmeSections: Readonly<Record<string, string>> = {
  keys: table(
    ['key', 'name', 'what it does'],
    keymap.map((binding) => [code(shownKeys(binding)), binding.label, binding.help]),
  ),
  columns: table(
    ['`--sort`', 'header', 'what it shows'],
    columns.map(({ id, title, help }) => [`\`${id}\``, title, help]),
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
    ['setting', 'what it is', 'unless told'],
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
  bench: benchSection(),
};

/** Returns a README with its generated sections updated; throws if a section's markers are missing. */
export function withSections(readme: string, sections: Readonly<Record<string, string>>): string {
  return Object.entries(sections).reduce((text, [name, body]) => {
    const found = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
    if (!found.test(text)) throw new Error(`README.md has no <!-- ${name} --> … <!-- /${name} -->`);
    return text.replace(found, (_all, open: string, close: string) => `${open}${body}\n${close}`);
  }, readme);
}
