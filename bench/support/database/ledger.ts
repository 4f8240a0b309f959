import { asAdmin } from '../admin.js';

export interface Place {
  readonly tenantId: string;
  readonly number: number;
}

type Table = 'projects' | 'tasks';
const textColumn = { projects: 'name', tasks: 'title' } as const;

/** Of one race: remembers what was written and confirmed, and compares it with what the database holds. */
export class Ledger {
  static #races = 0;
  readonly #mark = `Race ${String(++Ledger.#races)}:`;
  readonly #confirmed = { projects: new Map<string, string>(), tasks: new Map<string, string>() };
  #texts = 0;

  /** A text that no other write has, and that says for whom it is. */
  newText(tenantId: string): string {
    return `${this.#mark} ${String(++this.#texts)} for ${tenantId}`;
  }

  /** The last text of its row. Nobody else may be writing there: which of two came last only the database knows. */
  confirm(table: Table, place: Place, text: string): void {
    this.#confirmed[table].set(key(place), text);
  }

  /** @throws Error unless every confirmed text is in its tenant's row, and no text of this race anywhere else */
  async verify(): Promise<void> {
    for (const [table, confirmed] of Object.entries(this.#confirmed)) {
      const stored = await this.#stored(table as Table);
      for (const row of new Set([...confirmed.keys(), ...stored.keys()])) {
        if (confirmed.get(row) === stored.get(row)) continue;
        const [wrote, holds] = [confirmed.get(row) ?? 'nothing', stored.get(row) ?? 'nothing'];
        throw new Error(`WRONG ROW in ${table}: ${row} holds "${holds}", and "${wrote}" was written there.`);
      }
    }
  }

  #stored(table: Table): Promise<ReadonlyMap<string, string>> {
    return asAdmin(async (client) => {
      const { rows } = await client.query<Place & { text: string }>(
        `SELECT tenant_id AS "tenantId", number, ${textColumn[table]} AS text FROM ${table} WHERE starts_with(${textColumn[table]}, $1)`,
        [this.#mark],
      );
      return new Map(rows.map((row) => [key(row), row.text]));
    });
  }
}

const key = ({ tenantId, number }: Place): string => `${tenantId}/${String(number)}`;
