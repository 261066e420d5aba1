type Capability = (...parameters: readonly unknown[]) => string;

/** What is used of blessed's reader of terminal descriptions. */
export interface TerminfoReader {
  /** Where it looks for the system's descriptions, before its own. */
  readonly ipaths: unknown[];
  readonly prototype: {
    _compile(info: unknown, name: string, value: unknown): unknown;
  };
}

/**
 * Makes a capability's function when it is first called. blessed makes one of each of four hundred at the start, of which
 * it calls thirty: 20 ms of the way to the first frame.
 */
export function compileWhenCalled({ prototype }: TerminfoReader): void {
  const compile = prototype._compile;
  prototype._compile = function (info, name, value) {
    if (typeof value !== 'string' || value === '') return compile.call(this, info, name, value);
    let made: Capability | undefined;
    return (...parameters: readonly unknown[]) => {
      made ??= compile.call(this, info, name, value) as Capability;
      return made(...parameters);
    };
  };
}

/**
 * Keeps blessed from reading the system's descriptions, whose newer format it cannot read: 10 ms until it falls back on
 * its own. For terminals of which it has its own only.
 */
export function forgetSystemTerminfo({ ipaths }: TerminfoReader): void {
  ipaths.length = 0;
}
