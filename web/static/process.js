// The page of a process: its diagram, tied to the list of what each element does, and what is deployed meanwhile.

import './list.js';
import { showDiagram, tie } from './diagram.js';

const start = document.getElementById('start');
const version = () => document.getElementById('shown').dataset.version;
const shown = version();
let touched = false;

start.addEventListener('input', () => { touched = true; });
// A new version takes this page's place, but for somebody who has begun to fill in the form: they are told.
new MutationObserver(() => {
  if (version() === shown) return;
  if (touched) document.getElementById('outdated').hidden = false;
  else location.reload();
}).observe(document.getElementById('news'), { childList: true });

const diagram = await showDiagram(document.querySelector('[data-diagram]'));
tie(diagram);
document.documentElement.dataset.diagram = diagram ? 'shown' : 'picture';
