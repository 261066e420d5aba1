type Capability = (...parameters: readonly unknown[]) => string;

/** The part of blessed's terminfo reader that is used. */
export interface TerminfoReader {
  /** The folders of the system's terminfo files, which it searches before its own. */
  readonly ipaths: unknown[];
  readonly prototype: {
    _compile(info: unknown, name: string, value: unknown): unknown;
  };
}

/**
 * Compiles a capability at its first call. blessed compiles all four hundred at the start and calls thirty, which
 * delays the first frame by 20 ms.
 */
export function compileOnFirstCall({ prototype }: TerminfoReader): void {
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
 * Keeps blessed from reading the system's terminfo files: it cannot read their newer format, and takes 10 ms to fall
 * back to its own. Only for a terminal whose terminfo blessed contains.
 */
export function skipSystemTerminfo({ ipaths }: TerminfoReader): void {
  ipaths.length = 0;
}
