/** The only part of blessed-contrib in use; its index would load 135 modules and take 100 ms. */
declare module 'blessed-contrib/lib/layout/grid.js' {
  interface GridOptions {
    readonly rows: number;
    readonly cols: number;
    readonly screen: unknown;
    readonly hideBorder?: boolean;
  }
  interface Grid {
    /** Calls `factory(options)` with a position in percent, and appends the new element to the screen. */
    set<T>(
      row: number,
      col: number,
      rowSpan: number,
      colSpan: number,
      factory: (options: object) => T,
      options: object,
    ): T;
  }
  const Grid: new (options: GridOptions) => Grid;
  export = Grid;
}
