import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionEntry } from '../../lib/domain/schema/sessions.ts';
import { runCommandIn } from '../support/command.ts';
import { OpencodeDatabase } from '../support/opencode-database.ts';
import { emptyWorld, otopPath } from '../support/program.ts';
import { lineFaults, sessionsFaults } from '../support/schema-faults.ts';
import { eventOf, within } from '../support/wait.ts';

let home: string;
let env: Record<string, string>;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'otop-sessions-home-'));
  env = { HOME: home, TMPDIR: home };
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('otop sessions', () => {
  it('prints the simulated fleet according to its schema', async () => {
    const { code, out } = await runCommandIn(['sessions', '--all', '--demo', '--seed', '4'], env);
    const entries: unknown = JSON.parse(out);
    expect(code).toBe(0);
    expect(entries).toHaveProperty('length', expect.any(Number));
    expect(sessionsFaults(entries)).toEqual([]);
  });

  it('prints its schema', async () => {
    const { code, out, err } = await runCommandIn(['sessions', '--schema'], env);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' });
  });

  it('prints a line per change with --watch, until its reader closes the pipe', async () => {
    const path = join(home, 'opencode.db');
    const db = new OpencodeDatabase(path, '1.18.33');
    const session = db.session({ atMs: Date.now() - 60_000, title: 'Before' }).turn('hi', 'hello');
    const child = spawn(process.execPath, [otopPath, 'sessions', '--db', path, '--all', '--watch'], {
      env: { ...emptyWorld(), ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines: { type: string; row?: SessionEntry; rows?: SessionEntry[] }[] = [];
    const readUntilChange = async () => {
      for await (const text of createInterface(child.stdout)) {
        const line = JSON.parse(text);
        if (lines.length === 0) session.set({ title: 'After' });
        lines.push(line);
        if (line.type === 'changed' && line.row.session?.title === 'After') break;
      }
    };
    await within('the changed title', readUntilChange(), () => JSON.stringify(lines.at(-1)));
    expect(lines[0]?.type).toBe('board');
    expect(lines[0]?.rows?.find(({ key }) => key === session.id)?.session?.title).toBe('Before');
    expect(lines.flatMap(lineFaults)).toEqual([]);
    child.stdout.destroy();
    session.set({ title: 'To nobody' });
    expect(await eventOf(child, 'exit')).toEqual([0, null]);
    db.close();
  });

  it('reads git branches for a filter, and so does a frame with a branch column', async () => {
    const project = join(home, 'project');
    mkdirSync(join(project, '.git'), { recursive: true });
    writeFileSync(join(project, '.git', 'HEAD'), 'ref: refs/heads/fix/retries\n');
    const path = join(home, 'branches.db');
    const db = new OpencodeDatabase(path, '1.18.33');
    const on = db
      .session({ atMs: Date.now() - 60_000, title: 'On it', directory: project })
      .turn('hi', 'hello');
    db.session({ atMs: Date.now() - 60_000, title: 'Elsewhere', directory: home }).turn('hi', 'hello');
    const all = ['--all', '--db', path];
    for (const filter of ['branch:retries', 'BRANCH=fix/retries', 'retries']) {
      const { out } = await runCommandIn(['sessions', ...all, '--filter', filter], env);
      const entries: readonly SessionEntry[] = JSON.parse(out);
      expect([filter, entries.map(({ key }) => key)]).toEqual([filter, [on.id]]);
    }
    const { out } = await runCommandIn(['--once', ...all, '--size', '320x40'], env);
    expect(out).toContain('fix/retries');
    db.close();
  });
});
