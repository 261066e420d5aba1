import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { filmToCast } from '../../scripts/film/cast.ts';
import { recordFilm } from '../../scripts/film/record.ts';
import { set, storyboard } from '../../scripts/film/storyboard.ts';
import { filmToSvg } from '../../scripts/film/svg.ts';

async function built(): Promise<{ readonly svg: string; readonly cast: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'otop-film-'));
  try {
    const film = await recordFilm(set, storyboard, folder);
    return { svg: filmToSvg(film), cast: filmToCast(film) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

it("builds the README's film with the same bytes each time", async () => {
  const first = await built();
  const second = await built();
  expect(first.svg === second.svg).toBe(true);
  expect(first.cast === second.cast).toBe(true);
});
