// Copies the pinned browser files byte for byte from node_modules to static/vendor, and writes what was copied
// (VENDOR.json) and under which licences (THIRD_PARTY.txt). To update: change the pin in package.json, then
//   npm install --omit-lockfile-registry-resolved && npm run build
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const here = import.meta.dirname;
const modules = path.join(here, 'node_modules');
const target = path.join(here, 'static', 'vendor');

const COPIES = {
  'bpmn-navigated-viewer.min.js': 'bpmn-js/dist/bpmn-navigated-viewer.production.min.js',
  'diagram-js.css': 'bpmn-js/dist/assets/diagram-js.css',
  'bpmn-js.css': 'bpmn-js/dist/assets/bpmn-js.css',
  'bpmn-font/css/bpmn.css': 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css',
  'bpmn-font/font/bpmn.woff2': 'bpmn-js/dist/assets/bpmn-font/font/bpmn.woff2',
  'bpmn-font/font/bpmn.woff': 'bpmn-js/dist/assets/bpmn-font/font/bpmn.woff',
};

const lock = JSON.parse(fs.readFileSync(path.join(here, 'package-lock.json'), 'utf8'));
const sha256 = (file) => createHash('sha256').update(fs.readFileSync(file)).digest('hex');

function copyFiles() {
  fs.rmSync(target, { recursive: true, force: true });
  const files = {};
  for (const [name, from] of Object.entries(COPIES)) {
    const file = path.join(target, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.copyFileSync(path.join(modules, from), file);
    files[name] = { from, bytes: fs.statSync(file).size, sha256: sha256(file) };
  }
  return files;
}

// The viewer is one bundle of bpmn-js and everything it depends on, so every package in the lock is shipped.
function shippedPackages() {
  const packages = {};
  for (const [place, { version, license, integrity }] of Object.entries(lock.packages)) {
    if (place) packages[place.replace(/^node_modules\//, '')] = { version, license, integrity };
  }
  return packages;
}

function licenceText(name, { version, license }) {
  const folder = path.join(modules, name);
  const file = fs.readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? fs.readFileSync(path.join(folder, file), 'utf8').trim() : `Licence: ${license}`;
  return `## ${name} ${version}\n\n${text}\n`;
}

const files = copyFiles();
const packages = shippedPackages();
const licences = Object.entries(packages).map(([name, entry]) => licenceText(name, entry));
const thirdParty = path.join(target, 'THIRD_PARTY.txt');
fs.writeFileSync(thirdParty, licences.join('\n'));
files['THIRD_PARTY.txt'] = { bytes: fs.statSync(thirdParty).size, sha256: sha256(thirdParty) };
fs.writeFileSync(path.join(here, 'static', 'VENDOR.json'), JSON.stringify({ packages, files }, null, 2) + '\n');
for (const [name, { bytes }] of Object.entries(files)) console.log(`${bytes}\t${name}`);
