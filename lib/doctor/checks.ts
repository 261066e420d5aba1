import { checkDatabases, checkLogs } from './checks/databases.ts';
import { checkFileEvents } from './checks/file-events.ts';
import { checkConfiguration, checkOwnFiles } from './checks/own-files.ts';
import { checkPlugin } from './checks/plugin.ts';
import { checkProcesses } from './checks/process-access.ts';
import { checkNode, checkOpencode } from './checks/programs.ts';
import { checkClipboard, checkColours, checkUnicode } from './checks/terminal.ts';
import { checkTmux } from './checks/tmux.ts';
import type { Check } from './finding.ts';

/** Everything `otop doctor` looks at, in the order in which it says so. */
export const checks: readonly Check[] = [
  { title: 'node', run: checkNode },
  { title: 'opencode', run: checkOpencode },
  { title: 'database', run: checkDatabases },
  { title: 'logs', run: checkLogs },
  { title: 'processes', run: checkProcesses },
  { title: 'file events', run: checkFileEvents },
  { title: 'tmux', run: checkTmux },
  { title: 'colours', run: checkColours },
  { title: 'unicode', run: checkUnicode },
  { title: 'clipboard', run: checkClipboard },
  { title: 'plugin', run: checkPlugin },
  { title: 'config', run: checkConfiguration },
  { title: 'own files', run: checkOwnFiles },
];
