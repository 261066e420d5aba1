/** Formats numbers, times and words for people, in few cells. The caller handles unknown values. */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Formats a count in at most 5 cells: `950`, `4.2K`, `48K`, `1.3M`, `12G`. */
export function compactCount(count: number): string {
  let value = count;
  for (const unit of ['', 'K', 'M', 'G']) {
    // 999.5 and more would round to four digits.
    if (Math.abs(value) < 999.5) return shortNumber(value, unit);
    value /= 1000;
  }
  return `${Math.round(value)}T`;
}

function shortNumber(value: number, unit: string): string {
  const tenths = unit !== '' && Math.abs(value) < 9.95;
  return (tenths ? value.toFixed(1) : Math.round(value).toString()) + unit;
}

/** Formats a time span in at most 6 cells and two units: `12s`, `5m12s`, `2h12m`, `3d04h`, `120d`. Negative counts as 0. */
export function duration(spanMs: number): string {
  const span = Math.max(0, spanMs);
  if (span < minute) return `${Math.floor(span / second)}s`;
  if (span < hour) return `${Math.floor(span / minute)}m${two((span % minute) / second)}s`;
  if (span < day) return `${Math.floor(span / hour)}h${two((span % hour) / minute)}m`;
  if (span < 100 * day) return `${Math.floor(span / day)}d${two((span % day) / hour)}h`;
  return `${Math.floor(span / day)}d`;
}

/** Formats a time span in one unit, in at most 4 cells up to 999 days: `12s`, `5m`, `2h`, `3d`. Negative counts as 0. */
export function shortDuration(spanMs: number): string {
  const span = Math.max(0, spanMs);
  if (span < minute) return `${Math.floor(span / second)}s`;
  if (span < hour) return `${Math.floor(span / minute)}m`;
  if (span < day) return `${Math.floor(span / hour)}h`;
  return `${Math.floor(span / day)}d`;
}

function two(value: number): string {
  return Math.floor(value).toString().padStart(2, '0');
}

/** Formats US dollars: `<$0.01`, `$1.20`, `$312.00`, `$1.2K`. Zero is `$0.00`. */
export function money(dollars: number): string {
  if (dollars > 0 && dollars < 0.005) return '<$0.01';
  return dollars < 999.995 ? `$${dollars.toFixed(2)}` : `$${compactCount(dollars)}`;
}

/** Formats a percentage from 0 to 100: `4.1%` below ten, `81%` above. */
export function percent(share: number): string {
  return `${share > 0 && share < 9.95 ? share.toFixed(1) : Math.round(share)}%`;
}

/** Formats bytes in powers of 1024: `812M`, `1.4G`; whole megabytes are exact enough. */
export function byteSize(bytes: number): string {
  const megabytes = bytes / 1024 ** 2;
  if (megabytes < 1) return `${Math.round(bytes / 1024)}K`;
  if (megabytes < 999.5) return `${Math.round(megabytes)}M`;
  return shortNumber(megabytes / 1024, 'G');
}

/** Formats the time of day, `14:05:22`, in a time zone that is `utcOffsetMinutes` ahead of UTC; `-` for an invalid time. */
export function clockTime(atMs: number, utcOffsetMinutes: number): string {
  const date = new Date(atMs + utcOffsetMinutes * minute);
  return Number.isNaN(date.getTime()) ? '-' : date.toISOString().slice(-13, -5);
}

/** Returns a text with a capital first letter. */
export function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
