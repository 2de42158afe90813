// Reads a BPMN file with our moddle file, as bpmn.io does. Prints its warnings, the runner: attributes by element id,
// and the file as bpmn.io saves it.
import { readFileSync } from 'node:fs';

import { BpmnModdle } from 'bpmn-moddle';

const [diagram, extension] = process.argv.slice(2);
const moddle = new BpmnModdle({ runner: JSON.parse(readFileSync(extension, 'utf-8')) });
const { rootElement, elementsById, warnings } = await moddle.fromXML(readFileSync(diagram, 'utf-8'));
const read = {};
for (const [id, element] of Object.entries(elementsById)) {
  for (const { name } of element.$descriptor.properties.filter(({ ns }) => ns.prefix === 'runner')) {
    const value = element.get(name);
    if (value !== undefined) (read[id] ??= {})[name] = value;
  }
}
const { xml } = await moddle.toXML(rootElement);
console.log(JSON.stringify({ warnings: warnings.map(({ message }) => message), read, xml }));
