/** A path as people write it: below their home with a tilde. */
export function shortPath(path: string, homeDir: string): string {
  const inHome = homeDir !== '' && homeDir !== '/' && path.startsWith(`${homeDir}/`);
  return inHome ? `~${path.slice(homeDir.length)}` : path;
}
