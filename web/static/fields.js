// A form that depends on what is filled in is drawn anew by the server after each change; rows come and go without a
// new page. Without this script, buttons do the same.

const form = document.getElementById('form-fields')?.closest('form');
let asked = 0;

async function redraw(name, value, then) {
  const number = ++asked;
  const data = new FormData(form);
  data.set(name, value);
  const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(data) });
  if (!answer.ok || number !== asked) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const fresh = page.getElementById('form-fields');
  if (!fresh) return;
  const focused = document.activeElement?.id;
  const old = document.getElementById('form-fields');
  // Rows have moved up or down: each has what the server says.
  if (name === 'refresh') merge(old, fresh);
  else old.replaceChildren(...fresh.childNodes);
  hideRefresh();
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
  then?.();
}

// What has not changed stays in its place, with what is being typed into it.
function merge(old, fresh) {
  const left = [...old.children];
  const next = [...fresh.children].map((child) => {
    const at = left.findIndex((each) => shape(each) === shape(child));
    if (at >= 0) return left.splice(at, 1)[0];
    const around = child.matches('.group, .fields') ? left.findIndex((each) => each.id === child.id && each.className === child.className) : -1;
    if (around < 0) return child;
    const [kept] = left.splice(around, 1);
    merge(kept, child);
    return kept;
  });
  for (const each of left) each.remove();
  next.forEach((each, at) => {
    if (old.children[at] !== each) old.insertBefore(each, old.children[at] ?? null);
  });
}

// A part of a form without what is filled in.
function shape(element) {
  const copy = element.cloneNode(true);
  for (const each of copy.querySelectorAll('input:not([type=hidden], [type=checkbox], [type=radio])')) each.removeAttribute('value');
  for (const each of copy.querySelectorAll('[checked], [selected], [hidden]')) {
    for (const name of ['checked', 'selected', 'hidden']) each.removeAttribute(name);
  }
  for (const each of copy.querySelectorAll('textarea')) each.textContent = '';
  return copy.outerHTML.replace(/\s+/g, ' ');
}

function hideRefresh() {
  for (const button of document.querySelectorAll('#form-fields .refresh')) button.hidden = true;
}

function firstInput(place) {
  place?.querySelector('input:not([type=hidden]), select, textarea')?.focus();
}

form?.addEventListener('change', (event) => {
  if (document.querySelector('#form-fields[data-changes]') && event.target.closest('#form-fields')) {
    redraw('refresh', 'true');
  }
});

form?.addEventListener('submit', (event) => {
  const { name, value } = event.submitter ?? {};
  const place = event.submitter?.closest('.rows')?.id;
  if (name === 'refresh') {
    event.preventDefault();
    redraw(name, value);
  } else if (name === 'add' || name === 'remove') {
    event.preventDefault();
    redraw(name, value, () => {
      const rows = document.getElementById(place);
      if (name === 'add') firstInput([...rows.querySelectorAll(':scope > .item')].at(-1));
      else rows?.querySelector(':scope > .button')?.focus();
    });
  }
});

document.getElementById('flaws')?.focus();
hideRefresh();
