import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../scripts/services/local-directory.js';

/** What the sources themselves say that there must be a sabotage of. */

export const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8');

const filesOf = (folder: string): string[] =>
  readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `${folder}/${path}`)
    .sort();

/** The canary's probes look, and refuse nothing. */
const rooms = filesOf('src/isolation').filter((path) => !path.includes('/probes/'));

/** Files of the rooms that refuse something: by an error, an alarm, a MAC, or because the registry does not have it. */
export const refusing = rooms.filter((path) =>
  /\bthrow\b|\.record\(|\.isOf\(|assertRegistered\(|JobRefusal\(/.test(read(path)),
);

/** Alarms, as "event <layer>/<kind>". */
export const events = [...new Set(rooms.flatMap((path) => eventsIn(path, read(path))))].sort();

/** Registries, by the file that has one. */
export const registries = rooms.filter((path) => /export function assertRegistered/.test(read(path)));

/** Files that make a MAC. */
export const macs = rooms.filter((path) => /new Mac\(/.test(read(path)));

/** Keys: template texts in which a tenant, a user or a session stands. */
export const keyFiles = rooms.filter((path) => /-keys?\.ts$/.test(path));

function eventsIn(path: string, text: string): string[] {
  const layer = /layer: '(\w+)'/.exec(text)?.[1] ?? path.split('/')[2] ?? '';
  const kinds = [...text.matchAll(/kind: ['`]([^'`]+)['`],|#refuse\('([^']+)', /g)];
  return kinds.map(([, kind, refused]) => `event ${layer}/${kind ?? refused ?? ''}`);
}
