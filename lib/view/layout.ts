/** A rectangle of cells. */
export interface Rect {
  readonly top: number;
  readonly left: number;
  readonly width: number;
  readonly height: number;
}

/** The rectangles of a frame's parts. A part is undefined if it does not fit. */
export interface Layout {
  readonly header: Rect;
  /** The gauges: two boxes side by side, or one line for both. */
  readonly tokens?: Rect;
  readonly context?: Rect;
  readonly gaugeLine?: Rect;
  readonly table?: Rect;
  readonly detail?: Rect;
  readonly notice?: Rect;
  readonly keys: Rect;
}

/** The size of the screen, and the parts that need room. */
export interface LayoutNeeds {
  readonly cols: number;
  readonly rows: number;
  /** The detail log covers the table, is beneath it, or has nothing to show. */
  readonly detail: 'open' | 'beside' | 'none';
  readonly gauges: boolean;
  /** Maximum share of the room below the gauges for the table, if the detail log is beneath it. */
  readonly tablePercent: number;
  /** True if there is a notice, a trouble or a prompt to show. */
  readonly notice: boolean;
  /** Lines that the whole table would need, header included. */
  readonly tableLines: number;
}

/** The minimum size. Smaller screens show only the counts and this size. */
export const minSize = { cols: 40, rows: 6 };

const wide = { cols: 110, rows: 30 };
const gaugeBoxHeight = 6;
const roomyRows = 18;

/** Divides the screen into parts without gaps or overlaps, at any size from `minSize` up. */
export function layout(needs: LayoutNeeds): Layout {
  const { cols, rows } = needs;
  const at = (top: number, height: number): Rect => ({ top, left: 0, width: cols, height });
  const notice = needs.notice ? at(rows - 2, 1) : undefined;
  const header = at(0, 1);
  const keys = at(rows - 1, 1);
  const end = rows - (notice ? 2 : 1);
  const frame = { header, keys, ...(notice && { notice }) };
  if (needs.detail === 'open') return { ...frame, detail: at(1, end - 1) };

  const gauges = needs.gauges ? gaugeParts(cols, rows) : { height: 0, parts: {} };
  const top = 1 + gauges.height;
  const { table, detail } = splitBody(at(top, end - top), needs);
  return { ...frame, ...gauges.parts, table, ...(detail && { detail }) };
}

function gaugeParts(cols: number, rows: number): { height: number; parts: Partial<Layout> } {
  if (cols >= wide.cols && rows >= wide.rows) {
    const half = Math.floor(cols / 2);
    const tokens = { top: 1, left: 0, width: half, height: gaugeBoxHeight };
    const context = { top: 1, left: half, width: cols - half, height: gaugeBoxHeight };
    return { height: gaugeBoxHeight, parts: { tokens, context } };
  }
  if (cols >= 60 && rows >= roomyRows) {
    return { height: 1, parts: { gaugeLine: { top: 1, left: 0, width: cols, height: 1 } } };
  }
  return { height: 0, parts: {} };
}

/** Percent that a small screen adds to the table's share, since the detail log can be scrolled. */
const smallScreenBonus = 5;

/** The table gets the lines it needs up to its share, the detail log the rest. A small screen has no detail log. */
function splitBody(body: Rect, needs: LayoutNeeds): { table: Rect; detail?: Rect } {
  if (needs.detail === 'none' || needs.rows < roomyRows || needs.cols < 60) return { table: body };
  const share = needs.tablePercent + (needs.rows >= wide.rows ? 0 : smallScreenBonus);
  const maxHeight = Math.ceil((body.height * share) / 100);
  const height = Math.max(Math.min(needs.tableLines, maxHeight), Math.min(5, maxHeight));
  return {
    table: { ...body, height },
    detail: { ...body, top: body.top + height, height: body.height - height },
  };
}
