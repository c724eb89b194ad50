// Moving about in the stream: pointer, wheel, fingers, keys. What is said of a task is said to all of them.

/** What there is to say of a task, as lines. */
function describe(stream, found) {
  const { row, bar, cell } = found;
  const { groups } = stream.run;
  if (cell) {
    return [plain(groups[cell.group].name), `${plural(cell.count, 'task', 'tasks')}, folded, in ${time(cell.width)}: ${time(cell.busy)} of work`, row.label];
  }
  const group = groups[row.group[bar]];
  const lines = [plain(group.name)];
  if (row.parts.has(bar)) lines.push(plain(row.parts.get(bar)));
  let figures = `${time(row.took[bar])}, ${row.label}, at ${time(row.start[bar] - stream.span[0])}`;
  if (row.bytes[bar]) figures += `, ${size(row.bytes[bar])} read`;
  lines.push(figures, `task ${row.index[bar]}, ${plain(group.site)}`);
  if (row.outcome[bar]) lines.push(row.outcome[bar] === 1 ? 'failed' : 'failed, to run again');
  return lines;
}

function showTip(lines, x, y) {
  const tip = by('bubble');
  tip.replaceChildren(make('b', '', lines[0]), ...lines.slice(1).map((line) => make('div', 'figures', line)));
  tip.hidden = false;
  const { offsetWidth: width, offsetHeight: height } = tip;
  const left = Math.max(8, Math.min(x + 14, window.innerWidth - width - 12));
  const below = y + 18 + height < window.innerHeight;
  tip.style.left = `${left}px`;
  tip.style.top = `${below ? y + 18 : Math.max(8, y - height - 12)}px`;
}

const hideTip = () => { by('bubble').hidden = true; };

function gestures(stream) {
  const { canvas } = stream;
  const held = new Map();
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  canvas.addEventListener('pointerdown', (event) => {
    held.set(event.pointerId, place(event)[0]);
    canvas.setPointerCapture(event.pointerId);
  });
  const release = (event) => held.delete(event.pointerId);
  canvas.addEventListener('pointerup', release);
  canvas.addEventListener('pointercancel', release);
  canvas.addEventListener('pointerleave', hideTip);
  canvas.addEventListener('pointermove', (event) => {
    const [x, y] = place(event);
    if (!stream.run) return;
    if (held.has(event.pointerId)) {
      const before = [...held.values()];
      const moved = x - held.get(event.pointerId);
      held.set(event.pointerId, x);
      const after = [...held.values()];
      if (held.size === 1) {
        if (Math.abs(moved) > 0) stream.pan(-moved / (stream.width - stream.gutter));
      } else {
        const [was, is] = [Math.abs(before[0] - before[1]), Math.abs(after[0] - after[1])];
        if (is > 8) stream.zoom(was / is, stream.time((after[0] + after[1]) / 2));
      }
    }
    const found = stream.at(x, y);
    if (found) showTip(describe(stream, found), event.clientX, event.clientY); else hideTip();
  });
  canvas.addEventListener('wheel', (event) => {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey && !sideways) return;
    event.preventDefault();
    if (sideways || event.shiftKey) stream.pan((event.deltaX || event.deltaY) / (stream.width - stream.gutter));
    else stream.zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY / 120)) * .3), stream.time(place(event)[0]));
  }, { passive: false });
  canvas.addEventListener('dblclick', () => stream.fit());
  canvas.addEventListener('keydown', (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || !stream.run) return;
    event.preventDefault();
    act(stream);
  });
  canvas.addEventListener('blur', hideTip);
  by('in').addEventListener('click', () => stream.zoom(.6));
  by('out').addEventListener('click', () => stream.zoom(1 / .6));
  by('fit').addEventListener('click', () => stream.fit());
}

const keys = {
  ArrowLeft: (stream) => stream.pan(-.15),
  ArrowRight: (stream) => stream.pan(.15),
  '+': (stream) => stream.zoom(.6),
  '=': (stream) => stream.zoom(.6),
  '-': (stream) => stream.zoom(1 / .6),
  0: (stream) => stream.fit(),
  Home: (stream) => stream.fit(),
  n: (stream) => step(stream, 1, 0),
  p: (stream) => step(stream, -1, 0),
  ArrowDown: (stream) => step(stream, 0, 1),
  ArrowUp: (stream) => step(stream, 0, -1),
  Escape: (stream) => { stream.chosen = null; hideTip(); stream.draw(); },
};

/** Chooses the next task of the row, or the task at the same time in another row. */
function step(stream, tasks, rows) {
  const all = stream.tasks.rows;
  if (!all.length) return;
  const { chosen } = stream;
  const place = chosen ? all.indexOf(chosen.row) : -rows;
  const row = all[Math.min(all.length - 1, Math.max(0, place + rows))];
  if (!row.start.length) return;
  const at = chosen ? chosen.row.start[chosen.bar] : stream.view[0];
  const first = chosen && !rows ? chosen.bar + tasks : firstEnding(row, at);
  const bar = Math.min(row.start.length - 1, Math.max(0, first));
  stream.chosen = { row, bar };
  const [from, to] = [row.start[bar], row.start[bar] + row.took[bar]];
  const width = stream.view[1] - stream.view[0];
  if (from < stream.view[0] || to > stream.view[1]) stream.look((from + to - width) / 2, (from + to + width) / 2);
  stream.draw();
  const lines = describe(stream, stream.chosen);
  by('said').textContent = lines.join('. ');
  const box = stream.canvas.getBoundingClientRect();
  const x = Math.min(Math.max(stream.x((from + to) / 2), stream.gutter), stream.width);
  showTip(lines, box.left + x, box.top + AXIS + (all.indexOf(row) + 1) * stream.height - 16);
}
