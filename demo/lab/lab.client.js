// Runs in the browser.
const password = 'correct horse battery staple';
const people = [
  { tenant: 'Acme', email: 'ada@acme.example' },
  { tenant: 'Globex', email: 'gus@globex.example' },
];
const status = document.querySelector('#status');

async function logIn(person) {
  const response = await fetch('/api/auth/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: person.email, password }),
  });
  if (!response.ok) throw new Error((await response.json()).title);
  person.token = (await response.json()).access_token;
  // The list is never cached: it says whose project is whose.
  const { items } = await (await ask(person, '/api/projects?limit=100')).json();
  person.projects = items.map(({ name }) => name);
}

async function ask(person, path, method = 'GET') {
  const send = () => fetch(path, { method, headers: { authorization: `Bearer ${person.token}` } });
  const response = await send();
  if (response.status !== 401) return response;
  await logIn(person); // the token was for five minutes
  return send();
}

async function load(section, person) {
  const response = await ask(person, section.dataset.path);
  const { name, title } = await response.json();
  const owner = people.find(({ projects }) => projects.includes(name));
  const row = section.querySelector('tbody').insertRow();
  row.className = owner === undefined || owner === person ? 'own' : 'leak';
  const whose = owner === undefined ? title : `${owner.tenant}'s “${name}”${owner === person ? '' : ' ← LEAK'}`;
  for (const text of [person.tenant, response.status, response.headers.get('x-cache') ?? '-', whose]) {
    row.insertCell().textContent = text;
  }
}

function button(label, onClick) {
  const element = document.createElement('button');
  element.textContent = label;
  element.addEventListener('click', onClick);
  return element;
}

function furnish(section) {
  const actions = document.createElement('div');
  actions.className = 'actions';
  for (const person of people) actions.append(button(`Load as ${person.tenant}`, () => load(section, person)));
  actions.append(button('Both at once', () => Promise.all(people.map((person) => load(section, person)))));
  const table = document.createElement('table');
  table.innerHTML = '<thead><tr><th>who</th><th>status</th><th>X-Cache</th><th>got</th></tr></thead><tbody></tbody>';
  section.append(actions, table);
}

async function emptyCaches() {
  await Promise.all(people.map((person) => ask(person, '/lab/empty-caches', 'POST')));
  for (const body of document.querySelectorAll('tbody')) body.replaceChildren();
  status.textContent = 'The caches are empty.';
}

const alarm = document.querySelector('#alarm');
const listed = (texts) => (texts.length > 0 ? `: ${texts.join(', ')}` : '');

/** The alarm that was missing for 72 hours, as whoever is on call would see it. */
async function showAlarm() {
  const response = await fetch('/health/isolation');
  const { lastRunAt, failing = [], refused = [] } = await response.json();
  const lines = [
    ['strong', response.ok ? 'No alarm. ' : 'ALARM. '],
    ['code', `GET /health/isolation: ${response.status}`],
    failing.length > 0 && [
      'span',
      `. A synthetic tenant was shown another’s secret${listed(failing.map(({ probe }) => probe))}`,
    ],
    refused.length > 0 && ['span', `. Refused by a guard${listed(refused.map(({ kind }) => kind))}`],
    ['span', lastRunAt ? `. Last looked at ${new Date(lastRunAt).toLocaleTimeString()}, looks every minute.` : '.'],
  ];
  alarm.className = response.ok ? '' : 'failing';
  alarm.replaceChildren(
    ...lines.filter(Boolean).map(([tag, text]) => Object.assign(document.createElement(tag), { textContent: text })),
  );
}

try {
  setInterval(() => void showAlarm().catch(() => undefined), 5000);
  await showAlarm();
  await Promise.all(people.map(logIn));
  document.querySelectorAll('section').forEach(furnish);
  document.querySelector('#empty').addEventListener('click', emptyCaches);
  status.textContent = '';
} catch (error) {
  status.textContent = `This page does not work: ${error.message}`;
}
