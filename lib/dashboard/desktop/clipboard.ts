import { spawn } from 'node:child_process';
import type { Environment } from '../../system/surroundings.ts';

/** Where a copied text went. */
export type CopyRoute = 'clipboard' | 'tmux' | 'terminal';

/** The ways that there may be to a clipboard. */
export interface Clipboard {
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  /** Asks the terminal itself to take the text (OSC 52); whether it does, it does not say. */
  writeToTerminal(text: string): void;
}

/** A clipboard tool that takes longer hangs. */
const patienceMs = 1500;

/** True where the person sits at another machine. */
export function isOverSsh({ SSH_TTY, SSH_CONNECTION }: Environment): boolean {
  return Boolean(SSH_TTY || SSH_CONNECTION);
}

/** True where a program can reach the screen that the person sits at. */
export function hasDisplay({ env, platform }: Pick<Clipboard, 'env' | 'platform'>): boolean {
  if (isOverSsh(env)) return false;
  return platform === 'darwin' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY || env.WSL_DISTRO_NAME);
}

/**
 * Copies text by the best way there is: the desktop's clipboard; over SSH or without a display tmux's buffer, which
 * tmux hands on to the terminal (`load-buffer -w`, 3.2); else the terminal's own (OSC 52). A way that fails or hangs
 * makes place for the next, so this never rejects.
 */
export async function copyText(text: string, clipboard: Clipboard): Promise<CopyRoute> {
  if (hasDisplay(clipboard) && (await byClipboardy(text))) return 'clipboard';
  if (clipboard.env.TMUX && (await byTmux(text))) return 'tmux';
  clipboard.writeToTerminal(text);
  return 'terminal';
}

async function byClipboardy(text: string): Promise<boolean> {
  // Takes 200 ms to load: paid with the first copy, not at every start.
  const { default: clipboardy } = await import('clipboardy');
  const copied = clipboardy.write(text).then(
    () => true,
    () => false,
  );
  return Promise.race([copied, new Promise<boolean>((resolve) => setTimeout(resolve, patienceMs, false))]);
}

function byTmux(text: string): Promise<boolean> {
  return new Promise((resolve) => {
    const tmux = spawn('tmux', ['load-buffer', '-w', '-'], {
      stdio: ['pipe', 'ignore', 'ignore'],
      timeout: patienceMs,
      killSignal: 'SIGKILL',
    });
    tmux.on('error', () => resolve(false));
    tmux.on('close', (code) => resolve(code === 0));
    // It may have gone already; then `close` tells.
    tmux.stdin.on('error', () => undefined);
    tmux.stdin.end(text);
  });
}
