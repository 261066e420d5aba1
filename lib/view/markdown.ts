import type { DisplayText } from '../text/sanitize.ts';
import type { Glyphs } from './glyphs.ts';
import { type Span, span } from './line.ts';
import type { StyleName } from './theme.ts';

/** One rendered line of Markdown. `hang` is the number of blanks before its wrapped lines. */
export interface MarkdownLine {
  readonly spans: readonly Span[];
  readonly hang: number;
}

/**
 * Renders headings, emphasis, code, lists and quotes of Markdown for a terminal. Anything else stays unchanged; only the
 * Markdown signs are removed.
 */
export function markdownLines(lines: readonly DisplayText[], glyphs: Glyphs): MarkdownLine[] {
  let fence: string | undefined;
  return lines.flatMap((line) => {
    const fenceMark = /^\s*(```+|~~~+)\s*(\S*)/.exec(line);
    if (fenceMark && (fence === undefined || fenceMark[1]?.startsWith(fence))) {
      fence = fence === undefined ? fenceMark[1] : undefined;
      const language = fenceMark[2] ?? '';
      return fence !== undefined && language !== '' ? [plain([span(language, 'muted')])] : [];
    }
    if (fence !== undefined) return [{ spans: [span(`  ${line}`, 'label')], hang: 4 }];
    return [proseLine(line, glyphs)];
  });
}

function plain(spans: readonly Span[]): MarkdownLine {
  return { spans, hang: 0 };
}

function proseLine(line: DisplayText, glyphs: Glyphs): MarkdownLine {
  const heading = /^ {0,3}#{1,6} +(.*?)( +#+)?$/.exec(line);
  if (heading) return plain(inline(heading[1] ?? '', 'brand'));
  if (/^ {0,3}([-*_] ?){3,}$/.test(line)) return plain([span(glyphs.box.across.repeat(12), 'muted')]);
  const quote = /^ {0,3}> ?(.*)$/.exec(line);
  if (quote)
    return { ...plain([span(`${glyphs.box.down} `, 'muted'), ...inline(quote[1] ?? '', 'muted')]), hang: 2 };
  const item = /^( *)(?:[-*+]|(\d{1,3}[.)])) +(?:\[([ xX])\] +)?(.*)$/.exec(line);
  if (!item) return plain(inline(line, 'plain'));
  const [, indent = '', number, box, text = ''] = item;
  const sign = box === undefined ? (number ?? glyphs.bullet) : box === ' ' ? glyphs.idle : glyphs.done;
  const lead = `${indent}${sign} `;
  return { spans: [span(lead, 'label'), ...inline(text, 'plain')], hang: lead.length };
}

/** Matches `code`, **strong** and [links](address). An unpaired asterisk or underscore stays. */
const inlineMarkup = /`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__|\[([^\]]+)\]\((\S+?)\)/g;

function inline(text: string, style: StyleName): Span[] {
  const spans: Span[] = [];
  let at = 0;
  const push = (piece: string, own: StyleName) => {
    if (piece !== '') spans.push(span(piece, own));
  };
  for (const found of text.matchAll(inlineMarkup)) {
    push(text.slice(at, found.index), style);
    const [whole, code, strong, underlined, link, address] = found;
    if (code !== undefined) push(code, 'label');
    else if (link !== undefined) push(link === address ? link : `${link} (${address})`, style);
    else push(strong ?? underlined ?? '', 'strong');
    at = found.index + whole.length;
  }
  push(text.slice(at), style);
  return spans;
}
