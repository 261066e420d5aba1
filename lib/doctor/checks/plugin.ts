import { viewersIn } from '../../domain/process/viewers.ts';
import { misfitOf, type PluginForm, runningPrograms } from '../../plugin/form.ts';
import { inspectPlugin, pluginPath } from '../../plugin/installation.ts';
import { errorCode, shortPath } from '../../system/files.ts';
import { type DoctorContext, type Finding, ok, troublesOf, warning } from '../finding.ts';

/** Checks otop's optional plugin for opencode, and adds the troubles of markers and servers. */
export function checkPlugin(context: DoctorContext): readonly Finding[] {
  return [...installation(context), ...troublesOf(context.board, 'warning', 'marker', 'server')];
}

function installation(context: DoctorContext): readonly Finding[] {
  const path = pluginPath(context);
  const name = shortPath(path, context.homeDir);
  const renew = 'run `otop plugin install`, then restart the sessions that run now';
  try {
    const found = inspectPlugin(path);
    if (found.kind === 'absent')
      return [ok('not installed; with the plugin opencode itself reports which process runs which session')];
    if (found.kind === 'foreign')
      return [warning(`${name} is ${found.what}`, 'move it away if it is not yours')];
    const isCurrent = found.version === context.otopVersion;
    const finding = isCurrent
      ? ok(`${name} is the plugin of this otop`)
      : warning(`${name} is the plugin of otop ${found.version}`, renew);
    return [finding, ...misfits(found.form, context)];
  } catch (error) {
    const reason = errorCode(error) ?? 'unknown';
    return [
      warning(
        `${name} cannot be read (${reason})`,
        'opencode cannot read it either: correct its owner and permissions',
      ),
    ];
  }
}

/** The running programs that the installed form does not fit. */
function misfits(form: PluginForm, { processes, procRoot }: DoctorContext): readonly Finding[] {
  const viewers = viewersIn(processes);
  const pids = processes.filter((process) => !viewers.has(process)).map(({ pid }) => pid);
  return runningPrograms(procRoot, pids).flatMap((program) => {
    const misfit = misfitOf(form, program);
    return misfit === undefined ? [] : [warning(`pid ${program.pid}: ${misfit.reason}`, misfit.advice)];
  });
}
