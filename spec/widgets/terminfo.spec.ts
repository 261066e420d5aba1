import { describe, expect, it } from 'vitest';
import { compileOnFirstCall, type TerminfoReader } from '../../widgets/terminfo.ts';

describe('a capability of the terminal', () => {
  it('is compiled once, at its first call; one that is no text is compiled at once', () => {
    const compiled: string[] = [];
    const reader: TerminfoReader = {
      ipaths: [],
      prototype: {
        _compile(_info, name, value) {
          compiled.push(name);
          return typeof value === 'string' ? (row: number) => `${value}${row}` : value;
        },
      },
    };
    compileOnFirstCall(reader);
    const move = reader.prototype._compile({}, 'row_address', 'to ') as (row: number) => string;
    expect(reader.prototype._compile({}, 'max_colors', 256)).toBe(256);
    expect(compiled).toEqual(['max_colors']);
    expect([move(3), move(4)]).toEqual(['to 3', 'to 4']);
    expect(compiled).toEqual(['max_colors', 'row_address']);
  });
});
