import { describe, expect, it } from 'vitest';
import { failureText, mayHaveArrived, ServerFailure } from '../../../lib/sources/server/failure.ts';

/** An error in the form of Node's fetch, with the reason as its cause. */
const failed = (code: string) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(`${code} with details`), { code }) });

describe('the text of a failure', () => {
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

  it('is the message of a ServerFailure anywhere in the chain of causes', () => {
    const own = new ServerFailure('it rejects the password');
    expect(failureText(new Error('outer', { cause: new Error('inner', { cause: own }) }))).toBe(own.message);
  });

  it('is the innermost message if no cause is known', () => {
    expect(failureText(new TypeError('fetch failed', { cause: new Error('bad port') }))).toBe('bad port');
  });

  it('is one line of printable text of limited length', () => {
    const text = failureText(new Error(`\x1b[31mboom\n${'x'.repeat(5000)}`));
    expect(text).toMatch(/^boom x+…$/);
    expect(text.length).toBeLessThanOrEqual(160);
    expect(failureText('thrown text')).toBe('thrown text');
    expect(failureText(undefined)).toBe('undefined');
  });

  it('describes a timeout and a response that is not JSON', () => {
    expect(failureText(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))).toBe(
      'it does not answer',
    );
    expect(failureText(new SyntaxError('Unexpected token'))).toContain('is not JSON of an opencode');
  });
});

it('tells whether the server may have carried out a failed request', () => {
  expect(mayHaveArrived(failed('UND_ERR_SOCKET'))).toBe(true);
  expect(mayHaveArrived(new DOMException('aborted', 'TimeoutError'))).toBe(true);
  expect(mayHaveArrived(failed('ECONNREFUSED'))).toBe(false);
  expect(mayHaveArrived(new ServerFailure('it rejects the password'))).toBe(false);
});
