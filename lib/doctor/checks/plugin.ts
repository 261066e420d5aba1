import { inspectPlugin, pluginPath } from '../../plugin/installation.ts';
import { errorCode, shortPath } from '../../system/files.ts';
import { type DoctorContext, type Finding, ok, troublesOf, warning } from '../finding.ts';

/** Checks otop's optional plugin for opencode, and adds the troubles of markers and servers. */
export function checkPlugin(context: DoctorContext): readonly Finding[] {
  return [installation(context), ...troublesOf(context.board, 'warning', 'marker', 'server')];
}

function installation(context: DoctorContext): Finding {
  const path = pluginPath(context);
  const name = shortPath(path, context.homeDir);
  const renew = 'run `otop plugin install`, then restart the sessions that run now';
  try {
    const found = inspectPlugin(path);
    if (found.kind === 'absent')
      return ok('not installed; with the plugin opencode itself reports which process runs which session');
    if (found.kind === 'foreign')
      return warning(`${name} is ${found.what}`, 'move it away if it is not yours');
    if (found.version !== context.otopVersion)
      return warning(`${name} is the plugin of otop ${found.version}`, renew);
    return ok(`${name} is the plugin of this otop`);
  } catch (error) {
    const reason = errorCode(error) ?? 'unknown';
    return warning(
      `${name} cannot be read (${reason})`,
      'opencode cannot read it either: correct its owner and permissions',
    );
  }
}
