import { type DemoModel, gemini, gpt, local, opus, sonnet } from './models.ts';

/** The task of a simulated session, with its texts. */
export interface Job {
  readonly title: string;
  readonly directory: string;
  readonly model: DemoModel;
  readonly prompts: readonly [string, ...string[]];
  readonly commands: readonly [string, ...string[]];
  readonly files: readonly [string, ...string[]];
}

/** The fleet's home directory; nothing is ever read there. */
export const demoHome = '/home/mia';

const api = `${demoHome}/src/api-client`;
const shop = `${demoHome}/src/shop`;
const js = ['npm test', 'npx tsc --noEmit', 'npm run build', 'git diff --stat'] as const;

export const jobs = {
  refactor: {
    title: 'Refactor the api client',
    directory: api,
    model: opus,
    prompts: [
      'split the client into transport and session',
      'keep the old names as deprecated exports',
      'now publish a beta',
    ],
    commands: js,
    files: ['src/client.ts', 'src/transport.ts', 'src/session.ts', 'spec/client.spec.ts'],
  },
  schema: {
    title: 'Choose a store for the job queue',
    directory: shop,
    model: sonnet,
    prompts: [
      'compare postgres and redis for our job queue',
      'write the adapter for the one you would take',
      'how do we migrate jobs that are still waiting?',
    ],
    commands: ['npm test -- queue', 'docker compose ps', 'psql -c "\\d jobs"', 'git log --oneline -5'],
    files: ['src/queue/store.ts', 'src/queue/worker.ts', 'migrations/0042_jobs.sql', 'docs/queue.md'],
  },
  flaky: {
    title: 'Find the flaky checkout spec',
    directory: shop,
    model: gpt,
    prompts: [
      'the checkout spec fails one time in ten, find out why',
      'run it 50 times and show me the failures',
      'fix the race, not the timeout',
    ],
    commands: ['npx vitest run spec/checkout.spec.ts', 'npm test', 'git bisect log', 'npm run lint'],
    files: ['spec/checkout.spec.ts', 'src/checkout/cart.ts', 'src/checkout/payment.ts', 'src/clock.ts'],
  },
  pipeline: {
    title: 'Debug the nightly pipeline 🌙',
    directory: `${demoHome}/src/pipeline`,
    model: gpt,
    prompts: [
      'the nightly import stopped at 03:12, look at the log',
      'replay the batch that failed',
      'add an alert for that',
    ],
    commands: [
      'uv run pytest -x tests/test_import.py',
      'uv run mypy src',
      'tail -n 200 logs/import.log',
      'make replay',
    ],
    files: ['src/import_job.py', 'src/batches.py', 'tests/test_import.py', 'pyproject.toml'],
  },
  parser: {
    title: 'Rewrite the config parser in Rust',
    directory: `${demoHome}/src/cfg-rs`,
    model: opus,
    prompts: [
      'port the parser, keep the error messages',
      'what about comments?',
      'benchmark it against the old one',
    ],
    commands: [
      'cargo test --workspace',
      'cargo clippy -- -D warnings',
      'cargo bench parse',
      'cargo fmt --check',
    ],
    files: ['src/parser.rs', 'src/lexer.rs', 'src/error.rs', 'tests/golden.rs'],
  },
  docs: {
    title: '日本語のドキュメントを更新する',
    directory: `${demoHome}/src/docs-site`,
    model: gemini,
    prompts: [
      'インストール手順を新しい版に合わせて',
      'リンク切れを直して',
      'check the tone of the new pages',
    ],
    commands: ['npm run build', 'npm run check-links', 'git status --short', 'npx prettier --check docs'],
    files: ['docs/ja/install.md', 'docs/ja/index.md', 'docs/ja/keys.md', 'sidebars.js'],
  },
  auth: {
    title: 'Add passkeys to the login page',
    directory: shop,
    model: opus,
    prompts: [
      'add passkeys next to the password form',
      'what happens on a browser without them?',
      'also cover it in the e2e suite',
    ],
    commands: ['npm run e2e -- login', 'npm test -- auth', 'npx tsc --noEmit', 'npm run dev -- --port 5199'],
    files: ['src/auth/passkey.ts', 'src/auth/login.tsx', 'e2e/login.spec.ts', 'src/auth/session.ts'],
  },
  infra: {
    title: 'Move the cluster to the new region',
    directory: `${demoHome}/src/infra`,
    model: sonnet,
    prompts: [
      'plan the move, smallest steps first',
      'show me the terraform diff',
      'write the rollback for each step',
    ],
    commands: ['terraform plan -no-color', 'terraform validate', 'kubectl get nodes', 'git diff --stat'],
    files: ['regions/main.tf', 'modules/cluster/main.tf', 'docs/move.md', 'modules/dns/records.tf'],
  },
  legacy: {
    title: 'Understand the billing module before we touch it',
    directory: `${demoHome}/src/billing`,
    model: opus,
    prompts: [
      'read the whole billing module and explain it',
      'which parts have no tests?',
      'go on with invoices',
    ],
    commands: [
      'mvn -q test -Dtest=InvoiceTest',
      'git log --stat -3',
      'mvn -q verify',
      'wc -l src/main/java/**/*.java',
    ],
    files: [
      'src/main/java/Invoice.java',
      'src/main/java/TaxTable.java',
      'src/test/java/InvoiceTest.java',
      'pom.xml',
    ],
  },
  local: {
    title: 'Tidy the shell scripts',
    directory: `${demoHome}/dotfiles`,
    model: local,
    prompts: ['make these scripts pass shellcheck', 'quote everything', 'and the one for backups'],
    commands: ['shellcheck bin/*', 'bash -n bin/backup', 'git diff', 'ls -la bin'],
    files: ['bin/backup', 'bin/sync', 'zshrc', 'README.md'],
  },
  search: {
    title: 'Speed up the product search',
    directory: shop,
    model: gpt,
    prompts: [
      'search takes 900 ms, find where',
      'try a trigram index',
      'measure again with the real catalogue',
    ],
    commands: [
      'npm run bench -- search',
      'psql -f explain.sql',
      'npm test -- search',
      'node --cpu-prof scripts/search.js',
    ],
    files: ['src/search/query.ts', 'src/search/rank.ts', 'migrations/0043_trigram.sql', 'bench/search.ts'],
  },
  game: {
    title: 'Level editor: undo and redo',
    directory: `${demoHome}/src/tiny-game`,
    model: sonnet,
    prompts: ['give the level editor undo and redo', 'group strokes of one drag', 'limit it to 200 steps'],
    commands: [
      'cargo run --example editor -- --headless',
      'cargo test editor',
      'cargo clippy',
      'git diff --stat',
    ],
    files: ['src/editor/history.rs', 'src/editor/mod.rs', 'src/level.rs', 'examples/editor.rs'],
  },
  orphan: {
    title: 'Compare the two logging libraries',
    directory: `${demoHome}/src/telemetry`,
    model: sonnet,
    prompts: ['compare pino and winston for us', 'which one survives a full disk?', 'write it up'],
    commands: ['node bench/log.js', 'npm ls --depth 0', 'npm test', 'du -sh logs'],
    files: ['docs/logging.md', 'bench/log.js', 'src/log.ts', 'package.json'],
  },
  mobile: {
    title: 'Dark mode for the app',
    directory: `${demoHome}/src/app`,
    model: gemini,
    prompts: [
      'add a dark palette and a switch',
      'follow the system by default',
      'screenshots of every screen, please',
    ],
    commands: ['npx expo lint', 'npm test', 'npx tsc --noEmit', 'npm run screenshots'],
    files: ['src/theme/dark.ts', 'src/theme/index.ts', 'src/screens/Settings.tsx', 'App.tsx'],
  },
  review: {
    title: 'Review the open pull requests',
    directory: `${demoHome}/src/docs-site`,
    model: sonnet,
    prompts: ['review what came in since yesterday', 'summarise the three oldest', 'draft answers'],
    commands: ['gh pr list --limit 20', 'gh pr diff 412', 'npm run check-links', 'git fetch --all'],
    files: ['docs/contributing.md', 'docs/ja/install.md', 'CHANGELOG.md', '.github/workflows/docs.yml'],
  },
  fresh: {
    title: 'Sketch the release notes',
    directory: `${demoHome}/src/release`,
    model: opus,
    prompts: ['draft the release notes from the log', 'shorter', 'and a line for the newsletter'],
    commands: ['git log --oneline v2.3.0..', 'npm run notes', 'git tag --list', 'git status --short'],
    files: ['CHANGELOG.md', 'notes/next.md', 'package.json', 'README.md'],
  },
} as const satisfies Record<string, Job>;

export const thoughts = [
  'The failing case is the one without a body; everything else goes through the same path.',
  'I should look at the callers first, so that I do not break the public names.',
  'Two modules own the same state here. One of them has to go.',
  'The test passes for the wrong reason: the clock is never advanced.',
] as const;

export const notes = [
  'Reading the failing fixture now.',
  'I will look at the callers before I change the signature.',
  'That explains it: the second call reuses the first one’s headers.',
  'Tests next, then the docs.',
  'One file left; the rest compiles.',
  'Found it. The retry never resets its counter.',
] as const;

export const answers = [
  'Done: the old names still work and warn once. All 212 tests pass.',
  'The change is in, in two commits. One thing I did not touch is the cache key; it looks wrong, but nothing reads it.',
  'It was the time zone. I fixed the comparison and added a spec for the night of the change.',
  'Here is the plan, smallest step first. Nothing needs a downtime.',
  'Both are written up in the docs, with the numbers of this machine.',
  'Three of the four are fixed. The last one needs a decision from you: keep the flag or drop it?',
] as const;

export const slugs = ['witty-canyon', 'crisp-island', 'brave-comet', 'quiet-river', 'lucky-falcon'] as const;
