/**
 * A real SQLite writer with all kinds of disturbances, in a separate process that the spec kills.
 * Usage: node torture-writer.mjs PATH SEED FIRST_TICK [recreate]
 * Invariants of every commit: sum(cell.value) is 0; every witness row and the clock row have the same tick; the clock
 * row has the number of cells; ticks only increase, also after crashes and in new files.
 */
import { rmSync } from 'node:fs';
import { Database } from '@signalapp/sqlcipher';

const [path, seed, firstTick, recreates] = process.argv.slice(2);
const CELLS = 1500;
const WITNESS_EVERY = 50;
let state = Number(seed) >>> 0 || 1;

function random(below) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

function pad() {
  return 'x'.repeat(40 + random(400));
}

function open() {
  const db = new Database(path);
  db.exec('pragma busy_timeout = 10000; pragma secure_delete = off');
  db.exec('pragma journal_mode = wal; pragma synchronous = off');
  db.exec(`pragma wal_autocheckpoint = ${[1, 5, 30, 200, 1000][random(5)]}`);
  return db;
}

function create(db, tick) {
  db.exec('begin immediate');
  if (db.prepare("select count(*) n from sqlite_master where name = 'clock'").get().n === 0) {
    db.exec(`create table clock (tick integer, cells integer);
      create table cell (id integer primary key, value integer, tick integer, pad text);
      create index cell_value on cell (value)`);
    const insert = db.prepare('insert into cell values (?, 0, ?, ?)');
    for (let id = 1; id <= CELLS; id += 1) insert.run([id, tick, pad()]);
    db.prepare('insert into clock values (?, ?)').run([tick, CELLS]);
  }
  db.exec('commit');
}

function move(db) {
  const from = 1 + random(CELLS);
  const to = 1 + random(CELLS);
  const amount = random(1000);
  db.exec(`update cell set value = value - ${amount}, pad = '${pad()}' where id = ${from};
    update cell set value = value + ${amount}, pad = '${pad()}' where id = ${to}`);
}

/** Adds or deletes rows after the fixed cells, so that the number of pages changes. */
function resize(db) {
  if (random(2) === 0) {
    for (let i = random(60); i > 0; i -= 1) {
      db.exec(`insert into cell (value, tick, pad) values (0, 0, '${pad()}')`);
    }
  } else {
    db.exec(`delete from cell where id > ${CELLS + random(400)}`);
  }
}

function commit(db) {
  db.exec('begin immediate');
  for (let i = 1 + random(20); i > 0; i -= 1) move(db);
  resize(db);
  db.exec('update clock set tick = tick + 1, cells = (select count(*) from cell)');
  db.exec(
    `update cell set tick = (select tick from clock) where id <= ${CELLS} and id % ${WITNESS_EVERY} = 0`,
  );
  db.exec(random(20) === 0 ? 'rollback' : 'commit');
}

/** Runs a checkpoint or vacuum; skips it if another writer holds the lock. */
function attempt(db, sql) {
  try {
    db.exec(sql);
  } catch (error) {
    if (!/locked|busy/.test(String(error))) throw error;
  }
}

function disturb(db) {
  const mode = ['passive', 'full', 'restart', 'truncate'][random(4)];
  if (random(8) === 0) attempt(db, `pragma wal_checkpoint(${mode})`);
  if (random(60) === 0) attempt(db, 'vacuum');
}

function recreate(db) {
  const { tick } = db.prepare('select tick from clock').get();
  db.close();
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
  const fresh = open();
  create(fresh, tick + 1);
  return fresh;
}

let db = open();
create(db, Number(firstTick));
process.stdout.write('ready\n');
const parent = process.ppid;
// Ends if the spec was killed, which changes the parent pid.
while (process.ppid === parent) {
  commit(db);
  disturb(db);
  if (random(300) === 0) {
    db.close();
    db = open();
  }
  if (recreates === 'recreate' && random(200) === 0) db = recreate(db);
}
