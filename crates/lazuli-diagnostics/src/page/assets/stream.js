// Tasks over time on a canvas: a row for each worker and lane, a bar for each task.

const ROW = 24;
const LEAST_ROW = 9;
const GUTTER = 92;
const NARROW_GUTTER = 62;
const AXIS = 24;

class Stream {
  constructor(canvas) {
    this.canvas = canvas;
    this.tasks = new Tasks();
    this.run = null;
    this.span = [0, 1];
    this.view = [0, 1];
    this.follow = true;
    this.chosen = null;
    this.scheduled = false;
    new ResizeObserver(() => this.draw()).observe(canvas.parentElement);
  }

  /** Shows these tasks. While nobody has moved the view, all of them. */
  set(run, tasks, now) {
    if (this.run?.number !== run.number) { this.follow = true; this.chosen = null; }
    this.run = run;
    this.tasks = tasks;
    this.now = now;
    this.span = spanOf(run, now);
    if (this.follow) this.view = [...this.span];
    this.draw();
  }

  get gutter() { return this.width < 560 ? NARROW_GUTTER : GUTTER; }
  get height() { return this.tasks.rows.length > 24 ? Math.max(LEAST_ROW, Math.floor(560 / this.tasks.rows.length)) : ROW; }
  x(time) { return this.gutter + (time - this.view[0]) / (this.view[1] - this.view[0]) * (this.width - this.gutter); }
  time(x) { return this.view[0] + (x - this.gutter) / (this.width - this.gutter) * (this.view[1] - this.view[0]); }

  /** Shows this piece of time, as far as there is anything. */
  look(from, to) {
    const [first, last] = this.span;
    const width = Math.min(Math.max(to - from, 200), last - first);
    const start = Math.min(Math.max(from, first), last - width);
    this.view = [start, start + width];
    this.follow = width >= last - first;
    this.draw();
  }

  zoom(factor, at = (this.view[0] + this.view[1]) / 2) {
    this.look(at - (at - this.view[0]) * factor, at + (this.view[1] - at) * factor);
  }

  pan(share) {
    const move = share * (this.view[1] - this.view[0]);
    this.look(this.view[0] + move, this.view[1] + move);
  }

  fit() { this.look(...this.span); }

  draw() {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => { this.scheduled = false; this.paint(); });
  }

  paint() {
    const { canvas } = this;
    const scale = window.devicePixelRatio || 1;
    this.width = canvas.parentElement.clientWidth;
    const height = AXIS + Math.max(2, this.tasks.rows.length) * this.height + 6;
    const [w, h] = [Math.round(this.width * scale), Math.round(height * scale)];
    if (canvas.width !== w || canvas.height !== h) {
      [canvas.width, canvas.height] = [w, h];
      canvas.style.height = `${height}px`;
    }
    const pen = canvas.getContext('2d');
    const style = getComputedStyle(document.documentElement);
    const ink = (name) => style.getPropertyValue(name).trim();
    this.inks = { ink: ink('--ink'), soft: ink('--soft'), line: ink('--line'), sunk: ink('--sunk'), bad: ink('--bad'), panel: ink('--panel') };
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.fillStyle = this.inks.sunk;
    pen.fillRect(0, 0, this.width, height);
    this.axis(pen, height);
    if (!this.run) return;
    pen.save();
    pen.beginPath();
    pen.rect(this.gutter, 0, this.width - this.gutter, height);
    pen.clip();
    this.drawn = 0;
    this.tasks.rows.forEach((row, place) => this.bars(pen, row, AXIS + place * this.height));
    this.underway(pen);
    pen.restore();
    this.labels(pen);
    canvas.dataset.drawn = this.drawn;
    canvas.dataset.view = this.view.map((time) => Math.round(time)).join(' ');
  }

  axis(pen, height) {
    const [from, to] = this.view;
    const rough = (to - from) / Math.max(2, (this.width - this.gutter) / 110);
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((part) => part * power).find((each) => each >= rough);
    pen.font = '11.5px system-ui, sans-serif';
    pen.textBaseline = 'middle';
    pen.textAlign = 'left';
    const zero = this.span[0];
    for (let at = Math.ceil((from - zero) / step) * step; at <= to - zero; at += step) {
      const x = this.x(zero + at);
      pen.fillStyle = this.inks.line;
      pen.fillRect(x, AXIS - 4, 1, height);
      pen.fillStyle = this.inks.soft;
      const text = at === 0 ? '0' : time(at);
      if (x + pen.measureText(text).width + 4 < this.width) pen.fillText(text, x + 4, AXIS / 2);
    }
  }

  labels(pen) {
    pen.textBaseline = 'middle';
    pen.textAlign = 'left';
    const every = Math.ceil(14 / this.height);
    this.tasks.rows.forEach((row, place) => {
      if (place % every) return;
      pen.fillStyle = this.chosen?.row === row ? this.inks.ink : this.inks.soft;
      pen.fillText(row.label, 8, AXIS + (place + .5) * this.height);
    });
  }

  /** Bars narrower than a pixel are drawn as one pixel, and those behind them in the same pixel not at all. */
  bars(pen, row, top) {
    const { groups } = this.run;
    const [from, to] = this.view;
    const scale = (this.width - this.gutter) / (to - from);
    const height = this.height - (this.height > 14 ? 4 : 1);
    const y = top + (this.height - height) / 2;
    let last = -1;
    for (let i = firstEnding(row, from); i < row.start.length && row.start[i] <= to; i += 1) {
      const x = this.gutter + (row.start[i] - from) * scale;
      const width = row.took[i] * scale;
      const failed = row.outcome[i] !== 0;
      if (x + width < last && !failed) continue;
      pen.fillStyle = failed ? this.inks.bad : colourOf(groups[row.group[i]].name);
      if (width < 1.5) {
        pen.fillRect(x, y, 1, height);
        last = x + 1;
      } else {
        pen.fillRect(x, y, width - (width > 4 ? 1 : .25), height);
        if (width > 46 && height > 14) this.name(pen, groups[row.group[i]].name, x, y, width, height);
        last = x + width;
      }
      this.drawn += 1;
    }
    pen.globalAlpha = .72;
    for (const cell of row.cells) {
      if (cell.start + cell.busy < from || cell.start > to) continue;
      pen.fillStyle = colourOf(groups[cell.group].name);
      pen.fillRect(this.gutter + (cell.start - from) * scale, y, Math.max(1, cell.busy * scale), height);
      this.drawn += 1;
    }
    pen.globalAlpha = 1;
    if (this.chosen?.row === row && this.chosen.bar >= 0) {
      const i = this.chosen.bar;
      pen.strokeStyle = this.inks.ink;
      pen.lineWidth = 2;
      pen.strokeRect(this.gutter + (row.start[i] - from) * scale - 1, y - 1, Math.max(3, row.took[i] * scale) + 1, height + 2);
    }
  }

  name(pen, name, x, y, width, height) {
    const left = Math.max(x, this.gutter) + 6;
    const room = x + width - left - 6;
    if (room < 24) return;
    pen.font = '11px system-ui, sans-serif';
    pen.textBaseline = 'middle';
    pen.fillStyle = isLight(colourOf(name)) ? '#1c1503' : '#fff';
    const text = plain(name, 60);
    const wide = pen.measureText(text).width;
    if (wide <= room) pen.fillText(text, left, y + height / 2 + .5);
    else if (room > 40) pen.fillText(`${text.slice(0, Math.floor(text.length * (room - 8) / wide))}…`, left, y + height / 2 + .5);
  }

  /** Tasks that have not ended are paler, up to now. */
  underway(pen) {
    for (const task of this.run.underway) {
      const group = this.run.groups[task.group];
      const place = this.tasks.rows.findIndex((row) => row.lane === group.lane && row.worker === task.worker);
      if (place < 0 || this.run.ended) continue;
      const x = this.x(task.start);
      pen.globalAlpha = .4;
      pen.fillStyle = colourOf(group.name);
      pen.fillRect(x, AXIS + place * this.height + 2, Math.max(1, this.x(this.now) - x), this.height - 4);
      pen.globalAlpha = 1;
    }
  }

  /** The row and the bar or cell at this place of the canvas. */
  at(x, y) {
    const row = this.tasks.rows[Math.floor((y - AXIS) / this.height)];
    if (!row || x < this.gutter || y < AXIS) return null;
    const slack = 2 * (this.view[1] - this.view[0]) / (this.width - this.gutter);
    const at = this.time(x);
    const i = firstEnding(row, at - slack);
    if (i < row.start.length && row.start[i] <= at + slack) return { row, bar: i };
    const cell = row.cells.find((each) => each.start <= at + slack && each.start + each.busy >= at - slack);
    return cell ? { row, bar: -1, cell } : null;
  }
}

/** The first bar of a row that ends at this time or later. Bars of a row do not overlap. */
function firstEnding(row, at) {
  let [low, high] = [0, row.start.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (row.start[middle] + row.took[middle] < at) low = middle + 1; else high = middle;
  }
  return low;
}
