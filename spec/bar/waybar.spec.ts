import { chmodSync, rmSync } from 'node:fs';
import * as fc from 'fast-check';
import { type ParseError, parse } from 'jsonc-parser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BarWorld } from '../support/bar-world.ts';

let world: BarWorld;
beforeEach(() => {
  world = new BarWorld();
});
afterEach(() => world.remove());

const file = '.config/waybar/config.jsonc';
const install = (...words: string[]) => world.bar(['install', 'waybar', '--yes', ...words]);
const uninstall = (...words: string[]) => world.bar(['uninstall', 'waybar', '--yes', ...words]);
const check = () => world.bar(['check', 'waybar']);

/** The configuration as waybar reads it, with comments. Trailing commas, which old ones refuse, are never otop's. */
function parsed(allowTrailingComma = false): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(world.read(file).replace(/^\uFEFF/, ''), errors, { allowTrailingComma });
  expect(errors).toEqual([]);
  return value;
}

/** What stands in the file now, without what differs from machine to machine. */
const shown = () =>
  world
    .read(file)
    .replaceAll(world.home, '/home/me')
    .replace(/"sum":"\w+"/, '"sum":"…"');

const usual = `// My bars
{
    "layer": "top", // above windows
    "modules-left": ["sway/workspaces"],
    "modules-right": [
        "pulseaudio",
        "clock",
    ],
    /* the clock */
    "clock": { "format": "{:%H:%M}" },
}
`;

describe("otop's module in waybar's configuration", () => {
  it('is the first of the bar and of its list, between marks', async () => {
    world.write(file, usual);
    expect(await install()).toMatchObject({ code: 0, err: '' });
    expect(shown()).toMatchInlineSnapshot(`
      "// My bars
      {
          // >>> otop {"version":"0.1.0","node":"/home/me/bin/node","script":"/home/me/bin/otop","env":{},"sum":"…"}
          // Shows who needs you. Written by \`otop bar install waybar\`; \`otop bar uninstall waybar\` takes it out again.
          "custom/otop": {
              "exec": "/home/me/bin/node /home/me/bin/otop status --format waybar",
              "return-type": "json",
              "interval": 5
          },
          // <<< otop
          "layer": "top", // above windows
          "modules-left": ["sway/workspaces"],
          "modules-right": [
              "custom/otop",
              "pulseaudio",
              "clock",
          ],
          /* the clock */
          "clock": { "format": "{:%H:%M}" },
      }
      "
    `);
    expect(parsed(true)).toMatchObject({ 'modules-right': ['custom/otop', 'pulseaudio', 'clock'] });
  });

  it('is shown before it is written, as two hunks', async () => {
    world.write(file, usual);
    const { code, out } = await world.bar(['install', 'waybar']);
    expect(code).toBe(2);
    expect(out.replaceAll(world.home, '/home/me').replace(/"sum":"\w+"/, '"sum":"…"')).toMatchInlineSnapshot(`
      "--- ~/.config/waybar/config.jsonc
      +++ ~/.config/waybar/config.jsonc
      @@ -1,4 +1,12 @@
       // My bars
       {
      +    // >>> otop {"version":"0.1.0","node":"/home/me/bin/node","script":"/home/me/bin/otop","env":{},"sum":"…"}
      +    // Shows who needs you. Written by \`otop bar install waybar\`; \`otop bar uninstall waybar\` takes it out again.
      +    "custom/otop": {
      +        "exec": "/home/me/bin/node /home/me/bin/otop status --format waybar",
      +        "return-type": "json",
      +        "interval": 5
      +    },
      +    // <<< otop
           "layer": "top", // above windows
           "modules-left": ["sway/workspaces"],
      @@ -12,4 +12,5 @@
           "modules-left": ["sway/workspaces"],
           "modules-right": [
      +        "custom/otop",
               "pulseaudio",
               "clock",
      "
    `);
    expect(world.read(file)).toBe(usual);
  });

  it.each([
    ['a line', '{ "modules-right": ["clock", "battery"], "clock": {} }'],
    [
      'a list of several bars',
      '[{"output": "DP-1", "modules-center": ["clock"]}, {"modules-right": ["tray"]}]\n',
    ],
    ['an empty list', '{\n\t"modules-right": [ ]\n}\n'],
    ['a list with only a comment', '{ "modules-right": [ /* none */ ] }'],
    ['an object without lists', '{\n  "layer": "top"\n}'],
    ['nothing in it', '{}\n'],
    ["spaces at a line's end", '{  \n  "modules-left": [  "clock"  ]  \n}\n'],
    ['a comment first', '{ // bars\n  "modules-left": [ // left\n    "clock"\n  ]\n}\n'],
    ['a byte order mark and CRLF', '\uFEFF{\r\n  "modules-right": [\r\n    "clock"\r\n  ]\r\n}\r\n'],
  ])('is put in and taken out exactly: %s', async (_what, text) => {
    world.write(file, text);
    expect(await install()).toMatchObject({ code: 0, err: '' });
    expect(JSON.stringify(parsed())).toContain('custom/otop":{"exec":');
    expect(JSON.stringify(parsed())).toMatch(/"modules-\w+":\["custom\/otop"[\],]/);
    expect((await check()).code).toBe(0);
    const once = world.read(file);
    expect(await install()).toMatchObject({ code: 0, out: `waybar is up to date: ~/${file}\n` });
    expect(world.read(file)).toBe(once);
    expect(await uninstall()).toMatchObject({ code: 0, err: '' });
    expect(world.read(file)).toBe(text);
  });

  it('is put in and taken out exactly from any valid configuration', async () => {
    const space = fc.constantFrom('', ' ', '\n', '\n    ', '\r\n\t', ' // note\n  ', ' /* note */ ');
    const names = fc.array(fc.constantFrom('"clock"', '"tray"', '"custom/vpn"'), { maxLength: 3 });
    const text = fc
      .tuple(fc.array(space, { minLength: 8, maxLength: 8 }), names, fc.boolean(), fc.boolean())
      .map(([s, list, isArray, hasOther]) => {
        const items = list.map((name) => `${s[0]}${name}${s[1]}`).join(',');
        const other = hasOther ? `"layer":${s[2]}"top"${s[3]},` : '';
        const bar = `{${s[4]}${other}${s[5]}"modules-left":${s[6]}[${items}${s[7]}]}`;
        return isArray ? `[${s[2]}${bar},${bar}]` : `${bar}\n`;
      });
    await fc.assert(
      fc.asyncProperty(text, async (before) => {
        world.write(file, before);
        expect(await install()).toMatchObject({ code: 0, err: '' });
        expect(JSON.stringify(parsed())).toContain('"modules-left":["custom/otop"');
        expect(await uninstall()).toMatchObject({ code: 0, err: '' });
        expect(world.read(file)).toBe(before);
      }),
      { numRuns: 25 },
    );
  });

  it('leaves a valid file if the user moved it to other lists and groups', async () => {
    world.write(file, '{ "modules-right": ["clock"], "group/x": { "modules": ["cpu"] } }');
    await install();
    const moved = world
      .read(file)
      .replace('["custom/otop", "clock"]', '["clock", "custom/otop"]')
      .replace('["cpu"]', '["cpu", "custom/otop", "memory"]');
    world.write(file, moved);
    expect((await check()).code).toBe(0);
    expect((await uninstall()).code).toBe(0);
    expect(parsed()).toEqual({ 'modules-right': ['clock'], 'group/x': { modules: ['cpu', 'memory'] } });
  });

  it('is broken if it is in no list, and is put back', async () => {
    world.write(file, usual);
    await install();
    const whole = world.read(file);
    world.write(file, whole.replace('\n        "custom/otop",', ''));
    expect(await check()).toMatchObject({
      code: 1,
      out: expect.stringContaining('"custom/otop" is in no list of modules'),
    });
    await install();
    expect(world.read(file)).toBe(whole);
  });

  it('opens otop in a terminal by a click, where otop knows one', async () => {
    world.write(file, '{}');
    const foot = world.write('programs/foot', '');
    chmodSync(foot, 0o755);
    const env = { PATH: world.path('programs') };
    expect((await world.bar(['install', 'waybar', '--yes'], { env })).code).toBe(0);
    expect(parsed()).toMatchObject({
      'custom/otop': {
        exec: `${world.node} ${world.script} status --format waybar`,
        'return-type': 'json',
        interval: 5,
        'on-click': `${foot} ${world.node} ${world.script}`,
      },
    });
    rmSync(foot);
    expect((await check()).out).toContain(`broken: the terminal is gone from ${foot}`);
  });
});

describe('a configuration that otop leaves alone', () => {
  const refused = async () => {
    const before = world.read(file);
    const { code, out, err } = await install();
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(world.read(file)).toBe(before);
    return err.replaceAll(world.home, '~');
  };

  it('is one that is not valid, with the place', async () => {
    world.write(file, '{\n  "modules-right": ["clock"\n}\n');
    expect(await refused()).toBe(`otop: ~/${file}:3:1: not valid JSON with comments\n`);
    world.write(file, '"a text"');
    expect(await refused()).toBe(`otop: ~/${file}:1:1: holds no bar\n`);
  });

  it('is one in which waybar would not read the list that otop would write to', async () => {
    world.write(file, '{\n  "modules-right": "clock"\n}\n');
    expect(await refused()).toBe(`otop: ~/${file}:2:3: "modules-right" is no list\n`);
    world.write(file, '{\n  "modules-right": [],\n  "modules-right": []\n}\n');
    expect(await refused()).toBe(`otop: ~/${file}:3:3: a second "modules-right"\n`);
  });

  it("is one with a module of the user's own", async () => {
    world.write(file, '{ "custom/otop": {}, "modules-right": ["custom/otop"] }');
    expect(await refused()).toContain('has a module custom/otop that otop did not write');
  });

  it('is one whose lists are in other files', async () => {
    world.write(file, '{ "include": ["modules.jsonc"] }');
    expect(await refused()).toContain('has no list of modules, but includes other files');
  });

  it('is none at all', async () => {
    expect((await install()).err).toContain('no configuration of waybar');
    expect(await world.bar(['install', 'waybar'], { platform: 'darwin' })).toEqual({
      code: 2,
      out: '',
      err: 'otop: waybar is only on Linux\n',
    });
  });

  it('is one in a folder that waybar does not read first', async () => {
    world.write(file, '{}');
    world.write('.config/waybar/config', '{}');
    world.write('other/config', '{}');
    await install();
    expect([world.read(file), world.read('.config/waybar/config').includes('otop')]).toEqual(['{}', true]);
    await world.bar(['install', 'waybar', '--yes'], { env: { WAYBAR_CONFIG_DIR: world.path('other') } });
    expect(world.read('other/config')).toContain('otop');
  });
});
