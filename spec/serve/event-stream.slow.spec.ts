import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Board } from '../../lib/domain/board/board.ts';
import { withRows } from '../../lib/domain/board/build-board.ts';
import { sanitize } from '../../lib/text/sanitize.ts';
import { readEvents, type ServeUnderTest, serveUnderTest } from '../support/serve.ts';

let serve: ServeUnderTest;
afterEach(() => serve.close());

/** Returns the Board without its first row, and with another title in the second one. */
function changed(board: Board): Board {
  const [, second, ...rest] = board.rows;
  if (!second?.session) throw new Error('the demo has fewer than two sessions');
  const renamed = { ...second, session: { ...second.session, title: sanitize('Another title') } };
  return withRows(board, [renamed, ...rest]);
}

/** Returns the Board with more text than the buffer of a socket holds. */
function huge(round: number): (board: Board) => Board {
  return (board) => ({
    ...board,
    rows: board.rows.map((row) =>
      row.session
        ? { ...row, session: { ...row.session, lastOutput: sanitize(`${round} ${'x'.repeat(15_000)}`) } }
        : row,
    ),
  });
}

describe('the event stream of otop serve', () => {
  it('starts with the whole Board and continues with the changes', async () => {
    serve = await serveUnderTest();
    const reader = await readEvents(serve.port);
    const board = (await reader.next('board')) as { rows: { key: string }[] };
    expect(board.rows.length).toBeGreaterThan(5);
    const [first, second] = board.rows;
    serve.show(changed);
    expect(await reader.next('removed')).toMatchObject({ key: first?.key });
    expect(await reader.next('changed')).toMatchObject({
      row: { key: second?.key, session: { title: 'Another title' } },
    });
    const late = await readEvents(serve.port);
    expect((await late.next('board')) as { rows: unknown[] }).toMatchObject({
      rows: { length: board.rows.length - 1 },
    });
    expect(reader.ids).toEqual([...reader.ids].sort((one, other) => one - other));
    expect(new Set(reader.ids).size).toBe(reader.ids.length);
    late.leave();
    reader.leave();
    await Promise.all([late.ended(), reader.ended()]);
  });

  it('refuses readers above its limit with 503 or 429', async () => {
    serve = await serveUnderTest({ streamLimits: { clients: 64, unreadBytes: 1024 * 1024 } });
    const readers = await Promise.all(
      Array.from({ length: 290 }, async () => {
        const reader = await readEvents(serve.port);
        if (reader.status !== 200) reader.leave();
        return reader;
      }),
    );
    const statuses = readers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(64);
    expect(statuses.filter((status) => status === 503)).toHaveLength(226);
    const flood = await Promise.all(
      Array.from({ length: 710 }, async () => {
        const reader = await readEvents(serve.port);
        reader.leave();
        return reader.status;
      }),
    );
    expect(flood.every((status) => status === 503 || status === 429)).toBe(true);
    for (const reader of readers) reader.leave();
    await Promise.all(readers.map(({ ended }) => ended()));
  });

  it('disconnects a client that never reads, and no other', async () => {
    serve = await serveUnderTest({ tickMs: 200, streamLimits: { clients: 4, unreadBytes: 64 * 1024 } });
    const good = await readEvents(serve.port);
    await good.next('board');
    const deaf = connect(serve.port, '127.0.0.1', () => {
      deaf.write('GET /events HTTP/1.1\r\nhost: localhost\r\n\r\n');
    });
    deaf.pause();
    let isGone = false;
    deaf.on('close', () => {
      isGone = true;
    });
    deaf.on('error', () => undefined);
    for (let round = 0; !isGone && round < 500; round++) {
      serve.show(huge(round));
      await good.next('changed');
      const clients = /^otop_event_clients (\d+)$/m.exec((await serve.get('/metrics')).text)?.[1];
      if (clients === '1' && round > 2) break;
    }
    expect((await serve.get('/metrics')).text).toMatch(/^otop_event_clients 1$/m);
    good.leave();
    deaf.destroy();
    await good.ended();
  });

  it('ends cleanly when the serve ends', async () => {
    serve = await serveUnderTest();
    const reader = await readEvents(serve.port);
    await reader.next('board');
    await serve.close();
    await reader.ended();
    expect(serve.bugs).toEqual([]);
  });
});
