// A stand-in for the module `vscode`: as much of an editor as the extension's language client needs
// to open one document, show its diagnostics and ask for actions. What is not told here is an event
// that never comes, a class without members, or a provider that is only kept.
'use strict';
const path = require('path');
const { pathToFileURL, fileURLToPath } = require('url');

const disposable = (dispose = () => {}) => ({ dispose });

class EventEmitter {
  #listeners = new Set();
  event = (listener, self) => {
    const bound = listener.bind(self);
    this.#listeners.add(bound);
    return disposable(() => this.#listeners.delete(bound));
  };
  fire(what) {
    return Promise.all([...this.#listeners].map((listener) => listener(what)));
  }
  dispose() {
    this.#listeners.clear();
  }
}

class Uri {
  constructor(text) {
    Object.assign(this, { text, scheme: text.split(':')[0], path: new URL(text).pathname });
  }
  static parse = (text) => new Uri(text);
  static file = (name) => new Uri(pathToFileURL(name).toString());
  get fsPath() {
    return fileURLToPath(this.text);
  }
  toString() {
    return this.text;
  }
}

class Position {
  constructor(line, character) {
    Object.assign(this, { line, character });
  }
}

class Range {
  constructor(start, end, ...ends) {
    Object.assign(this, ends.length === 0 ? { start, end } :
      { start: new Position(start, end), end: new Position(...ends) });
  }
}

class Diagnostic {
  constructor(range, message, severity) {
    Object.assign(this, { range, message, severity });
  }
}

class DiagnosticRelatedInformation {
  constructor(location, message) {
    Object.assign(this, { location, message });
  }
}

class Location {
  constructor(uri, range) {
    Object.assign(this, { uri, range });
  }
}

class CodeAction {
  constructor(title, kind) {
    Object.assign(this, { title, kind });
  }
}

class CodeActionKind {
  constructor(value) {
    this.value = value;
  }
  append(part) {
    return new CodeActionKind(this.value ? `${this.value}.${part}` : part);
  }
  static Empty = new CodeActionKind('');
  static QuickFix = new CodeActionKind('quickfix');
}

class TextEdit {
  constructor(range, newText) {
    Object.assign(this, { range, newText });
  }
}

class WorkspaceEdit {
  edits = new Map(); // URI -> text edits
  set(uri, edits) {
    this.edits.set(uri.toString(), edits);
  }
  replace(uri, range, newText) {
    this.edits.set(uri.toString(), [...(this.edits.get(uri.toString()) ?? []),
      new TextEdit(range, newText)]);
  }
}

class TabInputText {
  constructor(uri) {
    this.uri = uri;
  }
}

class CancellationTokenSource {
  #cancelled = new EventEmitter();
  token = { isCancellationRequested: false, onCancellationRequested: this.#cancelled.event };
  cancel() {
    this.token.isCancellationRequested = true;
    this.#cancelled.fire();
  }
  dispose() {}
}

// What the editor holds; a test looks at it.
const editor = {
  settings: {}, // of snarl
  folder: process.cwd(),
  providers: {}, // 'CodeActions' -> the providers registered
  collections: [], // of diagnostics, each a Map from URI to array
  messages: [],
  log: [],
  commands: {},
  opened: new EventEmitter(),
  changed: new EventEmitter(),
  configured: new EventEmitter(),
  document: undefined,

  async open(name, text) {
    const uri = Uri.file(path.resolve(editor.folder, name));
    editor.document = {
      uri, fileName: uri.fsPath, languageId: 'c', version: 1, text, isClosed: false, isDirty: false,
      getText: () => editor.document.text,
    };
    vscode.workspace.textDocuments.push(editor.document);
    vscode.window.activeTextEditor = { document: editor.document };
    vscode.window.visibleTextEditors.push(vscode.window.activeTextEditor);
    vscode.window.tabGroups.all[0].tabs.push({ input: new TabInputText(uri) });
    await editor.opened.fire(editor.document);
  },

  // Applies a WorkspaceEdit to the open document, its last edit first.
  async apply(edit) {
    const edits = [...edit.edits.get(editor.document.uri.toString())];
    const starts = [0, ...[...editor.document.text.matchAll(/\n/g)].map((end) => end.index + 1)];
    const offset = (position) => starts[position.line] + position.character;
    edits.sort((a, b) => offset(b.range.start) - offset(a.range.start));
    const contentChanges = edits.map(({ range, newText }) => {
      const [from, to] = [offset(range.start), offset(range.end)];
      editor.document.text =
        editor.document.text.slice(0, from) + newText + editor.document.text.slice(to);
      return { range, rangeOffset: from, rangeLength: to - from, text: newText };
    });
    editor.document.version++;
    await editor.changed.fire({ document: editor.document, contentChanges });
  },

  // What is shown of the document, whoever put it there.
  shown() {
    const uri = editor.document.uri.toString();
    return editor.collections.flatMap((collection) => collection.get(uri) ?? []);
  },
};

function diagnosticCollection() {
  const collection = new Map();
  editor.collections.push(collection);
  return {
    set: (uri, list) => collection.set(uri.toString(), list ?? []),
    delete: (uri) => collection.delete(uri.toString()),
    has: (uri) => collection.has(uri.toString()),
    clear: () => collection.clear(),
    dispose: () => collection.clear(),
  };
}

const matches = (one, document) => one.scheme === document.uri.scheme &&
  one.language === document.languageId && one.pattern === undefined;

const show = (text) => {
  editor.messages.push(text);
  return Promise.resolve(undefined);
};

const log = (text) => editor.log.push(String(text));

// A namespace: `known`, events that never come, providers that are kept.
function namespace(known) {
  return new Proxy(known, {
    get(target, name) {
      if (name in target || typeof name !== 'string') {
        return target[name];
      }
      if (/^on(Did|Will)/.test(name)) {
        return () => disposable();
      }
      const kind = /^register(\w+?)Provider$/.exec(name)?.[1];
      return kind && ((selector, provider) => {
        (editor.providers[kind] ??= []).push(provider);
        return disposable(() => editor.providers[kind].splice(
          editor.providers[kind].indexOf(provider), 1));
      });
    },
  });
}

const known = {
  version: '1.82.0',
  editor,
  Uri, Position, Range, Location, Diagnostic, DiagnosticRelatedInformation, CodeAction,
  CodeActionKind, TextEdit, WorkspaceEdit, TabInputText, EventEmitter, CancellationTokenSource,
  Disposable: Object.assign(class {}, { from: (...all) => disposable(() =>
    all.forEach((one) => one.dispose())) }),
  DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2, Hint: 3 },
  CodeActionTriggerKind: { Invoke: 1, Automatic: 2 },
  ProgressLocation: { Window: 10 },
  env: { language: 'en', appName: 'stand-in' },
  commands: {
    registerCommand: (name, run) => {
      editor.commands[name] = run;
      return disposable();
    },
    executeCommand: async () => {},
  },
  languages: namespace({
    match: (selector, document) => selector.some((one) => matches(one, document)) ? 10 : 0,
    createDiagnosticCollection: diagnosticCollection,
  }),
  workspace: namespace({
    textDocuments: [],
    notebookDocuments: [],
    workspaceFolders: [{ uri: Uri.file(editor.folder), name: 'test', index: 0 }],
    getConfiguration: () => ({ get: (name, other) => editor.settings[name] ?? other }),
    createFileSystemWatcher: () => namespace({ dispose: () => {} }),
    onDidOpenTextDocument: editor.opened.event,
    onDidChangeTextDocument: editor.changed.event,
    onDidChangeConfiguration: editor.configured.event,
  }),
  window: namespace({
    visibleTextEditors: [],
    activeTextEditor: undefined,
    tabGroups: { all: [{ tabs: [] }] },
    createOutputChannel: (name) => ({ name, append: log, appendLine: log, show() {}, dispose() {} }),
    showErrorMessage: show,
    showWarningMessage: show,
    showInformationMessage: show,
    withProgress: (options, task) => task({ report: () => {} },
      new CancellationTokenSource().token),
  }),
};

const vscode = new Proxy(known, {
  get: (target, name) => target[name] ??= class {},
  has: () => true,
});

module.exports = vscode;
