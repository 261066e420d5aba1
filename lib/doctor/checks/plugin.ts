import { inspectPlugin, pluginPath } from '../../plugin/installation.ts';
import { errorCode, shortPath } from '../../system/files.ts';
import { type Finding, ok, type Patient, troublesOf, warning } from '../finding.ts';

/** otop's plugin for opencode, which is optional, and what opencode's servers have to say. */
export function checkPlugin(patient: Patient): readonly Finding[] {
  return [installation(patient), ...troublesOf(patient.board, 'warning', 'marker', 'server')];
}

function installation(patient: Patient): Finding {
  const path = pluginPath(patient);
  const name = shortPath(path, patient.homeDir);
  const renew = 'run `otop plugin install`, then restart the sessions that run now';
  try {
    const found = inspectPlugin(path);
    if (found.kind === 'absent') return ok('not installed; with it opencode itself tells who does what');
    if (found.kind === 'foreign')
      return warning(`${name} is ${found.what}`, 'move it away if it is not yours');
    if (found.version !== patient.otopVersion) return warning(`${name} is of otop ${found.version}`, renew);
    return ok(`${name} is of this otop`);
  } catch (error) {
    const reason = errorCode(error) ?? 'unknown';
    return warning(`${name} cannot be read (${reason})`, 'opencode cannot read it either: make it yours');
  }
}
