// The page of a process: its diagram, tied to the list of what each element does.

import './list.js';
import { showDiagram, tie } from './diagram.js';

const diagram = await showDiagram(document.querySelector('[data-diagram]'));
tie(diagram);
document.documentElement.dataset.diagram = diagram ? 'shown' : 'picture';
