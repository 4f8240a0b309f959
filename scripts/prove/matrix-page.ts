import type { Cell } from '../../test/proof/matrix/cell.js';
import { meanings, signs, type MatrixDetails } from './matrix.js';

/** Routes × attacks as one HTML page that needs nothing beside itself. */
export function matrixPage({ attacks, routes }: MatrixDetails): string {
  const cells = Object.values(routes).flat();
  const count = (verdict: Cell['verdict']) => cells.filter((cell) => cell.verdict === verdict).length;
  const verdicts = Object.keys(meanings) as Cell['verdict'][];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Attack matrix: project-1041</title>
<style>${style}</style>
<h1>Attack matrix</h1>
<p>${String(Object.keys(routes).length)} routes × ${String(attacks.length)} attacks.
${count('leak') === 0 ? 'No finding.' : `<strong class="leak">${String(count('leak'))} findings.</strong>`}
Point at a cell, or choose it, to read what was sent, what came, and why that is right.</p>
<ul class="key">${verdicts.map((verdict) => `<li><span class="${verdict}">${signs[verdict]}</span> ${escape(meanings[verdict])} (${String(count(verdict))})</li>`).join('')}</ul>
<output id="chosen" hidden></output>
<div class="scroll"><table>
<thead><tr><th scope="col">route</th>${attacks.map((name) => `<th scope="col"><span>${escape(name)}</span></th>`).join('')}</tr></thead>
<tbody>
${Object.entries(routes)
  .map(
    ([name, row]) => `<tr><th scope="row">${escape(name)}</th>${row.map((cell) => cellOf(name, cell)).join('')}</tr>`,
  )
  .join('\n')}
</tbody>
</table></div>
<script>${script}</script>
</html>
`;
}

function cellOf(route: string, { attack, verdict, sent, came, why, findings }: Cell): string {
  const title = [
    `${route}\n${attack}: ${meanings[verdict]}`,
    ...findings.map((finding) => `FINDING: ${finding}`),
    ...(sent ? [`Sent:\n${sent}`, `Came:\n${came}`] : []),
    `Why: ${why}`,
  ].join('\n\n');
  return `<td class="${verdict}" title="${escape(title)}">${signs[verdict]}</td>`;
}

const escape = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const style = `
:root { color-scheme: light dark; --refused: light-dark(#bfe3c6, #1f5a30); --own: light-dark(#d3e2f5, #26456b);
  --leak: light-dark(#c01616, #ff5a52); --on-leak: light-dark(#fff, #000); --line: light-dark(#ccc, #444);
  --page: light-dark(#fff, #16181b); }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; background: var(--page); }
h1 { font-size: 1.5rem; margin: 0; }
.key { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; }
.key span { display: inline-block; width: 1.4em; height: 1.5em; vertical-align: bottom; text-align: center; border: 1px solid var(--line); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font: 12px/1 ui-monospace, monospace; }
thead th { height: 17rem; padding: 0; vertical-align: bottom; font-weight: normal; }
thead th:first-child, tbody th { position: sticky; left: 0; background: var(--page); text-align: left; white-space: nowrap; padding-right: 1em; }
thead th:first-child { font-weight: bold; }
thead span { writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap; }
tbody th { font-weight: normal; }
td { width: 1.45em; height: 1.45em; padding: 0; text-align: center; border: 1px solid var(--line); cursor: pointer; }
tr:hover th, tr:hover td { border-block-color: currentColor; }
.refused { background: var(--refused); } .own { background: var(--own); }
td.leak, .key .leak { background: var(--leak); color: var(--on-leak); font-weight: bold; } strong.leak { color: var(--leak); }
output { position: sticky; top: 0; z-index: 1; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 45vh; overflow: auto;
  font: 13px/1.45 ui-monospace, monospace; padding: 1rem; margin-bottom: 1rem; border: 1px solid var(--line); background: var(--page); }
output[hidden] { display: none; }`;

const script = `
const chosen = document.getElementById('chosen');
document.querySelector('tbody').addEventListener('click', ({ target }) => {
  const cell = target.closest('td');
  if (!cell) return;
  chosen.textContent = cell.title;
  chosen.hidden = false;
});`;
