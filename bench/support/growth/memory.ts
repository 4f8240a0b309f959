import { spread, type Report, type Row } from '../../report.js';
import type { RedisBytes } from './redis-bytes.js';
import { projectsPerTenant } from './databases.js';

/** Bytes of heap for each further tenant: less than its id alone would take. */
const flat = 10;

export interface Heap {
  /** Different tenants served so far. */
  readonly tenants: number;
  readonly bytes: number;
}

/**
 * @param heaps one server's, from its first tenants to its last
 * @param later once more, after it has gone on serving the same tenants
 * @param isConclusive false where there are so few tenants that the noise is larger than the target
 */
export function heapReport(heaps: readonly Heap[], later: Heap, isConclusive: boolean): Report {
  const [, warm, most] = heaps;
  if (!warm || !most) throw new Error('There is nothing to compare the heap with.');
  const further = most.tenants - warm.tenants;
  const perTenant = (most.bytes - warm.bytes) / further;
  const noise = Math.abs(later.bytes - most.bytes) / further;
  const verdict = { target: `≤ ${String(flat)}`, measured: perTenant, isReached: perTenant <= flat };
  return {
    title: 'Growth: memory of the server',
    setting: { 'further tenants': further },
    rows: [
      ...heaps.map((heap) => heapRow(heap, '')),
      heapRow(later, ', later'),
      { ...figureRow('each further tenant', 'bytes', perTenant), verdicts: isConclusive ? [verdict] : [] },
      figureRow('noise: the same, between the last two', 'bytes', noise),
    ],
  };
}

export function redisReport({ incident, entry, projectGeneration, tenantGeneration }: RedisBytes): Report {
  const project = entry + projectGeneration;
  const rows = [
    figureRow("a  the incident's entry", 'bytes', incident),
    figureRow('b  ours: entry', 'bytes', entry),
    figureRow("c  ours: the project's generation, which all entries that show it share", 'bytes', projectGeneration),
    figureRow("d  ours: the tenant's generation, which all of its entries share", 'bytes', tenantGeneration),
    figureRow('e  ours: all of it, for the only cached project of a tenant', 'bytes', project + tenantGeneration),
    figureRow('f  ours: all of it, for each of 20', 'bytes', project + tenantGeneration / projectsPerTenant),
  ];
  return {
    title: 'Growth: a cached project in Redis',
    setting: {},
    rows: rows.map((row) => ({ ...row, ratio: spread([row.median / incident]) })),
  };
}

function heapRow({ tenants, bytes }: Heap, when: string): Row {
  return figureRow(`heap after ${tenants.toLocaleString('en-US')} tenants${when}`, 'MiB', bytes / 2 ** 20);
}

function figureRow(contestant: string, unit: string, value: number): Row {
  return { contestant, unit, ...spread([value]), verdicts: [] };
}
