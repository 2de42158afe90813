// Keeps the parts of a page that are marked data-live as the server would write them now.

import { sayTimes } from './times.js';

const STOPS = 'a, button, summary, input, [tabindex]';
const written = new Map();

for (const region of document.querySelectorAll('[data-live]')) written.set(region.id, region.innerHTML);

/** Fetch this page again and replace the live parts that have changed. Gives false if the server did not answer. */
export async function refreshRegions() {
  const text = await fetchPage();
  if (text === null) return false;
  const fresh = new DOMParser().parseFromString(text, 'text/html');
  for (const region of document.querySelectorAll('[data-live]')) {
    const next = fresh.getElementById(region.id);
    if (next && next.innerHTML !== written.get(region.id)) replace(region, next);
  }
  return true;
}

async function fetchPage() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}

// What a person has opened stays open, and the keyboard stays where it was.
function replace(region, next) {
  const focused = [...region.querySelectorAll(STOPS)].indexOf(document.activeElement);
  const open = [...region.querySelectorAll('details[open]')].map((details) => details.id);
  const selected = [...region.querySelectorAll('.is-selected')].map((element) => element.dataset.element);
  written.set(region.id, next.innerHTML);
  region.replaceChildren(...next.childNodes);
  for (const id of open) document.getElementById(id)?.setAttribute('open', '');
  for (const row of region.querySelectorAll('[data-element]')) {
    row.classList.toggle('is-selected', selected.includes(row.dataset.element));
  }
  sayTimes(region);
  region.querySelectorAll(STOPS)[focused]?.focus({ preventScroll: true });
}
