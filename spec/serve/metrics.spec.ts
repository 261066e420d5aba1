import { describe, expect, it } from 'vitest';
import { openMetrics } from '../../lib/serve/metrics.ts';
import { board, fleet } from '../support/board.ts';
import { nowMs } from '../support/builders.ts';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Parses the text exposition format (version 0.0.4). Throws at the first invalid line. */
function parse(text: string): { readonly types: Map<string, string>; readonly samples: Sample[] } {
  expect(text.endsWith('\n')).toBe(true);
  const types = new Map<string, string>();
  const described = new Set<string>();
  const samples: Sample[] = [];
  for (const line of text.split('\n').filter(Boolean)) {
    const comment = /^# (HELP|TYPE) ([a-z_:][a-z0-9_:]*) (.+)$/i.exec(line);
    if (comment?.[1] === 'HELP') described.add(comment[2] ?? '');
    else if (comment) types.set(comment[2] ?? '', comment[3] ?? '');
    else {
      const found = /^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (-?[\d.]+(?:e[+-]?\d+)?|NaN|\+Inf)$/i.exec(line);
      if (!found) throw new Error(`not a valid line: ${line}`);
      const pairs = [...(found[2] ?? '').matchAll(/([a-z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/gi)];
      expect(pairs.map(([pair]) => pair).join('')).toBe(found[2] ?? '');
      const labels = Object.fromEntries(pairs.map(([, key, value]) => [key, value]));
      samples.push({ name: found[1] ?? '', labels, value: Number(found[3]) });
      expect([described.has(found[1] ?? ''), types.has(found[1] ?? '')]).toEqual([true, true]);
    }
  }
  const identities = samples.map(({ name, labels }) => `${name} ${JSON.stringify(labels)}`);
  expect(new Set(identities).size).toBe(identities.length);
  return { types, samples };
}

function metricsOf(of = board(fleet)) {
  return openMetrics({
    version: '1.2.3',
    board: () => of,
    nowMs: () => nowMs,
    ownUse: () => ({ rssBytes: 84 * 2 ** 20, cpuPercent: 0.2 }),
    cpuMicros: () => 1_500_000,
    eventClients: () => 2,
  });
}

const value = (samples: readonly Sample[], name: string, labels: Record<string, string> = {}) =>
  samples.find(
    (each) => each.name === name && Object.entries(labels).every(([key, of]) => each.labels[key] === of),
  )?.value;

describe('the metrics of otop serve', () => {
  it('are well-formed and have names that begin with otop_', async () => {
    const metrics = metricsOf();
    metrics.countResponse('/sessions', 200);
    metrics.countResponse(undefined, 404);
    const { types, samples } = parse(await metrics.text());
    expect([...types.keys()].filter((name) => !name.startsWith('otop_'))).toEqual([]);
    expect(types.get('otop_http_requests_total')).toBe('counter');
    expect(value(samples, 'otop_http_requests_total', { path: 'none', status: '404' })).toBe(1);
  });

  it('contain sessions by state, waiting time, tokens, cost and the resources of otop itself', async () => {
    const { samples } = parse(await metricsOf().text());
    expect(value(samples, 'otop_sessions', { state: 'asking' })).toBe(1);
    expect(value(samples, 'otop_sessions', { state: 'stale' })).toBe(0);
    expect(value(samples, 'otop_sessions_needing_you')).toBe(2);
    expect(value(samples, 'otop_waiting_seconds', { state: 'asking' })).toBe(185);
    expect(value(samples, 'otop_waiting_seconds', { state: 'truncated' })).toBeUndefined();
    expect(value(samples, 'otop_tokens', { kind: 'output', span: 'today' })).toBe(412_000);
    expect(value(samples, 'otop_cost_dollars', { span: 'today' })).toBe(6.31);
    expect(value(samples, 'otop_tokens_per_minute')).toBe(4200);
    expect(value(samples, 'otop_process_cpu_seconds_total')).toBe(1.5);
    expect(value(samples, 'otop_process_resident_memory_bytes')).toBe(84 * 2 ** 20);
    expect(value(samples, 'otop_event_clients')).toBe(2);
  });

  it('have no sample for an unknown value', async () => {
    const { allTime: _allTime, today: _today, ...bare } = board([]);
    const { samples } = parse(await metricsOf({ ...bare, tokensPerMinute: [] }).text());
    for (const name of ['otop_tokens', 'otop_cost_dollars', 'otop_tokens_per_minute', 'otop_waiting_seconds'])
      expect(value(samples, name)).toBeUndefined();
    const partial = parse(await metricsOf(board(fleet, { totalsProgress: 0.4 })).text());
    expect(value(partial.samples, 'otop_tokens')).toBeUndefined();
  });

  it('count the waiting time of sessions without the sleep of the machine', async () => {
    const metrics = metricsOf();
    metrics.observe(board(fleet, { atMs: nowMs + 2000 }));
    metrics.observe(board([], { atMs: nowMs + 3000 }));
    metrics.observe(board([], { atMs: nowMs + 9000 }));
    const { samples } = parse(await metrics.text());
    expect(value(samples, 'otop_waiting_seconds_total')).toBe(6);
    metrics.observe(board(fleet, { atMs: nowMs + 10_000 }));
    metrics.observe(board(fleet, { atMs: nowMs + 8 * 3_600_000 }));
    expect(value(parse(await metrics.text()).samples, 'otop_waiting_seconds_total')).toBe(126);
  });
});
