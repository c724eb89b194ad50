// Figures as people read them, and the making of elements. Text is only ever set as text.

const trim = (value, digits) => Number(value.toPrecision(digits)).toString();

/** Nanoseconds as a time. */
function time(ns) {
  if (!(ns > 0)) return '0 s';
  if (ns < 1e3) return `${Math.round(ns)} ns`;
  if (ns < 1e6) return `${trim(ns / 1e3, 3)} µs`;
  if (ns < 1e9) return `${trim(ns / 1e6, 3)} ms`;
  if (ns < 120e9) return `${trim(ns / 1e9, 3)} s`;
  const seconds = Math.round(ns / 1e9);
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return hours ? `${hours} h ${minutes} min` : `${minutes} min ${rest} s`;
}

/** Bytes in decimal units, as files are listed. */
function size(bytes) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < units.length - 1) { value /= 1000; unit += 1; }
  return `${unit ? trim(value, 3) : Math.round(value)} ${units[unit]}`;
}

const counted = new Intl.NumberFormat('en');
const count = (value) => counted.format(value);
const plural = (value, one, many) => `${count(value)} ${value === 1 ? one : many}`;
const percent = (share) => `${Math.round(100 * share)} %`;

/** A text of bearable length, without characters that would turn or hide it. */
function plain(text, most = 300) {
  const clean = String(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
  return clean.length > most ? `${clean.slice(0, most)}…` : clean;
}

/** An element with this class and these children: texts and elements. */
function make(tag, kind, ...children) {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  element.append(...children.map((child) => (child instanceof Node ? child : String(child))));
  return element;
}

const by = (id) => document.getElementById(id);

/** A table: columns are [title, class], rows are lists of cells. */
function table(columns, rows) {
  const head = make('tr', '', ...columns.map(([title, kind]) => make('th', kind ?? '', title)));
  const body = rows.map((row) => make('tr', '', ...row.map((cell, i) => make('td', columns[i][1] ?? '', cell))));
  return make('table', '', make('thead', '', head), make('tbody', '', ...body));
}

/** Shows children in an element, only where they have changed. */
function show(element, key, children) {
  if (element.dataset.key === key) return;
  element.dataset.key = key;
  element.replaceChildren(...children());
}

function meter(share, bad) {
  const fill = make('i', bad ? 'bad' : '');
  fill.style.width = `${100 * Math.min(1, Math.max(0, share || 0))}%`;
  return make('div', 'meter', fill);
}
