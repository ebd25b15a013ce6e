// How the packaged extension starts the server: its server.js, which needs no editor.
// Usage: node vscode_options.js EXTENSION SNARL
'use strict';
const assert = require('assert');
const path = require('path');

const [extension, snarl] = process.argv.slice(2);
const server = require(path.resolve(extension, 'out/server.js'));
const { contributes } = require(path.resolve(extension, 'package.json'));

// The settings as they are when nobody has set any.
const defaults = Object.fromEntries(Object.entries(contributes.configuration.properties)
  .map(([name, property]) => [name.replace('snarl.', ''), property.default]));

assert.deepStrictEqual(server.commandOf(defaults, undefined),
  { command: 'snarl', args: ['lsp'], options: {} });
assert.deepStrictEqual(server.commandOf({
  path: '${workspaceFolder}/bin/snarl', buildDirectory: 'out', inlayHints: true,
  arguments: ['--db=${workspaceFolder}/facts.db'],
}, '/project'), {
  command: '/project/bin/snarl', args: ['lsp', '-p', 'out', '--db=/project/facts.db'],
  options: { cwd: '/project' },
});
assert.deepStrictEqual(server.initializationOptions(defaults), { inlayHints: false });
assert.deepStrictEqual(server.initializationOptions({ ...defaults, inlayHints: true }),
  { inlayHints: true });

const versionOf = (command, folder) =>
  server.versionOf(server.commandOf({ ...defaults, path: command }, folder));

(async () => {
  assert.match(await versionOf(snarl, process.cwd()), /^snarl \d+\.\d+/);
  await assert.rejects(versionOf('/no/such/snarl'), /ENOENT.*install snarl.*snarl\.path/);
  await assert.rejects(versionOf('echo'), /'echo' is no snarl/);
  await assert.rejects(versionOf(snarl, '/no/such/folder'), /no such folder/);
  console.log('all as it should be');
})();
