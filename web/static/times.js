// Says times as a person reads a clock: in local time, and counting while something lasts. The exact one is the title.

const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const YEAR = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** Give seconds in at most two units: "4 s", "2 min 5 s". */
export function lasting(seconds) {
  let rest = Math.max(0, Math.round(seconds));
  const parts = [];
  for (const [size, unit] of [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']]) {
    const count = Math.floor(rest / size);
    rest %= size;
    if (count) parts.push(`${count} ${unit}`);
    else if (parts.length) break;
  }
  return parts.slice(0, 2).join(' ') || '0 s';
}

function clock(at) {
  const now = new Date();
  if (at.toDateString() === now.toDateString()) return CLOCK.format(at);
  return `${(at.getFullYear() === now.getFullYear() ? DAY : YEAR).format(at)}, ${CLOCK.format(at)}`;
}

/** Rewrite the times below `root`. */
export function sayTimes(root) {
  for (const time of root.querySelectorAll('time.time')) time.textContent = clock(new Date(time.dateTime));
  count(root);
}

function count(root) {
  const now = Date.now();
  for (const time of root.querySelectorAll('time.since')) say(time, lasting((now - Date.parse(time.dateTime)) / 1000));
  for (const time of root.querySelectorAll('time.until')) {
    const left = (Date.parse(time.dateTime) - now) / 1000;
    say(time, left > 0.5 ? `in ${lasting(left)}` : 'due now');
  }
}

function say(time, words) {
  if (time.textContent !== words) time.textContent = words;
}

sayTimes(document);
setInterval(() => document.hidden || count(document), 1000);
