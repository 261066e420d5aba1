/** A rectangle of cells. */
export interface Rect {
  readonly top: number;
  readonly left: number;
  readonly width: number;
  readonly height: number;
}

/** Where everything stands. A part that is absent has no room at this size. */
export interface Layout {
  readonly header: Rect;
  /** Boxes side by side, or one line for both. */
  readonly tokens?: Rect;
  readonly context?: Rect;
  readonly gaugeLine?: Rect;
  readonly table?: Rect;
  readonly detail?: Rect;
  readonly notice?: Rect;
  readonly keys: Rect;
}

/** What the layout has to make room for. */
export interface LayoutWants {
  readonly cols: number;
  readonly rows: number;
  /** The detail log is in front, beside the table, or has nothing to show. */
  readonly detail: 'open' | 'beside' | 'none';
  readonly gauges: boolean;
  /** Of the room below the gauges, what the table takes at the most where the detail log is beneath it. */
  readonly tablePercent: number;
  /** There is a message or a trouble to show. */
  readonly notice: boolean;
  /** Lines that the whole table would take, its header included. */
  readonly tableLines: number;
}

/** Smaller screens show a notice and the counts instead. */
export const minSize = { cols: 40, rows: 6 };

const wide = { cols: 110, rows: 30 };
const gaugeBoxHeight = 6;
const roomyRows = 18;

/** Divides the screen: every row of it belongs to exactly one part, at any size from the least one up. */
export function layout(wants: LayoutWants): Layout {
  const { cols, rows } = wants;
  const at = (top: number, height: number): Rect => ({ top, left: 0, width: cols, height });
  const notice = wants.notice ? at(rows - 2, 1) : undefined;
  const header = at(0, 1);
  const keys = at(rows - 1, 1);
  const end = rows - (notice ? 2 : 1);
  const frame = { header, keys, ...(notice && { notice }) };
  if (wants.detail === 'open') return { ...frame, detail: at(1, end - 1) };

  const gauges = wants.gauges ? gaugeParts(cols, rows) : { height: 0, parts: {} };
  const top = 1 + gauges.height;
  const { table, detail } = splitBody(at(top, end - top), wants);
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

/** Where there is less room, the table gets more of it: a row needs two lines, the detail log is scrolled. */
const smallScreenBonus = 5;

/** The table takes what it needs, up to its share; the detail log takes the rest where that is worth a box. */
function splitBody(body: Rect, wants: LayoutWants): { table: Rect; detail?: Rect } {
  if (wants.detail === 'none' || wants.rows < roomyRows || wants.cols < 60) return { table: body };
  const share = wants.tablePercent + (wants.rows >= wide.rows ? 0 : smallScreenBonus);
  const maxHeight = Math.ceil((body.height * share) / 100);
  const height = Math.max(Math.min(wants.tableLines, maxHeight), Math.min(5, maxHeight));
  return {
    table: { ...body, height },
    detail: { ...body, top: body.top + height, height: body.height - height },
  };
}
