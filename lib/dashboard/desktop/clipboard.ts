import { spawn } from 'node:child_process';
import type { Environment } from '../../system/surroundings.ts';

/** The destination of a copied text. */
export type CopyRoute = 'clipboard' | 'tmux' | 'terminal';

/** The environment that decides which ways to a clipboard exist. */
export interface Clipboard {
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  /** Sends the text to the terminal (OSC 52); the terminal does not confirm it. */
  writeToTerminal(text: string): void;
}

/** The time limit for a clipboard tool, which may hang. */
const timeoutMs = 1500;

/** True if otop runs in an SSH session. */
export function isOverSsh({ SSH_TTY, SSH_CONNECTION }: Environment): boolean {
  return Boolean(SSH_TTY || SSH_CONNECTION);
}

/** True if a program can reach the user's desktop: no SSH, and macOS, X11, Wayland or WSL. */
export function hasDisplay({ env, platform }: Pick<Clipboard, 'env' | 'platform'>): boolean {
  if (isOverSsh(env)) return false;
  return platform === 'darwin' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY || env.WSL_DISTRO_NAME);
}

/**
 * Copies text by the first way that works: the desktop's clipboard (not over SSH or without a display); tmux's
 * buffer, which tmux passes to the terminal (`load-buffer -w`, 3.2); the terminal itself (OSC 52). Never rejects.
 */
export async function copyText(text: string, clipboard: Clipboard): Promise<CopyRoute> {
  if (hasDisplay(clipboard) && (await byClipboardy(text))) return 'clipboard';
  if (clipboard.env.TMUX && (await byTmux(text))) return 'tmux';
  clipboard.writeToTerminal(text);
  return 'terminal';
}

async function byClipboardy(text: string): Promise<boolean> {
  // Loading takes 200 ms, so it is done at the first copy, not at start.
  const { default: clipboardy } = await import('clipboardy');
  const copied = clipboardy.write(text).then(
    () => true,
    () => false,
  );
  return Promise.race([copied, new Promise<boolean>((resolve) => setTimeout(resolve, timeoutMs, false))]);
}

function byTmux(text: string): Promise<boolean> {
  return new Promise((resolve) => {
    const tmux = spawn('tmux', ['load-buffer', '-w', '-'], {
      stdio: ['pipe', 'ignore', 'ignore'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    tmux.on('error', () => resolve(false));
    tmux.on('close', (code) => resolve(code === 0));
    // tmux may have exited already; `close` reports that.
    tmux.stdin.on('error', () => undefined);
    tmux.stdin.end(text);
  });
}
