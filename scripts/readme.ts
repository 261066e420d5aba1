import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { documentSections, withSections } from './document-sections.ts';
import { filmToCast } from './film/cast.ts';
import { recordFilm } from './film/record.ts';
import { set, storyboard } from './film/storyboard.ts';
import { filmToSvg } from './film/svg.ts';

// `npm run readme`: updates the generated sections of the documents, and the README's film of the simulated fleet.
const root = resolve(import.meta.dirname, '..');
const temporaryDir = mkdtempSync(join(tmpdir(), 'otop-film-'));
try {
  const film = await recordFilm(set, storyboard, temporaryDir);
  writeFileSync(resolve(root, '.github/otop.svg'), filmToSvg(film));
  writeFileSync(resolve(root, '.github/otop.cast'), filmToCast(film));
} finally {
  rmSync(temporaryDir, { recursive: true, force: true });
}

for (const [name, sections] of Object.entries(documentSections)) {
  const path = resolve(root, name);
  writeFileSync(path, withSections(readFileSync(path, 'utf8'), sections));
}
