import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../../scripts/services/local-directory.js';
import { sabotagesOf } from '../sabotage.js';

const probes = readdirSync(join(projectRoot, 'src/isolation/canary/probes'));

export const canary = sabotagesOf('src/isolation/canary', 'test/isolation/canary', [
  ...probes.map(
    (file) =>
      [
        `canary: it looks through ${file.replace('.probe.ts', '')}`,
        `probes/${file}`,
        '    probes.register(this);\n',
        '',
        'attacks',
        'with all guards up every layer shows each tenant its own',
      ] as const,
  ),
  [
    'canary: the other’s secret is an alarm',
    'exercise.ts',
    "if (shown.includes(foreign)) return 'foreign';",
    '',
    'attacks',
    'cache: an entry of the other’s, sealed for the place where it lies, rings',
  ],
  [
    'canary: not to see one’s own is an alarm',
    'exercise.ts',
    "return shown.includes(own) ? 'ok' : 'blind';",
    "return own ? 'ok' : 'blind';",
    'attacks',
    'a probe that shows nothing, or throws what no outage explains',
  ],
  [
    'canary: a channel without its tenant is an alarm',
    '../realtime/channels.ts',
    '`v1:{${tenantId}}:events`',
    "`v1:{${tenantId ? '' : tenantId}}:events`",
    'attacks',
    'with all guards up every layer shows each tenant its own',
  ],
  [
    'canary: metrics tell the outcome',
    'canary.ts',
    'outcome === worst ? 1 : 0',
    "outcome === 'ok' ? 1 : 0",
    'attacks',
    'metrics tell when the last run was, and the worst that it came to',
  ],
  [
    'canary: the event',
    'canary.ts',
    "if (outcome === 'foreign') this.events.record({ layer, kind: seenByCanary, subject: probe.name });",
    '',
    'attacks',
    'cache: an entry of the other’s, sealed for the place where it lies, rings',
  ],
  [
    'canary: an outage proves nothing',
    'canary.ts',
    "if (outcome === 'unknown' && known !== 'ok') return;",
    '',
    'attacks',
    'a probe that shows nothing, or throws what no outage explains',
  ],
  [
    'canary: what a guard refuses is an alarm',
    'canary.ts',
    'if (failing.length > 0 || refused.length > 0)',
    'if (failing.length > 0)',
    'attacks',
    'what a guard refuses makes the health fail, too',
  ],
  [
    'canary: no customer has its names',
    'canary-tenants.ts',
    'return tenants.some((tenant) => tenant.slug === slug);',
    "return slug === '';",
    'nobody',
    'no customer is given the short name',
  ],
]);
