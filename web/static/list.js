// What every page does: the theme switch, local times, the connection dot, and live regions.

import { follow } from './feed.js';
import { refreshRegions } from './regions.js';
import './times.js';

const GATHER = 300;
const WORDS = { live: 'Live', polling: 'Polling', offline: 'Offline' };

function showTheme() {
  const select = document.getElementById('theme-select');
  select.value = document.documentElement.dataset.theme || 'auto';
  select.addEventListener('change', () => {
    if (select.value === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = select.value;
    try {
      localStorage.setItem('theme', select.value);
    } catch {
      // Storage is switched off: the choice holds for this page.
    }
  });
  document.getElementById('theme').hidden = false;
}

function showState(state) {
  const dot = document.getElementById('connection');
  dot.hidden = false;
  dot.dataset.state = state;
  dot.title = state === 'offline' ? 'The server does not answer. This page shows what was last known.' : '';
  dot.querySelector('.connection__word').textContent = WORDS[state];
}

function concerns(hint) {
  const { follow: kind, process, instance } = document.body.dataset;
  if (kind === 'all' || !hint.instance) return true;
  return kind === 'process' ? hint.process === process : hint.instance === instance;
}

/**
 * Call `look` soon after something that this page shows has changed; several changes at once are one call.
 * `look` gives false if the server did not answer.
 */
export function watch(look) {
  let waiting = null;
  let state = 'offline';
  const soon = () => {
    waiting ??= setTimeout(async () => {
      waiting = null;
      showState((await look()) === false ? 'offline' : state);
    }, GATHER);
  };
  const onState = (next) => {
    state = next;
    showState(next);
  };
  follow((hint) => concerns(hint) && soon(), onState);
}

showTheme();
const { follow: kind } = document.body.dataset;
if (kind && kind !== 'instance') watch(refreshRegions);
document.documentElement.dataset.ready = '1';
