import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../../lib/domain/process/arguments.ts';

const kindOf = (line: string) => parseArguments(line === '' ? [] : line.split(' ')).kind ?? 'none';

describe('the kind of an opencode process', () => {
  it.each([
    ['', 'tui'],
    ['.', 'tui'],
    ['/home/u/shop', 'tui'],
    ['-c', 'tui'],
    ['--session ses_1 --fork', 'tui'],
    ['--model run', 'tui'],
    ['--prompt serve', 'tui'],
    ['--mini', 'tui'],
    ['run fix it', 'run'],
    ['run -s ses_1 serve', 'run'],
    ['run -i', 'run'],
    ['--print-logs --log-level DEBUG run fix', 'run'],
    ['--log-level=DEBUG run fix', 'run'],
    ['--unheard-of run fix', 'run'],
    ['serve --port 0', 'serve'],
    ['serve --service', 'serve'],
    ['web', 'web'],
    ['acp --cwd /x', 'acp'],
    ['attach http://localhost:4096', 'attach'],
    ['models', 'none'],
    ['auth login', 'none'],
    ['session list', 'none'],
    ['db path', 'none'],
    ['pr 123', 'none'],
    ['service start', 'none'],
    ['run --help', 'none'],
    ['-v', 'none'],
    ['-- run', 'run'],
    // opencode 2 (opencode-2.md, "Service and clients").
    ['serve --register', 'serve'],
    ['serve --stdio --hostname 127.0.0.1 --port 0', 'serve'],
    ['serve --hostname 0.0.0.0 --cors https://a.example --port 4100', 'serve'],
    ['--standalone', 'tui'],
    ['--standalone shop', 'tui'],
    ['--server http://box:49374', 'tui'],
    ['--auto --prompt run -m fake/m1 --agent plan', 'tui'],
    ['--yolo run', 'run'],
    ['--dangerously-skip-permissions', 'tui'],
    ['mini', 'tui'],
    ['mini -c --replay --replay-limit 20 --prompt serve', 'tui'],
    ['mini --no-replay --fork -s ses_1', 'tui'],
    ['run --command review --title t --format json --thinking -f a.txt fix', 'run'],
    ['run --auto --fork -s ses_1 go', 'run'],
    ['acp', 'acp'],
    ['service stop', 'none'],
    ['service set port 4100', 'none'],
    ['session delete ses_1', 'none'],
    ['session export ses_1', 'none'],
    ['api GET /api/session', 'none'],
    ['auth list', 'none'],
    ['mcp list', 'none'],
    ['plugin add otop', 'none'],
    ['plugin check', 'none'],
    ['stats', 'none'],
    ['pair', 'none'],
    ['reload', 'none'],
    ['debug paths db', 'none'],
    ['debug agents', 'none'],
    ['upgrade 2.3.2', 'none'],
    ['uninstall', 'none'],
    ['migrate', 'none'],
    ['--version', 'none'],
  ])('of `opencode %s` is %s', (line, kind) => {
    expect(kindOf(line)).toBe(kind);
  });
});

describe('the arguments of an opencode process', () => {
  it.each([
    ['-s', 'ses_1'],
    ['-s=ses_1'],
    ['--session', 'ses_1'],
    ['--session=ses_1'],
    ['-cs', 'ses_1'],
    ['/home/u/shop', '-s', 'ses_1'],
    ['run', 'some words', '-s', 'ses_1', 'more'],
    ['-s', 'ses_0', '--session', 'ses_1'],
  ])('name the session in %s %s %s', (...args) => {
    expect(parseArguments(args).sessionId).toBe('ses_1');
  });

  it.each([
    [['--prompt', '-s ses_1']],
    [['--', '-s', 'ses_1']],
    [['-s']],
    [['--session=']],
    [['run', 'use -s ses_1']],
    [['-m', '-s']],
  ])('name no session in %j', (args) => {
    expect(parseArguments(args).sessionId).toBeUndefined();
  });

  it('hold the project, the server, the port and the continued session', () => {
    expect(parseArguments(['../shop', '-c', '--fork', '--port=4100'])).toEqual({
      kind: 'tui',
      continues: true,
      forks: true,
      port: 4100,
      project: '../shop',
    });
    expect(parseArguments(['attach', 'http://box:4096', '--dir', '/srv/shop'])).toEqual({
      kind: 'attach',
      continues: false,
      forks: false,
      directory: '/srv/shop',
      serverUrl: 'http://box:4096',
    });
    expect(parseArguments(['run', '--attach', 'http://box:4096', 'hi'])).toMatchObject({
      kind: 'run',
      serverUrl: 'http://box:4096',
    });
  });

  it('of a client of opencode 2 hold its session and its server', () => {
    expect(parseArguments(['mini', '--replay-limit', '5', '-s', 'ses_1'])).toEqual({
      kind: 'tui',
      sessionId: 'ses_1',
      continues: false,
      forks: false,
    });
    expect(parseArguments(['--server', 'http://box:49374', '-s', 'ses_1'])).toMatchObject({
      kind: 'tui',
      sessionId: 'ses_1',
      serverUrl: 'http://box:49374',
    });
    expect(parseArguments(['--standalone', 'shop'])).toMatchObject({ kind: 'tui', project: 'shop' });
    expect(parseArguments(['run', '--server=http://box:49374', 'go']).serverUrl).toBe('http://box:49374');
  });

  it('never throw, for any words', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('-s', '--session', '-', '--', '=', '--=', 'run', '-c', '-=x'),
    );
    fc.assert(
      fc.property(fc.array(word), (args) => {
        const { sessionId, kind } = parseArguments(args);
        expect(sessionId).not.toBe('');
        expect(kind === undefined || typeof kind === 'string').toBe(true);
      }),
    );
  });

  it('name the session at any position of the option', () => {
    const flag = fc.constantFrom('--pure', '--auto', '-c', '--fork', '--log-level=WARN');
    fc.assert(
      fc.property(fc.array(flag), fc.array(flag), (before, after) => {
        const { sessionId, kind } = parseArguments([...before, '--session', 'ses_1', ...after]);
        expect([sessionId, kind]).toEqual(['ses_1', 'tui']);
      }),
    );
  });
});
