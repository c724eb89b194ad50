// What is shown, and where it comes from: the record in the page, or the program that serves it.

const stream = new Stream(by('stream'));
const charts = new Charts();
const tasks = new Map();
const pictures = new Map();
let overview = null;
let chosen = null;

gestures(stream);

function tasksOf(number) {
  if (!tasks.has(number)) tasks.set(number, new Tasks());
  return tasks.get(number);
}

/** The compute that somebody has chosen, or else the newest that runs, or the one with the most work. */
function current() {
  const { runs } = overview;
  const picked = runs.find((run) => run.number === chosen);
  if (picked) return picked;
  const running = runs.filter((run) => !run.ended);
  if (running.length) return running[running.length - 1];
  return runs.reduce((most, run) => (!most || run.busy > most.busy ? run : most), null);
}

function tabs(run) {
  const { runs } = overview;
  by('runs').hidden = runs.length < 2;
  show(by('runs'), JSON.stringify([run.number, runs.map((each) => [each.number, each.state, each.done])]), () => runs.map((each) => {
    const tab = make('button', '', make('span', `dot ${each.state}`), `Compute ${each.number + 1}`, make('span', '', ` · ${plural(each.tasks ?? 0, 'task', 'tasks')}`));
    tab.type = 'button';
    tab.setAttribute('aria-current', String(each.number === run.number));
    tab.addEventListener('click', () => { chosen = each.number; refresh(); });
    return tab;
  }));
}

function refresh() {
  const run = current();
  foot(overview);
  notes(overview);
  if (!run) {
    state('waiting', 'waiting for a compute');
    return;
  }
  tabs(run);
  state(run.state, names[run.state]);
  by('cancel').hidden = !live || run.ended > 0;
  document.title = `${names[run.state]} · lazuli`;
  banner(run, overview);
  failures(run);
  tiles(run, overview);
  legend(run);
  const own = tasksOf(run.number);
  stream.set(run, own, overview.now);
  groupTable(run);
  slowest(run);
  expected(run);
  sources(run);
  charts.all(run, own, overview);
  picture(run.number, pictures.get(run.number));
  live?.want(run);
}

function state(kind, text) {
  const pill = by('state');
  pill.className = `pill ${kind}`;
  if (pill.textContent !== text) pill.textContent = text;
}

/** The program is asked: the overview comes as events, tasks and pictures when they are wanted. */
class Live {
  constructor(token) {
    this.token = token;
    this.asking = false;
    const access = new URLSearchParams(location.search).get('access');
    this.query = access ? `?access=${encodeURIComponent(access)}` : '';
    by('cancel').addEventListener('click', () => this.cancel());
    const events = new EventSource(`/events${this.query}`);
    events.addEventListener('message', (event) => {
      const told = JSON.parse(event.data);
      const known = new Map((overview?.runs ?? []).map((run) => [run.number, run]));
      for (const run of told.runs) known.set(run.number, run);
      overview = { ...told, runs: told.numbers.map((number) => known.get(number)).filter((run) => run) };
      for (const number of tasks.keys()) if (!known.has(number)) tasks.delete(number);
      refresh();
    });
    events.addEventListener('error', () => state('lost', 'not connected'));
  }

  /** Brings the tasks of a compute that are not here yet. */
  async want(run) {
    const own = tasksOf(run.number);
    const folded = `${run.folded}`;
    if (this.asking || (own.bars >= run.kept && own.folded === folded)) {
      if (!this.asking && run.has_picture && !pictures.has(run.number)) await this.bring(run);
      return;
    }
    this.asking = true;
    try {
      const answer = await fetch(`/runs/${run.number}/tasks?from=${own.bars}${this.query.replace('?', '&')}`);
      if (answer.ok) {
        const columns = await answer.json();
        // Tasks of a kind that the overview does not know yet come again with the next one.
        const groups = overview.runs.find((each) => each.number === run.number)?.groups ?? [];
        const known = (all) => all.every((group) => group < groups.length);
        if (known(columns.group) && known(columns.fold.group)) {
          own.add(columns, groups);
          own.folded = folded;
        }
      }
    } finally {
      this.asking = false;
    }
    stream.draw();
  }

  async bring(run) {
    pictures.set(run.number, '');
    const answer = await fetch(`/runs/${run.number}/graph.svg${this.query}`);
    if (answer.ok) pictures.set(run.number, await answer.text());
  }

  async cancel() {
    const run = current();
    by('cancel').disabled = true;
    try {
      await fetch(`/runs/${run.number}/cancel${this.query}`, { method: 'POST', headers: { 'x-lazuli-token': this.token } });
    } finally {
      by('cancel').disabled = false;
    }
  }
}

by('theme').addEventListener('click', () => {
  const dark = getComputedStyle(document.documentElement).colorScheme === 'dark' || (!document.documentElement.dataset.theme && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'light' : 'dark';
  if (overview) refresh();
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { if (overview) refresh(); });
window.addEventListener('resize', () => { if (overview && current()) charts.all(current(), tasksOf(current().number), overview); });

const live = by('live') ? new Live(JSON.parse(by('live').textContent).token) : null;
if (by('record')) {
  const record = JSON.parse(by('record').textContent);
  overview = record.overview;
  for (const run of overview.runs) tasksOf(run.number).add(record.bars[run.number], run.groups);
  for (const [number, text] of Object.entries(record.pictures)) pictures.set(Number(number), text);
  refresh();
}
