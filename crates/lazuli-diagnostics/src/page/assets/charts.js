// Figures over time, drawn by uPlot. What it is handed as a name is written here, never recorded.

class Charts {
  constructor() { this.plots = new Map(); }

  /** Draws columns into a place; anew where the theme or the kind of columns has changed. */
  draw(id, key, series, columns, format, none) {
    const place = by(id);
    const style = getComputedStyle(document.documentElement);
    const ink = (name) => style.getPropertyValue(name).trim();
    const width = place.clientWidth;
    const full = `${key} ${ink('--ink')}`;
    let plot = this.plots.get(id);
    if (!columns[0].length || width < 50) {
      if (plot) { plot.it.destroy(); this.plots.delete(id); }
      show(place, 'none', () => [make('p', 'none', none)]);
      return;
    }
    if (!plot || plot.key !== full) {
      plot?.it.destroy();
      place.dataset.key = full;
      place.replaceChildren();
      const axis = (values, extra) => ({ stroke: ink('--soft'), grid: { stroke: ink('--line'), width: 1 }, ticks: { show: false }, font: '11.5px system-ui, sans-serif', values: (_, all) => all.map(values), ...extra });
      const options = {
        width, height: 160, cursor: { y: false, points: { size: 6 } }, padding: [8, 8, 0, 0],
        scales: { x: { time: false }, y: { range: (_, low, high) => [0, Math.max(high, 1e-9) * 1.08] } },
        axes: [axis((value) => time(value * 1e9), { size: 28, space: 70 }), axis(format, { size: 62 })],
        series: [{ label: 'at', value: (_, value) => (value === null || value === undefined ? '' : time(value * 1e9)) },
          ...series.map((each) => ({ width: 1.5, points: { show: false }, value: (_, value) => (value === null || value === undefined ? '' : format(value)), ...each, stroke: ink(each.ink), fill: each.fill ? `${ink(each.ink)}22` : undefined }))],
      };
      plot = { key: full, it: new uPlot(options, columns, place) };
      this.plots.set(id, plot);
      return;
    }
    if (plot.it.width !== width) plot.it.setSize({ width, height: 160 });
    plot.it.setData(columns);
  }

  all(run, tasks, overview) {
    const [from, to] = spanOf(run, overview.now);
    this.workers(run, tasks, from, to);
    this.held(run, from, to);
    this.process(overview);
  }

  workers(run, tasks, from, to) {
    const pieces = 160;
    const busy = tasks.rows.length ? Array.from(tasks.busy(from, to, pieces)) : [];
    const at = busy.map((_, i) => (i + .5) * (to - from) / pieces / 1e9);
    const series = [{ label: 'busy', ink: '--lapis', fill: true }];
    const columns = [at, busy];
    if (run.threads) { series.push({ label: 'of', ink: '--gold', dash: [4, 4] }); columns.push(at.map(() => run.threads)); }
    this.draw('workers', `workers ${series.length}`, series, columns, (value) => trim(value, 3), 'No task has ended yet.');
  }

  held(run, from, to) {
    const points = run.held.length ? [...run.held, [to, run.held[run.held.length - 1][1]]] : [];
    const series = [{ label: 'held', ink: '--lapis', fill: true, paths: uPlot.paths.stepped({ align: 1 }) }];
    const columns = [points.map(([at]) => (at - from) / 1e9), points.map(([, bytes]) => bytes)];
    if (run.memory_limit) { series.push({ label: 'limit', ink: '--bad', dash: [4, 4] }); columns.push(points.map(() => run.memory_limit)); }
    this.draw('held', `held ${series.length}`, series, columns, size, 'No task says how many bytes it takes.');
  }

  process(overview) {
    const columns = [overview.process.map(([at]) => at / 1e9), overview.process.map(([, bytes]) => bytes)];
    this.draw('process', 'process', [{ label: 'memory', ink: '--gold', fill: true }], columns, size, 'The system does not tell.');
  }
}
