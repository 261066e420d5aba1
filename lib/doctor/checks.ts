import { checkDatabases, checkLogs } from './databases.ts';
import { checkFileEvents } from './file-events.ts';
import type { Check } from './finding.ts';
import { checkConfiguration, checkOwnFiles } from './own-files.ts';
import { checkPlugin } from './plugin.ts';
import { checkProcesses } from './process-access.ts';
import { checkNode, checkOpencode } from './programs.ts';
import { checkClipboard, checkColours, checkUnicode } from './terminal.ts';
import { checkTmux } from './tmux.ts';

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
