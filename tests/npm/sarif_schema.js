// Validates SARIF logs against the SARIF 2.1.0 schema that @microsoft/jest-sarif carries.
// Usage: node sarif_schema.js NODE_MODULES FILE...
'use strict';
const fs = require('fs');
const path = require('path');

const [modules, ...files] = process.argv.slice(2);
const load = (name) => require(path.resolve(modules, name));

const Ajv = load('ajv');
const schema = load('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');

// The schema is written in JSON Schema draft 4; `full` also checks the syntax of URIs.
const ajv = new Ajv({ schemaId: 'auto', meta: false, allErrors: true, format: 'full' });
ajv.addMetaSchema(load('ajv/lib/refs/json-schema-draft-04.json'));
const validate = ajv.compile(schema);

// What a validator that accepts everything would not notice.
function refusesDamage(log) {
  const damages = [
    (l) => delete l.runs[0].tool,
    (l) => (l.runs[0].results = [{ ruleId: 'no-message' }]),
    (l) => (l.runs[0].columnKind = 'bytes'),
    (l) => (l.runs[0].surprise = 1),
    (l) => (l.runs[0].results[0].suppressions = [{ kind: 'somewhere' }]),
    (l) => (l.runs[0].results[0].baselineState = 'old'),
    (l) => (l.runs[0].results[0].codeFlows[0].threadFlows[0].locations[0].executionOrder = -2),
    (l) => (l.runs[0].results[0].codeFlows[0].threadFlows[0].locations = []),
  ];
  return damages.every((damage) => {
    const copy = JSON.parse(JSON.stringify(log));
    damage(copy);
    return !validate(copy);
  });
}

let bad = files.length === 0 ? 1 : 0;
if (bad) {
  console.error('sarif_schema: no file given');
}
for (const file of files) {
  const log = JSON.parse(fs.readFileSync(file, 'utf8'));
  if (!validate(log)) {
    validate.errors.forEach((e) => console.error(`${file}:${e.dataPath || '/'}: ${e.message}`));
    bad++;
  } else if (!refusesDamage(log)) {
    console.error(`${file}: the validator also accepts a damaged copy: it checks nothing`);
    bad++;
  } else {
    console.log(`${file}: valid SARIF 2.1.0, ${log.runs[0].results.length} results`);
  }
}
process.exit(bad ? 1 : 0);
