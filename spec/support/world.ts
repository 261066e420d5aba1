/*
 * The empty world of a spec, made before each file: nothing of the user's environment reaches otop, or a program that a
 * spec starts, unless the spec says so. What is left is PATH, the temporary folder, and what vitest and the specs
 * themselves are told by.
 */
const own =
  /^(PATH|TMPDIR|CI|NODE_ENV|TEST|MODE|DEV|PROD|SSR|BASE_URL|VITEST.*|OTOP_(SEED|MUTATIONS|TORTURE_SNAPSHOTS))$/;

for (const name of Object.keys(process.env)) if (!own.test(name)) delete process.env[name];
// Not even root can make a folder there.
Object.assign(process.env, { HOME: '/dev/null', LANG: 'C.UTF-8', TZ: 'UTC' });
process.umask(0o022);
