// What is known: the overview, and for each compute its tasks in rows.

const palette = ['#2f66c4', '#d6a21e', '#2c9f8c', '#c9546c', '#7f63c7', '#4aa6dc', '#86a03c', '#c67339', '#6d7c9c', '#a3529b'];
const colours = new Map();

/** The colour of a name: the same in all computes of a page. */
function colourOf(name) {
  if (!colours.has(name)) colours.set(name, palette[colours.size % palette.length]);
  return colours.get(name);
}

/** Whether dark letters are read better on a colour than light ones. */
function isLight(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return .299 * red + .587 * green + .114 * blue > 145;
}

const lanes = { cpu: 0, blocking: 1, async: 2 };
const laneNames = { cpu: 'worker', blocking: 'blocking', async: 'async' };

/** The tasks of one compute, in rows of a worker and a lane. */
class Tasks {
  constructor() {
    this.bars = 0;
    this.rows = [];
    this.byKey = new Map();
    this.folded = '';
    this.version = 0;
  }

  row(lane, worker) {
    const key = `${lane} ${worker}`;
    let row = this.byKey.get(key);
    if (!row) {
      row = { lane, worker, label: '', start: [], took: [], bytes: [], index: [], group: [], outcome: [], parts: new Map(), cells: [] };
      this.byKey.set(key, row);
      this.rows.push(row);
      this.rows.sort((a, b) => lanes[a.lane] - lanes[b.lane] || a.worker - b.worker);
      const places = {};
      for (const each of this.rows) {
        places[each.lane] = (places[each.lane] ?? 0) + 1;
        each.label = `${laneNames[each.lane]} ${places[each.lane]}`;
      }
    }
    return row;
  }

  /** Adds columns of bars: those that are known already are left out. */
  add(columns, groups) {
    const skip = this.bars - columns.from;
    if (skip < 0) return;
    for (let i = skip; i < columns.start.length; i += 1) {
      const row = this.row(groups[columns.group[i]].lane, columns.worker[i]);
      if (columns.parts[i] !== undefined) row.parts.set(row.start.length, columns.parts[i]);
      row.start.push(columns.start[i]);
      row.took.push(columns.took[i]);
      row.bytes.push(columns.bytes[i]);
      row.index.push(columns.index[i]);
      row.group.push(columns.group[i]);
      row.outcome.push(columns.outcome[i]);
    }
    this.bars = Math.max(this.bars, columns.from + columns.start.length);
    this.fold(columns.fold, groups);
    for (const row of this.rows) inOrder(row);
    this.version += 1;
  }

  fold(fold, groups) {
    for (const row of this.rows) row.cells = [];
    const width = 2 ** fold.shift;
    for (let i = 0; i < fold.count.length; i += 1) {
      const row = this.row(groups[fold.group[i]].lane, fold.worker[i]);
      const last = row.cells[row.cells.length - 1];
      const begin = fold.bucket[i] * width;
      const start = last && last.bucket === fold.bucket[i] ? last.start + last.busy : begin;
      row.cells.push({ bucket: fold.bucket[i], start, busy: fold.busy[i], group: fold.group[i], count: fold.count[i], bytes: fold.bytes[i], begin, width });
    }
  }

  /** How much of each of so many pieces of a time the workers of the pool were at work. */
  busy(from, to, pieces) {
    const width = (to - from) / pieces;
    const busy = new Float64Array(pieces);
    const add = (start, took) => {
      let piece = Math.max(0, Math.floor((start - from) / width));
      const last = Math.min(pieces - 1, Math.floor((start + took - from) / width));
      for (; piece <= last; piece += 1) {
        const begin = from + piece * width;
        busy[piece] += Math.max(0, Math.min(start + took, begin + width) - Math.max(start, begin));
      }
    };
    for (const row of this.rows) {
      if (row.lane !== 'cpu') continue;
      for (let i = 0; i < row.start.length; i += 1) add(row.start[i], row.took[i]);
      for (const cell of row.cells) add(cell.start, cell.busy);
    }
    return busy.map((value) => value / width);
  }
}

/** Bars of a row begin one after another; those of two pieces may have come in the wrong order. */
function inOrder(row) {
  const { start } = row;
  let sorted = true;
  for (let i = 1; i < start.length && sorted; i += 1) sorted = start[i - 1] <= start[i];
  if (sorted) return;
  const order = start.map((_, i) => i).sort((a, b) => start[a] - start[b]);
  for (const column of ['start', 'took', 'bytes', 'index', 'group', 'outcome']) row[column] = order.map((i) => row[column][i]);
  const parts = new Map();
  order.forEach((old, now) => { if (row.parts.has(old)) parts.set(now, row.parts.get(old)); });
  row.parts = parts;
}

/** When a compute began to show tasks and when it ended, or now. */
function spanOf(run, now) {
  const start = run.planned || run.asked;
  return [start, Math.max(run.ended || now, start + 1e3)];
}
