// The packaged extension under node: opens bank.c, shows the hazard, applies the cure; see
// test_vscode.py. Usage, in the project's folder: node vscode.js EXTENSION SNARL
'use strict';
const fs = require('fs');
const Module = require('module');
const path = require('path');

const [extension, snarl] = process.argv.slice(2);
const load = Module._load;
Module._load = (name, ...rest) => name === 'vscode' ? require('./vscode_standin.js') :
  load(name, ...rest);
const { editor, CodeActionTriggerKind, CancellationTokenSource } = require('./vscode_standin.js');
const { activate, deactivate } = require(path.resolve(extension, 'out/extension.js'));

const rules = () => editor.shown().map((one) => one.code?.value ?? one.code).sort().join(' ');

async function until(is, what) {
  for (const end = Date.now() + 60000; !is();) {
    if (Date.now() > end) {
      throw new Error(`${what}: ${rules()}; ${editor.messages}; ${editor.log.join('\n')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

(async () => {
  await editor.open('bank.c', fs.readFileSync('bank.c', 'utf8'));
  editor.settings = { path: '/no/such/snarl' };
  await activate({ subscriptions: [] });
  console.log(`refused: ${editor.messages.join(' ')}`);

  editor.settings = { path: snarl, inlayHints: true, buildDirectory: '${workspaceFolder}/out' };
  await editor.configured.fire({ affectsConfiguration: (name) => name === 'snarl' });
  await until(() => rules().includes('wait-no-loop'), 'no hazard is shown');
  console.log(`shown: ${rules()}`);
  console.log(`providers: ${Object.keys(editor.providers).sort().join(' ')}`);

  const wanted = editor.shown().find((one) => (one.code?.value ?? one.code) === 'wait-no-loop');
  const actions = await editor.providers.CodeActions[0].provideCodeActions(
    editor.document, wanted.range,
    { diagnostics: [wanted], triggerKind: CodeActionTriggerKind.Invoke },
    new CancellationTokenSource().token);
  actions.forEach((action) => console.log(`action: ${action.title}`));
  await editor.apply(actions.find((action) => action.title.includes("'while'")).edit);
  await until(() => rules() !== '' && !rules().includes('wait-no-loop'), 'the hazard stays');
  console.log(`left: ${rules()}`);
  console.log(`text: ${editor.document.text}`);
  await deactivate();
  console.log(`after: ${rules()}`);
})().catch((error) => {
  console.error(`vscode: ${error.stack}`);
  process.exit(1);
});
