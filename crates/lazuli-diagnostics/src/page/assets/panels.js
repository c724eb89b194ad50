// Figures and tables of a compute.

const names = { planning: 'planning', running: 'running', done: 'done', failed: 'failed', cancelled: 'cancelled' };

function tiles(run, overview) {
  const [from, to] = spanOf(run, overview.now);
  const length = to - from;
  const pool = run.groups.filter((group) => group.lane === 'cpu').reduce((sum, group) => sum + group.busy, 0);
  const share = run.threads ? pool / (length * run.threads) : 0;
  const ended = run.done + run.failed;
  const tile = (label, value, small, under, extra) => make('div', 'tile', make('div', 'label', label),
    make('div', 'value', value, ' ', make('small', '', small)), ...(under ? [make('div', 'under', under)] : []), ...(extra ? [extra] : []));
  const all = [
    tile('Tasks', count(run.done), run.tasks === null ? '' : `of ${count(run.tasks)}`, '', meter(ended / (run.tasks || ended || 1), run.failed > 0)),
    tile('Time', time(run.ended ? run.ended - run.asked : overview.now - run.asked), '', run.planned ? `${time(run.planned - run.asked)} to plan` : 'planning'),
    tile('Read', size(run.loaded), '', run.loaded ? `${size(run.loaded / (length / 1e9))}/s` : 'nothing yet'),
    tile('Workers at work', percent(share), run.threads ? `of ${run.threads}` : '', `${time(run.busy)} of work`),
  ];
  if (run.peak !== null) all.push(tile('Most bytes held', size(run.peak), run.memory_limit ? `of ${size(run.memory_limit)}` : '', run.spilled ? `${size(run.spilled)} went to a file` : ''));
  const process = overview.process[overview.process.length - 1];
  if (process) all.push(tile('Process', size(process[1]), '', `${percent(process[2] / 100)} of a core`));
  if (run.failed || run.retried) all.push(tile('Failed', count(run.failed), '', run.retried ? `${count(run.retried)} ran again` : ''));
  by('tiles').replaceChildren(...all);
}

function named(group, part) {
  const swatch = make('span', 'swatch');
  swatch.style.background = colourOf(group.name);
  const cell = make('span', '', swatch, plain(group.name));
  cell.append(make('span', 'site', plain(part ?? group.site)));
  return cell;
}

function legend(run) {
  const groups = [...run.groups].sort((a, b) => b.busy - a.busy).slice(0, 24);
  show(by('legend'), JSON.stringify(groups.map((group) => group.name)), () => [...new Set(groups.map((group) => group.name))].map((name) => {
    const swatch = make('span', 'swatch');
    swatch.style.background = colourOf(name);
    return make('span', '', swatch, make('b', '', plain(name, 60)));
  }));
}

function groupTable(run) {
  const groups = [...run.groups].sort((a, b) => b.busy - a.busy);
  const columns = [['Task', 'name'], ['Done', ''], ['Time', 'number'], ['Mean', 'number wide'], ['Longest', 'number wide'], ['Read', 'number wide']];
  show(by('groups'), JSON.stringify(groups.map((group) => [group.done, group.busy, group.tasks])) + run.number, () => [table(columns, groups.map((group) => {
    const ended = group.done + group.failed;
    const total = Math.max(group.tasks, ended);
    const done = make('span', '', `${count(group.done)} of ${count(total)}${group.failed ? `, ${count(group.failed)} failed` : ''}`);
    done.append(meter(ended / (total || 1), group.failed > 0));
    const runs = ended + group.retried;
    return [named(group), done, time(group.busy), time(runs ? group.busy / runs : 0), time(group.longest), group.loaded ? size(group.loaded) : '–'];
  }))]);
}

function slowest(run) {
  const columns = [['Task', 'name'], ['Took', 'number'], ['At', 'number wide'], ['Read', 'number wide']];
  const tasks = run.slowest.slice(0, 10);
  show(by('slowest'), JSON.stringify(tasks) + run.number, () => (tasks.length ? [table(columns, tasks.map((task) => [
    named(run.groups[task.group], task.part), time(task.took), time(task.start - (run.planned || run.asked)), task.bytes ? size(task.bytes) : '–',
  ]))] : [make('p', 'none', 'No task has ended yet.')]));
}

function expected(run) {
  const plan = run.explanation;
  const rows = [];
  const row = (what, wanted, found) => rows.push([what, wanted, found]);
  if (run.tasks !== null) row('Tasks', count(run.tasks), `${count(run.done)} done`);
  if (plan) {
    row('Requests', count(plan.requests), plan.requests ? `answered by ${plural(plan.tasks, 'task', 'tasks')}` : 'none');
    if (plan.lowered !== plan.culled) row('Not needed', '', plural(plan.lowered - plan.culled, 'task', 'tasks'));
    if (plan.culled !== plan.tasks) row('Equal to another', '', plural(plan.culled - plan.tasks, 'task', 'tasks'));
    row('Dependencies', count(plan.edges), '');
    row('Longest path', plural(plan.depth, 'task', 'tasks'), '');
    if (plan.peak_bytes) row('Most bytes held', size(plan.peak_bytes), run.peak === null ? '' : size(run.peak));
    if (plan.least_bytes && plan.least_bytes !== plan.peak_bytes) row('With a scratch file', size(plan.least_bytes), run.spilled ? `${size(run.spilled)} written` : 'not used');
  }
  if (run.loaded) row('Bytes read', '', size(run.loaded));
  row('Work', run.threads ? plural(run.threads, 'worker', 'workers') : '', time(run.busy));
  show(by('expected'), JSON.stringify(rows) + run.number, () => [table([['', ''], ['Expected', 'number'], ['Actual', 'number']], rows)]);
}

function failures(run) {
  by('failures').hidden = !run.error && !run.errors.length;
  const place = by('failures').querySelector('.body');
  show(place, JSON.stringify([run.number, run.error, run.error_count]), () => {
    const all = run.errors.map((error) => make('div', 'failure', make('strong', '', plain(error.name)), error.part ? ` on ${plain(error.part)}` : '',
      error.retried ? ' (ran again)' : '', make('span', 'site', plain(error.site)), make('div', 'message', plain(error.message, 4000))));
    if (run.error && !run.errors.some((error) => run.error.includes(error.message))) all.unshift(make('div', 'failure', make('div', 'message', plain(run.error, 4000))));
    if (run.error_count > run.errors.length) all.push(make('p', 'none', `and ${count(run.error_count - run.errors.length)} more`));
    return all;
  });
}

function sources(run) {
  by('sources').hidden = !run.sources.length;
  const [others, loads, bytes] = run.other_sources;
  const place = by('sources').querySelector('.body');
  show(place, JSON.stringify([run.number, run.loaded, run.sources.length]), () => {
    const rows = run.sources.slice(0, 12).map(([name, times, read]) => [plain(name), count(times), size(read)]);
    const rest = run.sources.slice(12);
    const sum = (column, from) => rest.reduce((all, source) => all + source[column], from);
    if (rest.length || loads) rows.push([`${count(rest.length + others)} others`, count(sum(1, loads)), size(sum(2, bytes))]);
    return [table([['Source', 'name'], ['Loads', 'number'], ['Bytes', 'number']], rows)];
  });
}

function notes(overview) {
  show(by('notes'), JSON.stringify(overview.notes.map((note) => [note.title, note.count])), () => overview.notes.map((note) => {
    const panel = make('section', 'panel', make('h2', '', `${plain(note.title)} (${count(note.count)})`));
    panel.append(make('div', 'body', table(note.columns.map((column) => [plain(column), '']), note.rows.map((row) => row.map((cell) => plain(cell))))));
    return panel;
  }));
}

function banner(run, overview) {
  const said = [];
  if (run.folded) said.push(`${count(run.folded)} of ${count(run.kept + run.folded)} tasks are folded by name and time: shown as work in pieces of time, not one by one. Counts and times are exact.`);
  if (overview.forgotten) said.push(`${plural(overview.forgotten, 'older compute is', 'older computes are')} not shown.`);
  by('note').hidden = !said.length;
  by('note').textContent = said.join(' ');
}

function foot(overview) {
  const began = new Date(overview.began);
  show(by('foot'), String(overview.began), () => [
    make('span', '', `lazuli ${plain(overview.version)}`), make('span', '', plain(overview.system)),
    make('span', '', plural(overview.cores, 'core', 'cores')), make('span', '', `recorded from ${began.toLocaleString()}`), make('span', '', 'charts by uPlot'),
  ]);
  by('command').textContent = plain(overview.command.join(' '), 500);
  by('command').title = by('command').textContent;
}

/** A picture comes as text; it is parsed as a document of its own, in which nothing runs. */
function picture(number, text) {
  const place = by('graph').querySelector('.picture');
  by('graph').hidden = !text;
  show(place, `${number} ${text ? text.length : 0}`, () => {
    const parsed = text ? new DOMParser().parseFromString(text, 'image/svg+xml').documentElement : null;
    return parsed?.localName === 'svg' ? [document.importNode(parsed, true)] : [];
  });
}
