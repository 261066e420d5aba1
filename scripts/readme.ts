import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { openingUiState, singleFrame } from '../lib/dashboard/single-frame.ts';
import { settled } from '../lib/domain/schema/configuration.ts';
import { openMonitor } from '../lib/monitor/open-monitor.ts';
import { takeBoardWithTotals } from '../lib/monitor/take-board.ts';
import { systemClock } from '../lib/system/clock.ts';
import { runCommand } from '../lib/system/run-program.ts';
import { frameAnsi } from '../lib/view/frame.ts';
import { unicodeGlyphs } from '../lib/view/glyphs.ts';
import { themeStyles } from '../lib/view/themes.ts';
import { documentSections, withSections } from './document-sections.ts';
import { frameToSvg } from './svg-frame.ts';

// `npm run readme`: updates the generated sections of the documents, and the README's picture, a frame of the simulated fleet drawn
// from the cells of the terminal.
const root = resolve(import.meta.dirname, '..');
const size = { cols: 150, rows: 42 };
const context = {
  env: process.env,
  homeDir: tmpdir(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  clock: systemClock,
  machine: {
    platform: process.platform,
    procRoot: '/proc',
    run: runCommand,
    program: { node: process.execPath, script: '' },
  },
};
const options = { demo: true, seed: 1, color: true, mouse: false };

const { monitor } = await openMonitor(options, context, false);
const board = await takeBoardWithTotals(monitor, context);
monitor.close();
const view = singleFrame({ board, ui: openingUiState({}, settled()), size, glyphs: unicodeGlyphs });
writeFileSync(
  resolve(root, '.github/otop.svg'),
  frameToSvg(frameAnsi(view, themeStyles('default')).split('\n'), size.cols),
);

for (const [name, sections] of Object.entries(documentSections)) {
  const path = resolve(root, name);
  writeFileSync(path, withSections(readFileSync(path, 'utf8'), sections));
}
