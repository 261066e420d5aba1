import { InvalidArgumentError, Option } from 'commander';
import { type Filter, parseFilter } from '../domain/table/filter.ts';
import { sanitize } from '../text/sanitize.ts';
import { textWidth } from '../text/width.ts';

/** `--filter`, of every command that lists sessions; its value is a `Filter`. */
export function filterOption(): Option {
  return new Option(
    '-f, --filter <query>',
    'only sessions that match, as in `status:asking cost>1`',
  ).argParser(parseQuery);
}

/** Throws commander's InvalidArgumentError with what is wrong and a mark under the place. */
function parseQuery(text: string): Filter {
  const parsed = parseFilter(text);
  if ('filter' in parsed) return parsed.filter;
  const mark = ' '.repeat(textWidth(sanitize(text.slice(0, parsed.at).replace(/\s/g, '.'))));
  throw new InvalidArgumentError(`${parsed.problem}\n  ${text.replace(/\s/g, ' ')}\n  ${mark}^`);
}
