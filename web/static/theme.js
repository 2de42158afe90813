// Runs before the page is painted, so that a chosen theme never flashes; the switch itself comes with list.js.
'use strict';
try {
  const chosen = localStorage.getItem('theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // Storage is switched off: the theme follows the system.
}
