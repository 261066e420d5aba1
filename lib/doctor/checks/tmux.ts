import { join } from 'node:path';
import { isListening } from '../../sources/process/listening.ts';
import { namesIn } from '../../system/files.ts';
import { type DoctorContext, type Finding, ok, troublesOf, warning } from '../finding.ts';

const timeoutMs = 1000;
/** tmux 3.2 brought popups and `load-buffer -w`, which passes copied text on to the terminal. */
const neededVersion = 3.2;
/** The options that help otop, or the opencode in a pane, by their names in `tmux show-options`. */
const options = ['mouse', 'set-clipboard', 'focus-events', 'allow-passthrough'] as const;

/** Checks tmux, its servers, and the options of the tmux server in which otop runs. */
export async function checkTmux(context: DoctorContext): Promise<readonly Finding[]> {
  const { run, env, board } = context;
  const version = await run('tmux', ['-V'], { timeoutMs });
  if (version.kind === 'not found')
    return [
      warning(
        'not installed',
        'install tmux: otop can then jump to a session, and see which session a terminal shows',
      ),
    ];
  if (version.kind !== 'ended') return [warning('tmux does not answer', 'try: tmux -V')];
  const name = version.stdout.trim();
  const number = Number(/(\d+\.\d+)/.exec(name)?.[1]);
  const [own] = (env.TMUX ?? '').split(',');
  return [
    number < neededVersion
      ? warning(name, `update tmux: versions before ${neededVersion} pass nothing on to the clipboard`)
      : ok(`${name}, ${await serversText(context)}`),
    ...(own ? await ownOptions(own, context) : [ok('otop does not run in tmux')]),
    ...troublesOf(board, 'warning', 'tmux'),
  ];
}

async function serversText({ env, userId }: DoctorContext): Promise<string> {
  const folder = join(env.TMUX_TMPDIR || '/tmp', `tmux-${userId ?? 0}`);
  const answers = await Promise.all(
    namesIn(folder).map((name) => isListening(join(folder, name), timeoutMs)),
  );
  const count = answers.filter(Boolean).length;
  return `${count === 0 ? 'no' : count} ${count === 1 ? 'server' : 'servers'}`;
}

async function ownOptions(socketPath: string, { run }: DoctorContext): Promise<Finding[]> {
  const args = [
    '-S',
    socketPath,
    'show-options',
    '-g',
    ';',
    'show-options',
    '-s',
    ';',
    'show-options',
    '-gw',
  ];
  const shown = await run('tmux', args, { timeoutMs });
  if (shown.kind !== 'ended' || shown.exitCode !== 0)
    return [warning('the tmux server of this terminal does not answer', 'try: tmux show-options -g')];
  const setting = (name: string) => new RegExp(`^${name} (\\S+)`, 'm').exec(shown.stdout)?.[1] ?? 'unknown';
  const found = [ok(options.map((name) => `${name} ${setting(name)}`).join(', '))];
  if (setting('mouse') === 'off')
    found.push(warning('mouse is off: clicks do not reach otop', 'in tmux.conf: set -g mouse on'));
  if (setting('set-clipboard') === 'off')
    found.push(
      warning('set-clipboard is off: copied text stays in tmux', 'in tmux.conf: set -s set-clipboard on'),
    );
  return found;
}
