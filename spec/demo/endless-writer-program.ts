/** A program for the spec of the WAL writer: commits without end, each time changing all rows alike. */
import initSqlJs from 'sql.js';
import { WalWriter } from '../../lib/demo/wal-writer.ts';

const [path = ''] = process.argv.slice(2);
const sql = await initSqlJs();
const writer = new WalWriter(sql, path, {
  random32: () => Math.floor(Math.random() * 2 ** 32),
  checkpointFrames: 60,
});
writer.commit((database) => {
  database.run('create table note (id integer primary key, round integer not null, text text not null)');
  for (let id = 1; id <= 12; id++) database.run('insert into note values (?, 0, ?)', [id, 'x'.repeat(3000)]);
});
process.stdout.write('ready\n');
for (let round = 1; ; round++) {
  writer.commit((database) => database.run('update note set round = ?, text = ?', [round, 'y'.repeat(3000)]));
}
