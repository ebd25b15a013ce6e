// Validates GitLab code quality reports against Code Climate's issue, as codeclimate-types has it,
// and what GitLab asks for beyond that: a fingerprint of its own and a line for every issue.
// Usage: node gitlab_schema.js NODE_MODULES FILE...
'use strict';
const fs = require('fs');
const path = require('path');

const [modules, ...files] = process.argv.slice(2);
const load = (name) => require(path.resolve(modules, name));

const Ajv = load('ajv');
const { createGenerator } = load('ts-json-schema-generator');
const schema = createGenerator({
  path: path.resolve(modules, 'codeclimate-types/index.d.ts'),
  type: 'Issue',
  skipTypeCheck: true,
}).createSchema('Issue');
const validate = new Ajv({ allErrors: true }).compile({
  ...schema,
  $ref: undefined,
  type: 'array',
  items: { $ref: '#/definitions/Issue' },
});

function errorsOf(issues) {
  const errors = validate(issues) ? [] : validate.errors.map((e) => `${e.dataPath}: ${e.message}`);
  const prints = new Set(issues.map((issue) => issue.fingerprint));

  if (prints.size !== issues.length || prints.has(undefined)) {
    errors.push('issues without a fingerprint of their own');
  }
  issues.forEach((issue, i) => {
    if (!(issue.location.lines && issue.location.lines.begin > 0) || !issue.severity) {
      errors.push(`[${i}]: no line, or no severity`);
    }
    if (path.isAbsolute(issue.location.path) || issue.location.path.startsWith('./')) {
      errors.push(`[${i}]: the path is not one in a repository`);
    }
  });
  return errors;
}

// What a validator that accepts everything would not notice.
const damages = [
  (issues) => delete issues[0].check_name,
  (issues) => (issues[0].severity = 'high'),
  (issues) => (issues[0].location.lines.begin = 'one'),
  (issues) => (issues[0].categories = ['Concurrency']),
  (issues) => issues.push(issues[0]),
];

let bad = files.length === 0 ? 1 : 0;
for (const file of files) {
  const text = fs.readFileSync(file, 'utf8');
  const errors = errorsOf(JSON.parse(text));
  damages.forEach((damage) => {
    const copy = JSON.parse(text);
    damage(copy);
    if (errorsOf(copy).length === 0) {
      errors.push(`a damaged copy is valid, too: ${damage}`);
    }
  });
  errors.forEach((error) => console.error(`${file}: ${error}`));
  console.log(`${file}: ${JSON.parse(text).length} issues, ${errors.length} problems`);
  bad += errors.length;
}
process.exit(bad ? 1 : 0);
