// Applies an element template to a task of a Camunda 8 diagram, as the Modeler does when somebody picks it. A second
// template is applied after the first: that is the Modeler's "Update". Prints the diagram as JSON.
import { readFileSync } from 'node:fs';

import { applyTemplate } from 'element-templates-cli';

const [diagram, element, ...templates] = process.argv.slice(2);
let xml = readFileSync(diagram, 'utf-8');
for (const template of templates) xml = await applyTemplate(xml, readFileSync(template, 'utf-8'), element);
console.log(JSON.stringify({ xml }));
