import type { Options } from '../config/options.ts';
import { loadSettings, problemLines } from '../config/settings.ts';
import { type Settings, settingTypes } from '../domain/schema/configuration.ts';
import { configurationDocument } from '../domain/schema/json-schema.ts';
import { type Context, exitCodes } from '../system/context.ts';
import { sanitize } from '../text/sanitize.ts';

/**
 * `otop config`: prints the path of the configuration and all effective settings, in the form of a configuration.
 * Problems go to stderr; the exit code is then 1.
 */
export function printConfig(options: Options, context: Context): number {
  if (options.schema) {
    context.stdout.write(`${JSON.stringify(configurationDocument(), null, 2)}\n`);
    return exitCodes.ok;
  }
  const loaded = loadSettings(options, context);
  context.stdout.write(`// ${sanitize(loaded.place.path)}\n${configText(loaded.settings)}`);
  const problems = problemLines(loaded);
  for (const line of problems) context.stderr.write(`otop: ${line}\n`);
  return problems.length > 0 ? exitCodes.no : exitCodes.ok;
}

/** The settings as a configuration file, with the help text of each. */
function configText(settings: Settings): string {
  const entries = Object.entries(settings).map(([key, value]) => {
    const { description } = settingTypes[key as keyof Settings];
    const shown = JSON.stringify(value, null, 1).replace(/\s*\n\s*/g, ' ');
    return `  // ${description}\n  ${JSON.stringify(key)}: ${shown}`;
  });
  return `{\n${entries.join(',\n\n')}\n}\n`;
}
