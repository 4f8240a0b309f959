import type { Cell } from '../../test/proof/matrix/cell.js';

/** What the attack matrix records. */
export interface MatrixDetails {
  /** Names, in the order of each route's cells. */
  readonly attacks: readonly string[];
  readonly routes: Readonly<Record<string, readonly Cell[]>>;
}

/** One character for each verdict, so that the table reads without colours. */
export const signs: Readonly<Record<Cell['verdict'], string>> = { refused: '·', own: 'o', none: ' ', leak: 'X' };

export const meanings: Readonly<Record<Cell['verdict'], string>> = {
  refused: 'refused, as what does not exist',
  own: 'about the attacker’s own only',
  none: 'nothing to attack this way',
  leak: 'a finding',
};
