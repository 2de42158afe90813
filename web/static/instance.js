// The page of an instance: follows it live. What happened since the last look is played at a speed that an eye can
// follow, and then the page shows the state as the server told it.

import { watch } from './list.js';
import { refreshRegions } from './regions.js';
import { showDiagram, tie } from './diagram.js';

const figure = document.querySelector('[data-diagram]');
const DWELL = 240;
// A hop lasts about so long on the page: a process that needs less is faster than the eye.
const PACE = 420;
// Nobody watches a loop for minutes: of a long way only the last hops are walked.
const HOPS = 24;

const replay = document.getElementById('replay');
const replayWords = document.getElementById('replay-words');
const said = document.getElementById('said');

let etag = '';
let seen = 0;
let walked = [];
let playing = Promise.resolve();

async function fetchState(after) {
  const headers = etag ? { 'If-None-Match': etag } : {};
  try {
    const answer = await fetch(`${figure.dataset.state}?after=${after}`, { headers });
    if (answer.status === 304) return null;
    if (!answer.ok) return undefined;
    etag = answer.headers.get('ETag') ?? '';
    return await answer.json();
  } catch {
    return undefined;
  }
}

const pause = (duration) => new Promise((done) => { setTimeout(done, duration); });

function firstToWalk(entries) {
  let hops = 0;
  for (let place = entries.length - 1; place >= 0; place -= 1) {
    if (entries[place].element_type === 'sequenceFlow' && (hops += 1) > HOPS) return place + 1;
  }
  return 0;
}

async function play(diagram, entries) {
  const first = firstToWalk(entries);
  for (const [place, { event, element_id: id, element_type: type }] of entries.entries()) {
    if (type === 'sequenceFlow') {
      if (place >= first) await diagram.hop(id);
      diagram.mark(id, { status: 'done', tokens: 0, note: '' });
    } else if (event === 'entered') {
      diagram.mark(id, { status: 'active', tokens: 1, note: '' });
      if (place >= first) await pause(DWELL);
    } else if (event === 'completed' && type !== 'process') {
      diagram.mark(id, { status: 'done', tokens: 0, note: '' });
    }
  }
}

function realMilliseconds(entries) {
  return entries.length ? entries.at(-1).elapsed_ms - entries[0].elapsed_ms : 0;
}

function tooFast(entries) {
  const hops = entries.filter((entry) => entry.element_type === 'sequenceFlow').length;
  return hops > 0 && realMilliseconds(entries) < hops * PACE;
}

// Of a part of the way there is no total to tell, and what runs on is at its own pace.
function tellPace(entries) {
  const ended = entries.some(({ event, element_type: type }) => type === 'process' && event !== 'started');
  if (!ended || !tooFast(entries)) return;
  const real = realMilliseconds(entries);
  const words = real < 1000 ? `${Number(real.toPrecision(3))} ms` : `${(real / 1000).toFixed(1)} s`;
  replayWords.textContent = `Replayed so that it can be seen; the real total was ${words}.`;
}

async function catchUp(diagram, { from = seen, blank = false } = {}) {
  const state = await fetchState(from);
  if (!state) return state === null;
  const moves = diagram && !diagram.still.matches && !document.hidden;
  if (moves) {
    if (blank) diagram.apply({});
    if (from === 0) walked = [];
    walked.push(...state.entries);
    tellPace(walked);
    await play(diagram, state.entries);
  }
  seen = Math.max(seen, state.last);
  diagram?.apply(state.marks);
  if (said.textContent !== state.headline) said.textContent = state.headline;
  return refreshRegions();
}

// One look at a time: a hop that is being shown is shown to its end.
function look(diagram, options) {
  playing = playing.then(() => catchUp(diagram, options), () => catchUp(diagram, options));
  return playing;
}

async function settle(diagram) {
  const state = await fetchState(0);
  if (!state) return;
  seen = state.last;
  diagram?.apply(state.marks);
}

const diagram = await showDiagram(figure);
const fresh = location.hash === '#started';
if (fresh) history.replaceState(null, '', location.pathname + location.search);
tie(diagram);
playing = fresh ? look(diagram, { from: 0, blank: true }) : settle(diagram);
if (diagram) {
  replay.hidden = diagram.still.matches;
  document.getElementById('replay-button').addEventListener('click', () => {
    etag = '';
    look(diagram, { from: 0, blank: true });
  });
}
watch(() => look(diagram));
await playing;
document.documentElement.dataset.diagram = diagram ? 'shown' : 'picture';
