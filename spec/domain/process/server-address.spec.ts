import { describe, expect, it } from 'vitest';
import { loopbackPort, parseServerAddress } from '../../../lib/domain/process/server-address.ts';

describe("a server's address", () => {
  it.each([
    ['http://build.example:4096', 'http://build.example:4096', 'build.example:4096'],
    ['HTTPS://Build.Example/', 'https://build.example', 'build.example'],
    ['http://[::1]:4096', 'http://[::1]:4096', '[::1]:4096'],
    ['https://build.example/opencode/', 'https://build.example/opencode', 'build.example/opencode'],
  ])('%s is parsed to %s, with the name %s', (typed, url, name) => {
    expect(parseServerAddress(typed)).toEqual({ url, name });
  });

  it.each(['build.example:4096', 'ftp://build.example', 'http://', 'http://a b', '', 'http://x/?token=1'])(
    'refuses %s',
    (typed) => {
      expect(parseServerAddress(typed)).toEqual({ refused: expect.stringContaining('http://HOST:PORT') });
    },
  );

  it.each(['http://me:secret@build.example', 'http://:secret@build.example', 'https://secret@build.example'])(
    'refuses a password and does not repeat it: %s',
    (typed) => {
      const answer = parseServerAddress(typed);
      expect(answer).toEqual({ refused: expect.stringContaining('OPENCODE_SERVER_PASSWORD') });
      expect(JSON.stringify(answer)).not.toContain('secret');
    },
  );

  it.each([
    ['http://localhost:4096', 4096],
    ['http://127.0.0.1:5000', 5000],
    ['http://[::1]:80', 80],
    ['http://192.0.2.2:4096', undefined],
    ['http://localhost.example:4096', undefined],
  ])('has a loopback port only on this machine: %s', (url, port) => {
    const address = parseServerAddress(url);
    if ('refused' in address) throw new Error(address.refused);
    expect(loopbackPort(address)).toBe(port);
  });
});
