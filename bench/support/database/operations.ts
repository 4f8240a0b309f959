import type { Ledger, Place } from './ledger.js';
import type { TenantAccess } from './tenant-access.js';
import { projectsPerTenant } from './world.js';

export interface Operation {
  readonly title: string;
  /** What a reader of its table has to know. */
  readonly setting?: Readonly<Record<string, string>>;
  /** @throws Error when the answer is not the tenant's, or not what was asked for */
  readonly run: (access: TenantAccess, place: Place, ledger: Ledger) => Promise<void>;
}

const pageSize = 50;
let tasksAdded = 0;

export const pointRead: Operation = {
  title: 'read one project',
  run: async ({ one }, place) => {
    expectRow(await one(place.tenantId, ({ project }) => project.findFirst({ where: place })), place);
  },
};

const list: Operation = {
  title: `list ${String(pageSize)} projects`,
  run: async ({ one }, { tenantId, number }) => {
    const before = Math.max(number, pageSize + 1);
    const rows = await one(tenantId, ({ project }) =>
      project.findMany({
        where: { tenantId, number: { lt: before } },
        orderBy: { number: 'desc' },
        take: pageSize,
      }),
    );
    expect(rows.length === pageSize, `${String(pageSize)} projects`, rows);
    for (const [index, row] of rows.entries()) expectRow(row, { tenantId, number: before - 1 - index });
  },
};

const insert: Operation = {
  title: 'insert a task',
  run: async ({ one, ownership }, { tenantId, number }, ledger) => {
    const place = { tenantId, number: projectsPerTenant + ++tasksAdded };
    const title = ledger.newText(tenantId);
    const data = { ...ownership(tenantId), number: place.number, projectNumber: number, title };
    expectText(await one(tenantId, ({ task }) => task.create({ data })), place, title);
    ledger.confirm('tasks', place, title);
  },
};

const update: Operation = {
  title: 'update a project',
  run: async ({ one }, place, ledger) => {
    const name = ledger.newText(place.tenantId);
    const query = { where: { tenantId_number: place }, data: { name } };
    expectText(await one(place.tenantId, ({ project }) => project.update(query)), place, name);
    ledger.confirm('projects', place, name);
  },
};

const relations: Operation = {
  title: 'read a task with its project and its assignee',
  run: async ({ one }, place) => {
    const include = { project: true, assignee: true };
    const row = await one(place.tenantId, ({ task }) => task.findFirst({ where: place, include }));
    expectRow(row, place);
    expectRow(row?.project, place);
    expect(row?.assignee?.tenantId === place.tenantId, `a member of ${place.tenantId}`, row?.assignee);
    expect(row.assignee.userId === row.assigneeId, `member ${String(row.assigneeId)}`, row.assignee);
  },
};

const transaction: Operation = {
  title: 'five statements in one transaction',
  setting: { 'the extension': 'a batch on the client below it, in which no statement depends on another' },
  run: async (access, place, ledger) => {
    const key = { tenantId_number: place };
    const [title, name] = [ledger.newText(place.tenantId), ledger.newText(place.tenantId)];
    const [project, task, changedTask, changedProject, tasks] = await access.transaction(place.tenantId, [
      (models) => models.project.findFirst({ where: place }),
      (models) => models.task.findFirst({ where: place }),
      (models) => models.task.update({ where: key, data: { title } }),
      (models) => models.project.update({ where: key, data: { name } }),
      (models) => models.task.findMany({ where: { tenantId: place.tenantId, projectNumber: place.number } }),
    ]);
    expectRow(project, place);
    expectRow(task, place);
    expectText(changedTask, place, title);
    expectText(changedProject, place, name);
    expect(tasks.length === 1, 'one task', tasks);
    expectText(tasks[0], place, title);
    ledger.confirm('tasks', place, title);
    ledger.confirm('projects', place, name);
  },
};

export const operations = [pointRead, list, insert, update, relations, transaction];

function expectText(
  row: (Place & ({ title: string } | { name: string })) | undefined,
  place: Place,
  text: string,
): void {
  expectRow(row, place);
  expect((row && 'title' in row ? row.title : row?.name) === text, text, row);
}

function expectRow(row: Place | null | undefined, { tenantId, number }: Place): void {
  expect(row?.tenantId === tenantId && row.number === number, `${String(number)} of ${tenantId}`, row);
}

function expect(isRight: boolean, expected: string, actual: unknown): asserts isRight {
  if (!isRight) throw new Error(`WRONG ANSWER: ${expected} was asked for, and this came: ${JSON.stringify(actual)}`);
}
