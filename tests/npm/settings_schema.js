// Validates settings and models against the schema of .snarl.yml, as the editors' YAML server does.
// Usage: node settings_schema.js NODE_MODULES SCHEMA FILE...
// Of a Markdown file, its blocks of YAML.
'use strict';
const fs = require('fs');
const path = require('path');

const [modules, schema, ...files] = process.argv.slice(2);
const load = (name) => require(path.resolve(modules, name));

const yaml = load('yaml');
const validate = new (load('ajv'))({ allErrors: true }).compile(
  JSON.parse(fs.readFileSync(schema, 'utf8')));

// What the schema has to refuse, as snarl does.
const WRONG = [
  'confidence: hihg',
  'rules: { chek-then-act: off }',
  'rules: { check-then-act: loud }',
  'paths: { reprot: [src] }',
  'entry: { runs_on: thread }',
  'entry: [{ function: work, runs_on: thred }]',
  'never_together: [a]',
  'never_together: [[a, b], c]',
  'fn: { f: { aquire: 1 } }',
  'fn: { f: { acquire: -1 } }',
  'fn: { f: { callback: { arg: 1 } } }',
  'blocks: { never: [a] }',
];
const RIGHT = [
  '{}',
  'rules: { check-then-act: off, data-race: true, toctou-file: low }',
  'entry: { function: work, many: false }',
  'never_together: [[a, b], [c, c]]',
  'fn: { f: { acquire: [1, 2], callback: [{ arg: 1, runs: loop }], blocks_if: { arg: 1, is: 0 } } }',
];

const texts = [...WRONG.map((text) => ({ name: text, text, wrong: true })),
  ...RIGHT.map((text) => ({ name: text, text }))];
for (const file of files) {
  const text = fs.readFileSync(file, 'utf8');
  const blocks = file.endsWith('.md')
    ? [...text.matchAll(/^```yaml\n([^]*?)^```/gm)].map((match) => match[1]) : [text];
  blocks.forEach((block, i) => texts.push({ name: `${file} (${i + 1})`, text: block }));
}
let bad = files.length === 0 ? 1 : 0;
for (const { name, text, wrong } of texts) {
  const valid = validate(yaml.parse(text) || {});
  if (valid === Boolean(wrong)) {
    bad++;
    console.error(`${name}: ${wrong ? 'accepted' : 'refused'}`);
    (validate.errors || []).forEach((e) => console.error(`  ${e.dataPath}: ${e.message}`));
  }
}
console.log(`${texts.length} texts, ${bad} problems`);
process.exit(bad ? 1 : 0);
