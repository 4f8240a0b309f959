import { z } from 'zod';

/** Something that has changed. There is no other way to tell clients of it than by one of these. */
export interface RealtimeEvent<Payload = unknown> {
  /** What clients know it by. */
  readonly name: string;
  /** Another one makes another event: processes that know only the old one do not pass it on. */
  readonly version: number;
  /** Who is told: every member of the tenant who listens, or only whoever made the change, wherever they are logged in to it. */
  readonly scope: 'tenant' | 'user';
  /** Numbers and ids, never contents: whoever reads Redis reads along. */
  readonly payload: z.ZodType<Payload>;
}

const number = z.int().positive();
const project = z.strictObject({ project: number });
const task = z.strictObject({ project: number, task: number });
const file = z.strictObject({ project: number, file: number });
const member = z.strictObject({ member: z.uuid() });
const report = z.strictObject({ report: number });
const thread = z.strictObject({ thread: z.uuid() });
/** The one content that may be read along: it is nobody's, and made to be recognised where it must not be. */
const canary = z.strictObject({ number, secret: z.string().max(64) });
export type CanaryPayload = z.infer<typeof canary>;

/** The registry: everything that clients are told of. */
export const events = {
  projectCreated: event({ name: 'project.created', version: 1, scope: 'tenant', payload: project }),
  projectUpdated: event({ name: 'project.updated', version: 1, scope: 'tenant', payload: project }),
  projectDeleted: event({ name: 'project.deleted', version: 1, scope: 'tenant', payload: project }),
  taskCreated: event({ name: 'task.created', version: 1, scope: 'tenant', payload: task }),
  taskUpdated: event({ name: 'task.updated', version: 1, scope: 'tenant', payload: task }),
  taskDeleted: event({ name: 'task.deleted', version: 1, scope: 'tenant', payload: task }),
  fileCreated: event({ name: 'file.created', version: 1, scope: 'tenant', payload: file }),
  fileDeleted: event({ name: 'file.deleted', version: 1, scope: 'tenant', payload: file }),
  memberUpdated: event({ name: 'member.updated', version: 1, scope: 'tenant', payload: member }),
  memberRemoved: event({ name: 'member.removed', version: 1, scope: 'tenant', payload: member }),
  reportRequested: event({ name: 'report.requested', version: 1, scope: 'tenant', payload: report }),
  reportFinished: event({ name: 'report.finished', version: 1, scope: 'tenant', payload: report }),
  threadCreated: event({ name: 'thread.created', version: 1, scope: 'user', payload: thread }),
  threadUpdated: event({ name: 'thread.updated', version: 1, scope: 'user', payload: thread }),
  threadDeleted: event({ name: 'thread.deleted', version: 1, scope: 'user', payload: thread }),
  canary: event({ name: 'canary.tenant', version: 1, scope: 'tenant', payload: canary }),
  canaryOfUser: event({ name: 'canary.user', version: 1, scope: 'user', payload: canary }),
} as const;

const byName = new Map<string, RealtimeEvent>(Object.values(events).map((each) => [each.name, each]));

export function eventNamed(name: string, version: number): RealtimeEvent | undefined {
  const found = byName.get(name);
  return found?.version === version ? found : undefined;
}

/** @throws Error for an event that is not in the registry, however it was made */
export function assertRegistered(event: Pick<RealtimeEvent, 'name'>): void {
  if (byName.get(event.name) === event) return;
  throw new Error(`The event "${event.name}" is not registered. Add it to src/isolation/realtime/events.ts.`);
}

function event<Payload>(definition: RealtimeEvent<Payload>): RealtimeEvent<Payload> {
  return Object.freeze(definition);
}
