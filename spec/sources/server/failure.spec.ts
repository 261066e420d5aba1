import { describe, expect, it } from 'vitest';
import { failureText, mayHaveArrived, ServerFailure } from '../../../lib/sources/server/failure.ts';

/** As Node's fetch fails: the reason is the cause. */
const failed = (code: string) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(`${code} with details`), { code }) });

describe('a failure in words', () => {
  it.each([
    ['ECONNREFUSED', 'nothing listens there'],
    ['ENOTFOUND', 'there is no host of that name'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another host name'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'it does not speak TLS: try http://'],
    ['UND_ERR_SOCKET', 'the connection was cut'],
    ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'its answer was cut short'],
  ])('%s: %s', (code, words) => {
    expect(failureText(failed(code))).toBe(words);
  });

  it('is our own reason, however deep it lies', () => {
    const own = new ServerFailure('it refuses the password');
    expect(failureText(new Error('outer', { cause: new Error('inner', { cause: own }) }))).toBe(own.message);
  });

  it('is the innermost reason, where none of them is known', () => {
    expect(failureText(new TypeError('fetch failed', { cause: new Error('bad port') }))).toBe('bad port');
  });

  it('is one line of printable text, whatever a server says', () => {
    const text = failureText(new Error(`\x1b[31mboom\n${'x'.repeat(5000)}`));
    expect(text).toMatch(/^boom x+…$/);
    expect(text.length).toBeLessThanOrEqual(160);
    expect(failureText('thrown text')).toBe('thrown text');
    expect(failureText(undefined)).toBe('undefined');
  });

  it('is time that ran out, or an answer that is no JSON', () => {
    expect(failureText(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))).toBe(
      'it gives no answer',
    );
    expect(failureText(new SyntaxError('Unexpected token'))).toContain('is not the JSON of an opencode');
  });
});

it('may come after the request was carried out, where only the answer is missing', () => {
  expect(mayHaveArrived(failed('UND_ERR_SOCKET'))).toBe(true);
  expect(mayHaveArrived(new DOMException('aborted', 'TimeoutError'))).toBe(true);
  expect(mayHaveArrived(failed('ECONNREFUSED'))).toBe(false);
  expect(mayHaveArrived(new ServerFailure('it refuses the password'))).toBe(false);
});
