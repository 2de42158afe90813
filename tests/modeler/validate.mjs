// Prints, as a JSON list, what Camunda's validator says against the element templates in the files that are named.
import { readFileSync } from 'node:fs';

import { validateAll, validateAllZeebe } from '@bpmn-io/element-templates-validator';

const problems = [];
for (const file of process.argv.slice(2)) {
  const validate = file.endsWith('.camunda8.json') ? validateAllZeebe : validateAll;
  for (const { valid, errors } of validate(JSON.parse(readFileSync(file, 'utf-8'))).results) {
    if (!valid) problems.push(...errors.map(({ message }) => `${file}: ${message}`));
  }
}
console.log(JSON.stringify(problems));
