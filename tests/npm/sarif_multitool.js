// Reads SARIF logs with Microsoft's SARIF Multitool, an implementation that has nothing to do with
// ours: its own rules (SARIF...), those of GitHub's code scanning (GH...), and a query.
// Usage: node sarif_multitool.js NODE_MODULES FILE...
'use strict';
const { execFileSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

const [modules, ...files] = process.argv.slice(2);
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'multitool-'));
const tool = path.resolve(modules, `@microsoft/sarif-multitool-${process.platform}/Sarif.Multitool`);

function run(...args) {
  const env = {
    ...process.env,
    DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1', // there may be no ICU here
    DOTNET_BUNDLE_EXTRACT_BASE_DIR: scratch,
  };
  return execFileSync(tool, args, { env, encoding: 'utf8', timeout: 120000 });
}

// What it has against a log, as [rule, message arguments].
function errorsOf(file) {
  const out = path.join(scratch, 'out.sarif');
  run('validate', file, '--output', out, '--log', 'ForceOverwrite', '--rule-kind', 'Sarif;Ghas',
    '--level', 'Error');
  const results = JSON.parse(fs.readFileSync(out, 'utf8').replace(/^\uFEFF/, '')).runs[0].results;
  return (results || []).map((r) => `${r.ruleId} ${(r.message.arguments || []).join(', ')}`);
}

// A validator that sees nothing would not notice these, either.
function noticesDamage(log) {
  const damages = {
    SARIF1009: (l) => (l.runs[0].results[0].ruleIndex = 777),
    GH1015: (l) => (l.runs[0].results[0].locations = []),
  };
  return Object.entries(damages).every(([rule, damage]) => {
    const copy = JSON.parse(JSON.stringify(log));
    const file = path.join(scratch, 'damaged.sarif');
    damage(copy);
    fs.writeFileSync(file, JSON.stringify(copy));
    return errorsOf(file).some((error) => error.startsWith(rule));
  });
}

// `$DIR` stands for the project's folder in the golden files.
function withFolder(file) {
  const copy = path.join(scratch, 'log.sarif');
  fs.writeFileSync(copy, fs.readFileSync(file, 'utf8').replaceAll('$DIR', '/project'));
  return copy;
}

function check(original) {
  const file = withFolder(original);
  const log = JSON.parse(fs.readFileSync(file, 'utf8'));
  const suppressed = log.runs[0].results.filter((r) => r.suppressions.length > 0).length;
  const found = run('query', file, '--expression', 'IsSuppressed == True');
  const problems = errorsOf(file);

  if (!found.includes(`Found ${suppressed} of ${log.runs[0].results.length} results`)) {
    problems.push(`${suppressed} results are suppressed, the tool says: ${found.trim()}`);
  }
  if (!noticesDamage(log)) {
    problems.push('it has nothing against a damaged copy: it checks nothing');
  }
  problems.forEach((problem) => console.error(`${original}: ${problem}`));
  console.log(`${original}: ${log.runs[0].results.length} results, ${problems.length} problems`);
  return problems.length === 0;
}

let ok = files.length > 0;
try {
  for (const file of files) {
    ok = check(file) && ok;
  }
} finally {
  fs.rmSync(scratch, { recursive: true });
}
process.exit(ok ? 0 : 1);
