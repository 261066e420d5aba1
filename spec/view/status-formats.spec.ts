import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { statusFormats } from '../../lib/domain/board/status-format-names.ts';
import { sanitize } from '../../lib/text/sanitize.ts';
import { asciiGlyphs, unicodeGlyphs } from '../../lib/view/glyphs.ts';
import { showsTotals, statusText, statusTrouble } from '../../lib/view/status-formats.ts';
import { board, fleet, row } from '../support/board.ts';
import { text } from '../support/builders.ts';
import { statusFaults } from '../support/schema-faults.ts';

const status = (format: (typeof statusFormats)[number], of = board(fleet)) =>
  statusText(of, format, unicodeGlyphs);
const hostile = [
  'a | color=red bash=/bin/sh param1=-c terminal=false',
  '-- submenu',
  '---',
  'line\nbreak\r\nand \\n more',
  '#[fg=red]#(touch /tmp/owned)#{pane_id}',
  '<b>bold</b> & "quotes" \'too\' <span',
  ':smile: :sun.max: \u001b[31mred\u001b[0m',
  '\u202eturned\u0000\ud800',
];
const nasty = (title: string) => board([row('nasty', 'x', { session: { ...titled(title) } })]);

function titled(title: string) {
  const { session } = row('nasty', 'x');
  if (!session) throw new Error('a row has a session');
  return { ...session, title: sanitize(title) };
}

/** Parses Pango markup. Throws if elements are not closed in order, or a special character is not escaped. */
function pangoText(markup: string): string {
  const open: string[] = [];
  const plain = markup.replace(
    /<(\/?)(b|span)((?: color='#[0-9a-f]{6}')?)>/g,
    (_all, slash: string, name: string) => {
      if (slash === '') open.push(name);
      else expect(open.pop()).toBe(name);
      return '';
    },
  );
  expect(open).toEqual([]);
  expect(plain).not.toMatch(/[<>]|&(?!(?:amp|lt|gt|quot|#39);)/);
  return plain;
}

describe('the status line', () => {
  it('is one short segment', () => {
    expect(status('plain')).toMatchInlineSnapshot(`"?1 ✖1 ●1 ▶1 ○1"`);
    expect(status('plain', board([]))).toBe('○0');
    expect(statusText(board(fleet), 'plain', asciiGlyphs)).toBe('?1 x1 *1 >1 o1');
  });

  it('has tmux colours', () => {
    expect(status('tmux')).toMatchInlineSnapshot(
      `"#[fg=colour220,bold]?1#[default] #[fg=colour210,bold]✖1#[default] #[fg=colour177,bold]●1#[default] #[fg=colour114]▶1#[default] #[fg=colour251]○1#[default]"`,
    );
  });

  it('has a menu of sessions by group for SwiftBar', () => {
    expect(status('swiftbar').replaceAll('\x1b', 'ESC')).toMatchInlineSnapshot(`
      "ESC[33m?1ESC[0m ESC[31m✖1ESC[0m ESC[35m●1ESC[0m ESC[32m▶1ESC[0m ○1 | ansi=true
      ---
      Needs you (2) | color=#ffd700 size=13
      ? Refactor the api client · permission 3m · claude-opus-4-6 | color=#ffd700 size=12 emojize=false symbolize=false ansi=false
      ✖ Ship it 👨 · error 10m · claude-opus-4-6 | color=#ff8787 size=12 emojize=false symbolize=false ansi=false
      Done (1) | color=#d787ff size=13
      ● 日本語のタイトルを直す 👍 done · done 1m · claude-opus-4-6 | color=#d787ff size=12 emojize=false symbolize=false ansi=false
      Working (1) | color=#87d787 size=13
      ▶ Debug the pipeline · tool use 12s · claude-opus-4-6 | color=#87d787 size=12 emojize=false symbolize=false ansi=false
      Idle (1) | color=#c6c6c6 size=13
      ○ Write the changelog · idle 30s · claude-opus-4-6 | color=#c6c6c6 size=12 emojize=false symbolize=false ansi=false
      ---
      today: 14 sessions · 1200 msgs · 8.2M ctx | color=#a8a8a8 size=11
      ---
      Refresh | refresh=true"
    `);
  });

  it('has a tooltip of sessions by group for waybar, on one line of JSON', () => {
    const line = status('waybar');
    expect(line).not.toContain('\n');
    const { text: segment, alt, class: classes, tooltip } = JSON.parse(line);
    expect(pangoText(segment)).toBe('?1 ✖1 ●1 ▶1 ○1');
    expect({ alt, classes }).toEqual({ alt: 'needs-you', classes: ['needs-you', 'done', 'working', 'idle'] });
    expect(pangoText(tooltip).split('\n')).toContain(
      '? Refactor the api client · permission 3m · claude-opus-4-6',
    );
  });

  it('says that the totals of today are still counted, and shows no part of them', () => {
    const counting = board(fleet, { totalsProgress: 0.3 });
    expect(status('swiftbar', counting)).toMatch(/^today: still counting \(30%\) \| color=/m);
    expect(JSON.parse(status('waybar', counting)).tooltip).toMatch(/\ntoday: still counting \(30%\)$/);
  });
});

describe('the totals of today', () => {
  it.each(statusFormats)('are read for %s only if it shows them', (format) => {
    const summed = board(fleet);
    const isShown = status(format, summed) !== status(format, { ...summed, totalsProgress: 0 });
    expect(showsTotals(format)).toBe(isShown);
  });
});

describe('hostile titles', () => {
  it.each(hostile)('do not break SwiftBar lines: %j', (title) => {
    const lines = status('swiftbar', nasty(title)).split('\n');
    expect(lines.filter((line) => line === '---')).toHaveLength(3);
    for (const line of lines.filter((each) => each !== '---')) {
      expect(line.split('|')).toHaveLength(2);
      expect(line).not.toMatch(/^--/);
      expect(line.split('|')[1]).toMatch(/^( (color|size|ansi|emojize|symbolize|refresh)=[#\w]+)+$/);
    }
    expect(lines[3]).not.toMatch(/[\\\x1b]/);
  });

  it.each(hostile)('do not break waybar markup: %j', (title) => {
    const { text: segment, tooltip } = JSON.parse(status('waybar', nasty(title)));
    pangoText(segment);
    expect(pangoText(tooltip).split('\n')).toHaveLength(3);
  });

  it('never appear in the tmux and plain formats', () => {
    for (const title of hostile) {
      expect(status('tmux', nasty(title))).toMatch(/^#\[fg=colour\d+\]○1#\[default\]$/);
      expect(status('plain', nasty(title))).toBe('○1');
    }
  });

  it('keep every format well-formed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (title) => {
        for (const format of statusFormats) {
          const out = status(format, nasty(title));
          if (format === 'json' || format === 'waybar') JSON.parse(out);
          if (format === 'waybar') pangoText(JSON.parse(out).tooltip);
          if (format === 'swiftbar') expect(out.split('\n')).toHaveLength(8);
        }
      }),
    );
  });
});

describe('the JSON of a status', () => {
  it('matches its schema, and keeps the old name of the count as an alias', () => {
    const document = JSON.parse(status('json'));
    expect(statusFaults(document)).toEqual([]);
    expect(document).toMatchObject({ needs_you_count: 2, needs_you: 2 });
  });
});

describe('a status that is not available', () => {
  it('gives a warning with its reason in the formats that support one', () => {
    const why = text('no | <answer>');
    expect(statusTrouble(why, 'swiftbar').split('\n')[2]?.split('|')).toHaveLength(2);
    expect(pangoText(JSON.parse(statusTrouble(why, 'waybar')).tooltip)).toBe('no | &lt;answer&gt;');
    expect(statusTrouble(why, 'tmux')).toBe('');
  });
});
