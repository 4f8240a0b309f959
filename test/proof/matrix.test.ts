import pg from 'pg';
import { adminUrl } from '../support/postgres.js';
import type { DeclaredRoute } from '../isolation/http/inventory.js';
import { attacks } from './matrix/attacks.js';
import { attempt } from './matrix/attempt.js';
import { attackCell, witnessOf, type Cell } from './matrix/cell.js';
import { makeRow, type Row } from './matrix/row.js';
import { snapshotQuery } from './matrix/snapshot.js';
import { setMatrixStage, type MatrixStage } from './matrix/stage.js';
import { owners, type Owner } from './owners.js';
import { record } from './record.js';

// Every route that the application serves × every attack, as the other tenant and as those who are no longer let in.
let stage: MatrixStage;
let database: pg.Client;
let snapshot: string;
const matrix = new Map<string, readonly Cell[]>();

beforeAll(async () => {
  database = new pg.Client(adminUrl());
  await database.connect();
  stage = await setMatrixStage();
  snapshot = await snapshotQuery(database);
});
afterAll(async () => {
  await database.end();
  await (stage as MatrixStage | undefined)?.testApp.close(); // there is none when it could not be set
  const cells = [...matrix.values()].flat();
  record({
    part: 'matrix',
    counts: {
      routes: matrix.size,
      attacks: attacks.length,
      attempted: cells.filter(({ verdict }) => verdict !== 'none').length,
      leaks: cells.filter(({ verdict }) => verdict === 'leak').length,
    },
    details: { attacks: attacks.map(({ name }) => name), routes: Object.fromEntries(matrix) },
  });
});

const nameOf = ({ method, path }: DeclaredRoute) => `${method} ${path}`;

it('every route has its owner in test/proof/owners.ts, who shows that it works, and every owner has a route', () => {
  expect(Object.keys(owners).toSorted()).toEqual(stage.routes.map(nameOf).toSorted());
});

it.each(Object.entries(owners))('%s: serves its owner, and refuses every attack', async (name, declaration) => {
  const route = stage.routes.find((each) => nameOf(each) === name);
  if (!route) throw new Error(`There is no such route. Take it out of test/proof/owners.ts.`);
  const { row, answer } = await controlled(route, declaration);
  const witness = witnessOf(route, row, database, snapshot);
  const cells: Cell[] = [];
  let seen = await witness();
  for (const attack of attacks) {
    const { cell, after } = await attackCell(route, row, attack, witness, seen);
    cells.push(cell);
    seen = after;
  }
  matrix.set(name, cells);
  const leaks = cells.filter(({ verdict }) => verdict === 'leak');
  expect(leaks.map(({ attack, findings, sent, came }) => ({ attack, findings, sent, came }))).toEqual([]);

  const again = await ask(route, row);
  if (!declaration.isAlarm) expect(again.status).toBeLessThan(300);
  if (answer && declaration.of !== 'nobody') expect(again.text).toBe(answer.text);
});

/** The row, and for what is read the owner's answer: before all attacks, so that whatever caches there are, are warm. */
async function controlled(route: DeclaredRoute, declaration: Owner) {
  const row = await makeRow(stage, declaration);
  if (route.method !== 'GET') return { row };
  const answer = await ask(route, row);
  expect(declaration.isAlarm ? [200, 503] : [200]).toContain(answer.status);
  return { row: { ...row, etag: answer.headers.get('etag') ?? undefined }, answer };
}

const ask = async (route: DeclaredRoute, row: Row) =>
  (await attempt(row, route.method, { caller: row.owner }, row.theirs)).answer;
