/** A word in every hostile text. If the output contains it, the field was read. */
export const canary = 'canary';

const introducers = { esc: '\x1b', csi: '\x1b[', csi8: '\x9b', osc: '\x1b]', osc8: '\x9d' };
const terminators = ['\x07', '\x1b\\', '\x9c', ''];

/** CSI sequences that erase, move, switch modes, send replies as keys, scroll or print. */
const csiCommands = [
  ...['2J', '3J', 'K', 'H', '999;999H', '5A', '5B', '5D', '2L', '2M', '99P', '9@', '4X', 'S', 'T', '3g'],
  ...['?1049h', '?1049l', '?25l', '?25h', '?1000h', '?1003h', '?1006h', '?2004h', '?2026h', '?7l', '?5h'],
  ...['!p', 'c', '>c', '=c', '5n', '6n', '?6n', '14t', '18t', '21t', '8;1;1t', '22;0t', '5i', '4i', '1;5r'],
  ...[
    '31m',
    '8m',
    '38;2;1;2;3m',
    '7;5m',
    '0m',
    '4:3m',
    's',
    'u',
    '>4;2m',
    '0q',
    ' q',
    '\x0831m',
    '9999999999m',
  ],
];

/** Titles, links, the clipboard, colours, files, notifications, semantic prompts. */
const oscCommands = [
  ...[
    '0;pwned',
    '1;pwned',
    '2;pwned',
    'l;pwned',
    '7;file://evil/',
    '4;1;rgb:ff/00/00',
    '10;?',
    '11;?',
    '104',
  ],
  ...[
    '52;c;cm0gLXJmIC8=',
    '52;;?',
    '52;p;!',
    '8;;http://evil.example',
    '8;id=1;file:///etc/passwd',
    '9;gotcha',
  ],
  ...['777;notify;a;b', '1337;File=name=x:AAAA', '1337;SetUserVar=a=YQ==', '133;A', '633;P;Cwd=/', '50;font'],
];

const strings = ['P', '_', '^', 'X', '\x90', '\x9f', '\x9e', '\x98'];
const stringBodies = ['+q544e', 'Gi=1,a=T;AAAA', 'tmux;\x1b\x1b]52;c;AAAA\x07', '$q"p', '0;0|17/ab'];

function sequences(): string[] {
  return [
    ...csiCommands.flatMap((command) => [
      introducers.csi + command,
      ...(command.length < 3 ? [introducers.csi8 + command] : []),
    ]),
    ...oscCommands.flatMap((command, at) => {
      const end = terminators[at % terminators.length] ?? '';
      return [introducers.osc + command + end, `${introducers.osc8}${command}\x9c`];
    }),
    ...strings.flatMap((start) =>
      stringBodies.map(
        (body) => `${start < '\x80' ? introducers.esc : ''}${start}${body}${introducers.esc}\\`,
      ),
    ),
    ...[
      'c',
      '7',
      '8',
      'D',
      'E',
      'M',
      'H',
      'N',
      'O',
      'Z',
      '=',
      '>',
      '(0',
      ')B',
      '#8',
      '%G',
      '%@',
      ' F',
      '\x1b[31m',
      'k',
    ].map((rest) => introducers.esc + rest),
  ];
}

/** Invisible characters; each is used next to letters and next to itself, since a pattern may miss one position. */
const invisibles = [
  ...[
    '\u200b',
    '\u200c',
    '\u200d',
    '\u200e',
    '\u200f',
    '\u2060',
    '\u2061',
    '\u2064',
    '\ufeff',
    '\u00ad',
    '\u061c',
  ],
  ...[
    '\u202a',
    '\u202b',
    '\u202c',
    '\u202d',
    '\u202e',
    '\u2066',
    '\u2067',
    '\u2068',
    '\u2069',
    '\u180e',
    '\u034f',
  ],
  ...[
    '\u115f',
    '\u1160',
    '\u3164',
    '\uffa0',
    '\u17b4',
    '\u2028',
    '\u2029',
    '\u0085',
    '\ufff9',
    '\ufffb',
    '\ufe0e',
    '\ufe0f',
  ],
  ...['\u{e0001}', '\u{e0041}', '\u{e007f}', '\u{e0100}', '\u{e01ef}', '\u{1d173}', '\u{1bca0}', '\u{13430}'],
];

const controls = [
  ...Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)),
  '\x7f',
  ...Array.from({ length: 32 }, (_, code) => String.fromCharCode(0x80 + code)),
];

const languages = [
  // blessed
  ...[
    '{bold}x{/bold}',
    '{red-fg}',
    '{/}',
    '{|}',
    '{center}c{/center}',
    '{escape}{bold}{/escape}',
    '{open}{close}',
  ],
  // tmux
  ...['#(touch /tmp/otop-pwned)', '#{pane_pid}', '#[fg=red]', '##', '#{E:@x}', '#{l:x}', '%H:%M', '#S:#I'],
  // SwiftBar, Pango, Prometheus, HTML
  ...[
    'x | bash=/bin/rm param1=-rf terminal=false',
    '---',
    '--sub',
    'x\n---\ny | href=http://evil',
    ':smile: :sun.max:',
  ],
  ...['<span size="99999">x</span>', '</span><b>', '&amp; &#0; &bogus;', '<script>alert(1)</script>'],
  ...['x"} 1\notop_sessions 9', 'a\\n"b\\', '# HELP otop pwned', '{le="+Inf"} 0'],
  // shells
  ...[
    '$(touch /tmp/otop-pwned)',
    '`touch /tmp/otop-pwned`',
    '; rm -rf ~ #',
    "'; id; '",
    '"; id; "',
    '| id',
    '&& id',
    '> /tmp/x',
  ],
  ...[
    '$HOME $' + '{IFS}',
    '~root',
    '!!',
    '--help',
    '-rf',
    '*',
    '\\',
    "$'\\x1b[2J'",
    '%s%n%x',
    '../../../etc/passwd',
    'C:\\x',
  ],
  // JSON, SQL, regular expressions, formats
  ...[
    '","a":"',
    '\\u001b[2J',
    '\\',
    '{"title":1}',
    "'; drop table session; --",
    '(a+)+$',
    '[',
    '__proto__',
    'constructor',
  ],
  ...[
    'toString',
    'null',
    'undefined',
    'NaN',
    '-1',
    '1e999',
    '0x1b',
    '%1b%5b2J',
    '&#27;[2J',
    '^[[2J',
    '\\e[2J',
    '\\033[2J',
  ],
];

const marks = ['\u0301', '\u0336', '\u0489', '\u20dd', '\u20e3', '\u0e47', '\u0f74', '\u1abe', '\ufe20'];

const clusters = [
  ...[
    '👨\u200d👩\u200d👧\u200d👦',
    '👍🏽',
    '🏴\u{e0067}\u{e0062}\u{e007f}',
    '🇩🇪🇩',
    '1\ufe0f\u20e3',
    '❤\ufe0f\u200d🔥',
    '🫩🫨🪿',
  ],
  ...[
    '\u1112\u1161\u11ab',
    '\u1112'.repeat(9),
    '\u1161\u11ab',
    '各\ufe00',
    '⚠ ⚠\ufe0f ™ ℹ',
    'ﷺ',
    '𒐫',
    '꧅',
    '\u0dde',
    'क्ष्म्य',
  ],
  ...[
    '日本語のタイトル',
    'שלום',
    'مرحبا',
    'Ω≈ç√∫',
    '\u3000\u3000',
    '\ufffd',
    '\ufffe\uffff',
    '\u{10ffff}',
    '\u{f0000}',
    '\ue000',
  ],
];

const halves = [
  '\ud83d',
  '\udc68',
  '\udc68\ud83d',
  '\ud83dx',
  '\udbff',
  '\ud800\ud800',
  '👍'.slice(0, 1),
  'a\udfffb\ud8ffc',
];

/** Bytes of other encodings, decoded as UTF-8 or as Latin-1. */
const encodings = [
  ...[
    'Ã¼ber',
    'fa\x80ade',
    '\x93quoted\x94',
    '\x85\x91\x92\x96',
    'Â\x9b2J',
    '\xc2\x9bm',
    '\xe2\x80\xae',
    '\xef\xbf\xbd',
    '\xff\xfe',
  ],
];

const floods = [
  ...[
    '\x1b',
    '\x1b[',
    '\x9b',
    '\x1b]0;',
    '\u0301',
    '\u200d',
    '\u202e',
    '👨\u200d',
    '日',
    '{bold}',
    '\n',
    '\t',
    ' ',
    '#(',
    '\0',
  ].map((unit) => unit.repeat(1000)),
  'x'.repeat(20_000),
  `${'👍🏽'.repeat(1000)}\x1b[2J`,
];

/**
 * Over 300 texts that do harm if they are printed unchanged. Each ends with `canary`; floods begin with it, since
 * their end is cut off.
 */
export const hostileTexts: readonly string[] = [...new Set(everything())];

/** The same texts, nine joined into one: fewer rows for fields that are not truncated. */
export const hostileBundles: readonly string[] = bundles(hostileTexts, 9);

function bundles(texts: readonly string[], size: number): string[] {
  const count = Math.ceil(texts.length / size);
  // Neighbours are of one kind, so a step width gives each bundle one text of every kind.
  return Array.from({ length: count }, (_, first) =>
    texts.filter((_text, at) => at % count === first).join(' '),
  );
}

function everything(): string[] {
  return [
    ...sequences().map((text) => `a${text}b ${canary}`),
    ...invisibles.map((text) => `${text}a${text.repeat(3)}b${text} ${canary}`),
    ...controls.map((text) => `${text}a${text}${text}b ${canary}`),
    ...languages.map((text) => `${text} ${canary}`),
    ...marks.map((mark) => `${mark}Z${mark.repeat(400)}y ${canary}`),
    ...[...clusters, ...halves, ...encodings].map((text) => `${text} ${text} ${canary}`),
    ...floods.map((text) => `${canary} ${text}`),
  ];
}
