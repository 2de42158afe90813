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
  const old = document.getElementById('form-fields');
  const fresh = page.getElementById('form-fields');
  if (!fresh) return;
  const focused = document.activeElement?.id;
  const typed = document.activeElement?.value;
  if (fresh.innerHTML !== old.innerHTML) old.replaceChildren(...fresh.childNodes);
  hideRefresh();
  const again = focused && document.getElementById(focused);
  if (again && old.contains(again)) {
    // What was typed while the server answered is not lost.
    if (typed !== undefined && again.value !== typed && again.type !== 'checkbox') again.value = typed;
    again.focus({ preventScroll: true });
  }
  then?.();
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
