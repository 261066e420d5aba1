import type { OptionOutline } from '../command-outline.ts';

/** True for an option whose value is a file's name. */
export function takesFile({ value }: OptionOutline): boolean {
  return value === 'path' || value === 'file';
}
