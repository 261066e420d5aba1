import { constants } from 'node:os';
import manifest from '../../package.json' with { type: 'json' };
import { type Options, serveDefaults } from '../config/options.ts';
import { loadSettings } from '../config/settings.ts';
import { openMonitor } from '../monitor/open-monitor.ts';
import { announce, announcementPath, withdraw } from '../serve/announcement.ts';
import { isLoopback } from '../serve/guard.ts';
import { isAboutThisMachine } from '../serve/query.ts';
import { type RunningServe, startServe } from '../serve/serve.ts';
import { makeToken, readToken, type TokenReading, tokenPath } from '../serve/token.ts';
import { type Context, exitCodes } from '../system/context.ts';
import { exitProcess } from '../system/exit.ts';
import { sanitize } from '../text/sanitize.ts';
import { listedRows } from './sessions.ts';

/** The time that open requests get to finish when serve ends. */
const graceMs = 2000;

/**
 * `otop serve`: serves HTTP requests until a signal. Exit code 0 after a signal, 1 if it cannot listen, 2 if the
 * address needs a token and there is none.
 */
export async function runServe(options: Options, context: Context): Promise<number> {
  const { env, homeDir, stdout, stderr } = context;
  if (options.makeToken) return createToken(context);
  const { bind = serveDefaults.bind, port = serveDefaults.port } = options;
  const token = readToken(env, homeDir);
  const missingToken = missingTokenReason(token, bind);
  if (missingToken !== undefined) {
    const path = tokenPath(env, homeDir);
    const how = token.kind === 'none' ? `; \`otop serve --make-token\` makes one in ${path}` : '';
    stderr.write(`${sanitize(`otop: ${missingToken}${how}`)}\n`);
    return exitCodes.usage;
  }
  const open = await openMonitor(options, context, true);
  const ended = firstSignal();
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  let serve: RunningServe | undefined;
  try {
    serve = await startServe({
      ...context,
      open,
      version: manifest.version,
      bind,
      port,
      allowedHosts: options.allowHost ?? [],
      token: token.kind === 'token' ? token.token : undefined,
      readOnly: options.readOnly ?? false,
      tickMs: loadSettings(options, context).settings.delay * 1000,
      listed: (board) => listedRows(board, options),
      onBug: (error) => stderr.write(`otop: ${error instanceof Error ? error.stack : error}\n`),
      onFailed: (error) => fail(error),
    });
    const address = bind.includes(':') ? `[${bind}]` : bind;
    announceServe(serve, bind, options, context);
    stdout.write(`otop serve on http://${address}:${serve.port}\n`);
    await Promise.race([ended, failed]);
    return exitCodes.ok;
  } catch (error) {
    const why = listenTrouble(error as NodeJS.ErrnoException, bind, port);
    if (serve !== undefined || why === undefined) throw error;
    stderr.write(`otop: ${sanitize(why)}\n`);
    return exitCodes.no;
  } finally {
    if (serve) {
      withdraw(announcementPath(env, homeDir), serve.instance);
      await serve.close(graceMs);
    }
    open.monitor.close();
  }
}

/** Why serve must not listen on this address with this token or without one; undefined if it may. */
function missingTokenReason(token: TokenReading, bind: string): string | undefined {
  if (token.kind === 'unusable') return token.why;
  if (token.kind === 'token' || isLoopback(bind)) return undefined;
  return `${bind} can be reached from other machines, and there is no token`;
}

/** Resolves at the first signal. A second one exits at once, with the code of that signal. */
function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      let isSecond = false;
      process.on(signal, () => {
        if (isSecond) exitProcess(128 + constants.signals[signal]);
        isSecond = true;
        resolve();
      });
    }
  });
}

/** Announces this serve to `otop status`, unless its options select other sessions than otop without options does. */
function announceServe(
  { port, instance }: RunningServe,
  bind: string,
  options: Options,
  context: Context,
): void {
  if (!isAboutThisMachine(options)) return;
  const anyAddress: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
  const announcement = {
    pid: process.pid,
    address: anyAddress[bind] ?? bind,
    port,
    instance,
    guarded: !isLoopback(bind),
  };
  try {
    announce(announcementPath(context.env, context.homeDir), announcement);
  } catch (error) {
    // No state folder or a full disk: `otop status` then polls the sources itself.
    const why = sanitize((error as Error).message);
    context.stderr.write(`otop: \`otop status\` will not find this serve: ${why}\n`);
  }
}

/** Why serve cannot listen, in words; undefined for any other error. */
function listenTrouble(
  { code, syscall }: NodeJS.ErrnoException,
  bind: string,
  port: number,
): string | undefined {
  if (syscall !== 'listen' && syscall !== 'bind') return undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} of ${bind} is in use, perhaps by another otop serve; choose another port with \`-p\``;
    case 'EACCES':
      return `port ${port} needs the rights of root; choose a port above 1023 with \`-p\``;
    case 'EADDRNOTAVAIL':
      return `${bind} is not an address of this machine; use for example \`-b 127.0.0.1\``;
    default:
      return `cannot listen on port ${port} of ${bind}: ${code}`;
  }
}

function createToken({ env, homeDir, stdout, stderr }: Context): number {
  const path = tokenPath(env, homeDir);
  try {
    makeToken(env, homeDir);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      code === 'EEXIST' ? `${path} already holds a token; delete the file to make another token` : message;
    stderr.write(`otop: ${sanitize(why)}\n`);
    return exitCodes.no;
  }
  stdout.write(`${sanitize(path)}\n`);
  return exitCodes.ok;
}
