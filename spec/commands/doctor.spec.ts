import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandIn } from '../support/command.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'otop-doctor-home-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const doctor = (...args: string[]) => runCommandIn(['doctor', ...args], { HOME: home, TMPDIR: home });

describe('otop doctor, as a command', () => {
  it('exits with 0 if nothing is broken, and prints a line per finding', async () => {
    const { code, out, err } = await doctor('--demo');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [first, ...lines] = out.trimEnd().split('\n');
    expect(first).toMatch(/^otop \d+\.\d+\.\d+ \(.*\)$/);
    for (const line of lines) expect(line).toMatch(/^(ok {5}|warning) {2}[a-z]/);
  });

  it('exits with 1 if something is broken, and says what to do', async () => {
    const path = join(home, 'poem.db');
    writeFileSync(path, 'no database at all '.repeat(500));
    const { code, out } = await doctor('--db', path);
    expect(code).toBe(1);
    expect(out).toMatch(/^problem {2}database .*~\/poem\.db.*--db PATH/m);
  });

  it('says where it looked for a database if there is no opencode', async () => {
    const { code, out } = await runCommandIn(['doctor'], { HOME: join(home, 'nobody'), TMPDIR: home });
    expect(code).toBe(1);
    expect(out).toMatch(/^problem {2}database .* looked for ~\/\.local\/.*opencode\.db\. Start opencode/m);
  });

  it('writes a report without titles, directories or texts of sessions', async () => {
    const { code, out } = await doctor('--demo', '--report');
    const shown = JSON.parse(
      (await runCommandIn(['sessions', '--demo', '--all'], { HOME: home, TMPDIR: home })).out,
    ) as {
      session: { title: string; directory: string; last_output: string | null } | null;
    }[];
    expect(code).toBe(0);
    expect(out).toContain('runs ses_');
    const own = shown.flatMap(({ session }) =>
      session ? [session.title, session.directory, session.last_output ?? session.title] : [],
    );
    expect(own.length).toBeGreaterThan(30);
    expect(own.filter((each) => out.includes(each))).toEqual([]);
  });
});
