import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { feedOf } from '../../spec/support/hosts.ts';
import { type StandIn, startStandIn } from '../../spec/support/stand-in-server.ts';

/** How the stand-in behaves from now on. */
export type Order = 'well' | 'slow' | 'refuse' | 'html' | 'cut' | 'long events' | 'long lines' | 'most lines';

/** The number of sessions that otop reads at once; each has nearly 1 MB of messages, which is the most that otop reads. */
const sessions = 30;
const messageBytes = 1_000_000;
const events = 20;
const eventBytes = 10 * 2 ** 20;

function messagesOf(sessionID: string): readonly object[] {
  const text = `${'A line of a text, and "another" one.\n'.repeat(400)}\n`;
  const count = Math.floor(messageBytes / (text.length * 1.06));
  return Array.from({ length: count }, (_, index) => {
    const id = `msg_${sessionID}${String(index).padStart(4, '0')}`;
    const info = { id, sessionID, role: index % 2 ? 'assistant' : 'user', time: { created: index + 1 } };
    return { info, parts: [{ id: `prt_${id}`, messageID: id, sessionID, type: 'text', text }] };
  });
}

function fill(standIn: StandIn): void {
  const ids = Array.from({ length: sessions }, (_, index) => `ses_stand${index}`);
  const time = { created: Date.now() - 60_000, updated: Date.now() };
  standIn.answers.set(
    '/experimental/session',
    ids.map((id) => ({ id, title: `Session ${id}`, directory: '/srv/work', time })),
  );
  standIn.answers.set('/session/status', Object.fromEntries(ids.map((id) => [id, { type: 'busy' }])));
  for (const id of ids) {
    standIn.answers.set(`/session/${id}/message`, messagesOf(id));
    standIn.answers.set(`/session/${id}/todo`, []);
  }
}

/** Starts an `otop serve` whose streams begin with these lines; resolves with its port. */
async function startServe(lines: () => readonly string[]): Promise<number> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const line of lines()) response.write(`data: ${line.trim()}\n\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** The program of the other process: sends its URLs, then follows the orders. */
async function main(): Promise<void> {
  const standIn = await startStandIn();
  fill(standIn);
  let lines: readonly string[] = [feedOf('serve', 50, Date.now())];
  const otopPort = await startServe(() => lines);
  const longEvent = `data: {"directory":"/srv/work","payload":{"type":"message.part.updated","properties":{"text":"${'x'.repeat(eventBytes)}"}}}\n\n`;
  process.on('message', (order: Order) => {
    standIn.delayMs = order === 'slow' ? 2000 : 0;
    standIn.manner = order === 'html' ? 'html' : 'well';
    if (order === 'cut' || order === 'html') standIn.cut();
    if (order === 'refuse') void standIn.close();
    if (order === 'long events') for (let count = 0; count < events; count += 1) standIn.sendRaw(longEvent);
    if (order === 'long lines') lines = ['x'.repeat(eventBytes)];
    if (order === 'most lines') lines = [feedOf('serve', 900, Date.now())];
  });
  process.once('disconnect', () => process.exit());
  process.send?.({ url: standIn.url, otopUrl: `http://127.0.0.1:${otopPort}` });
}

await main();
