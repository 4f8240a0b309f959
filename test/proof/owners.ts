import { picture } from '../support/files.js';
import { password } from '../support/world.js';
import type { Caller } from './matrix/callers.js';
import type { Things } from './matrix/things.js';

/** How a route is called by somebody who may: the positive control of every attack on it. */
export interface Owner {
  /** `{project}` stands for the number of a project of the caller's own, and so on: see things.ts. */
  readonly path: string;
  /** Sent as JSON, or as the form that it is. Made anew for each request. */
  readonly body?: (things: Things, caller: Caller) => object | Promise<object>;
  /** Whose the thing is: the tenant's, one user's within it, or that of nobody (the route is about none). */
  readonly of: 'tenant' | 'user' | 'nobody';
  /** It names a thing in its body, and none in its path. */
  readonly namesInBody?: true;
  /** Where the refresh token, which this route takes instead of an access token, stands. */
  readonly token?: 'body';
  /** A forged token that names somebody else's session rings it: its answer is a 503 then, for a while. */
  readonly isAlarm?: true;
}

const project = '/api/projects/{project}';
const task = `${project}/tasks/{task}`;
const file = `${project}/files/{file}`;
const thread = '/api/assistant/threads/{thread}';
const today = new Date().toISOString().slice(0, 10);

function form(): FormData {
  const data = new FormData();
  data.append('file', new Blob([picture('uploaded')]), 'picture.png');
  return data;
}

/** Every route, by the name that the application's inventory gives it. A route that is missing here fails the suite, and one that is gone, too. */
export const owners: Readonly<Record<string, Owner>> = {
  'POST /api/auth/login': {
    path: '/api/auth/login',
    body: ({ slug }, { email }) => ({ email, password, tenant: slug }),
    of: 'tenant',
    namesInBody: true,
  },
  'POST /api/auth/refresh': {
    path: '/api/auth/refresh',
    body: async (_, { refreshToken }) => ({ refresh_token: await refreshToken() }),
    of: 'tenant',
    token: 'body',
  },
  'POST /api/auth/switch': {
    path: '/api/auth/switch',
    body: ({ slug }) => ({ tenant: slug }),
    of: 'tenant',
    namesInBody: true,
  },
  'POST /api/auth/password': {
    path: '/api/auth/password',
    body: () => ({ current_password: password, new_password: password }),
    of: 'user',
  },
  'GET /api/auth/sessions': { path: '/api/auth/sessions', of: 'user' },
  'DELETE /api/auth/sessions/:id': { path: '/api/auth/sessions/{session}', of: 'user' },
  'POST /api/auth/logout': { path: '/api/auth/logout', of: 'user' },
  'POST /api/auth/logout-everywhere': { path: '/api/auth/logout-everywhere', of: 'user' },
  'POST /api/visitors': { path: '/api/visitors', of: 'nobody' },
  'GET /api/scratchpad': { path: '/api/scratchpad', of: 'user' },
  'PUT /api/scratchpad': { path: '/api/scratchpad', body: () => ({ text: 'new' }), of: 'user' },
  'GET /api/tenant': { path: '/api/tenant', of: 'tenant' },
  'GET /api/me': { path: '/api/me', of: 'user' },
  'GET /api/members': { path: '/api/members', of: 'tenant' },
  'GET /api/members/:userId': { path: '/api/members/{member}', of: 'tenant' },
  'PATCH /api/members/:userId': { path: '/api/members/{member}', body: () => ({ name: 'renamed' }), of: 'tenant' },
  'DELETE /api/members/:userId': { path: '/api/members/{member}', of: 'tenant' },
  'GET /api/projects': { path: '/api/projects?limit=100', of: 'tenant' },
  'POST /api/projects': { path: '/api/projects', body: () => ({ name: 'new project' }), of: 'tenant' },
  'GET /api/projects/:number': { path: project, of: 'tenant' },
  'PATCH /api/projects/:number': { path: project, body: () => ({ name: 'renamed' }), of: 'tenant' },
  'DELETE /api/projects/:number': { path: project, of: 'tenant' },
  'GET /api/projects/:project/tasks': { path: `${project}/tasks`, of: 'tenant' },
  'POST /api/projects/:project/tasks': {
    path: `${project}/tasks`,
    body: ({ member }) => ({ title: 'new', assigneeId: member }),
    of: 'tenant',
  },
  'GET /api/projects/:project/tasks/:number': { path: task, of: 'tenant' },
  'PATCH /api/projects/:project/tasks/:number': { path: task, body: () => ({ status: 'done' }), of: 'tenant' },
  'DELETE /api/projects/:project/tasks/:number': { path: task, of: 'tenant' },
  'GET /api/search': { path: '/api/search?q=project', of: 'tenant' },
  'GET /api/reports': { path: '/api/reports', of: 'tenant' },
  'POST /api/reports': { path: '/api/reports', body: () => ({ from: today, to: today }), of: 'tenant' },
  'GET /api/reports/:number': { path: '/api/reports/{report}', of: 'tenant' },
  'GET /api/projects/:project/files': { path: `${project}/files`, of: 'tenant' },
  'POST /api/projects/:project/files': { path: `${project}/files`, body: form, of: 'tenant' },
  'GET /api/projects/:project/files/:number': { path: file, of: 'tenant' },
  'GET /api/projects/:project/files/:number/content': { path: `${file}/content`, of: 'tenant' },
  'POST /api/projects/:project/files/:number/link': { path: `${file}/link`, of: 'tenant' },
  'DELETE /api/projects/:project/files/:number': { path: file, of: 'tenant' },
  'POST /api/assistant/threads': { path: '/api/assistant/threads', of: 'user' },
  'GET /api/assistant/threads': { path: '/api/assistant/threads', of: 'user' },
  'GET /api/assistant/threads/:id': { path: thread, of: 'user' },
  'DELETE /api/assistant/threads/:id': { path: thread, of: 'user' },
  'POST /api/assistant/threads/:id/messages': {
    path: `${thread}/messages`,
    body: () => ({ text: 'What is the project called?' }),
    of: 'user',
  },
  'GET /health/live': { path: '/health/live', of: 'nobody' },
  'GET /health/isolation': { path: '/health/isolation', of: 'nobody', isAlarm: true },
  'GET /health/ready': { path: '/health/ready', of: 'nobody' },
};
