/** What a tag releases. */
export interface Release {
  /** Without the tag's `v`, for example `1.2.0-rc.1`. */
  readonly version: string;
  readonly isPrerelease: boolean;
  /** npm's name for the newest version of its kind: `npm install otop@next` gets a prerelease. */
  readonly npmTag: 'latest' | 'next';
  /** The version's section of the changelog, in Markdown. */
  readonly notes: string;
}

const tagForm = /^v(\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?)$/;

/** Returns what `tag` releases. Throws with a reason if the tag, package.json and the changelog name different versions. */
export function releaseOf(tag: string, manifestVersion: string, changelog: string): Release {
  const [, version, prerelease] = tagForm.exec(tag) ?? [];
  if (version === undefined)
    throw new Error(`the tag ${tag} is not a version, such as v1.2.0 or v1.2.0-rc.1`);
  if (version !== manifestVersion)
    throw new Error(`the tag is ${tag}, but package.json has version ${manifestVersion}`);
  const isPrerelease = prerelease !== undefined;
  return {
    version,
    isPrerelease,
    npmTag: isPrerelease ? 'next' : 'latest',
    notes: changelogSection(changelog, version),
  };
}

/**
 * Returns the text under the heading `## [VERSION] - YYYY-MM-DD` of a changelog. Throws if the heading is missing or has no
 * date, or if nothing is under it. Joins the lines of an item, because GitHub would keep the line breaks.
 */
function changelogSection(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const heading = new RegExp(`^\\[?${version.replaceAll('.', '\\.')}\\]? - \\d{4}-\\d{2}-\\d{2}$`);
  for (const section of sections) {
    const end = section.indexOf('\n');
    if (end < 0 || !heading.test(section.slice(0, end).trim())) continue;
    const text = section.slice(end).trim();
    if (text === '') throw new Error(`CHANGELOG.md says nothing about ${version}`);
    return `${text.replace(/\n +(?![-*] )/g, ' ')}\n`;
  }
  throw new Error(`CHANGELOG.md has no heading "## [${version}] - YYYY-MM-DD"`);
}

/** What the formula says of one released package. */
export interface ReleasedFile {
  /** `OWNER/NAME` on GitHub. */
  readonly repository: string;
  readonly version: string;
  readonly fileName: string;
  /** In hexadecimal digits. */
  readonly sha256: string;
}

/** Returns the Homebrew formula for a released file; `template` is scripts/contrib/otop.rb. Throws if a line is missing. */
export function filledFormula(template: string, file: ReleasedFile): string {
  const home = `https://github.com/${file.repository}`;
  const lines = {
    homepage: home,
    url: `${home}/releases/download/v${file.version}/${file.fileName}`,
    sha256: file.sha256,
  };
  let formula = template;
  for (const [name, value] of Object.entries(lines)) {
    const line = new RegExp(`^( *${name}) ".*"$`, 'm');
    if (!line.test(formula)) throw new Error(`the formula has no line ${name}`);
    formula = formula.replace(line, `$1 "${value}"`);
  }
  return formula;
}
