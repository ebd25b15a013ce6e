/* The extension: one `snarl lsp` for the open folder, started anew when a setting changes. */
import * as vscode from 'vscode';
import { LanguageClient } from 'vscode-languageclient/node';
import { Settings, commandOf, documents, initializationOptions, versionOf } from './server';

const SETTINGS_BUTTON = 'Open Settings';

let output: vscode.OutputChannel;
let client: LanguageClient | undefined;
let last: Promise<void> = Promise.resolve(); /* starts and stops, one after the other */

function readSettings(): Settings {
    const all = vscode.workspace.getConfiguration('snarl');

    return {
        path: all.get('path', 'snarl'),
        buildDirectory: all.get('buildDirectory', ''),
        inlayHints: all.get('inlayHints', false),
        arguments: all.get('arguments', []),
    };
}

async function tell(problem: unknown): Promise<void> {
    const text = problem instanceof Error ? problem.message : String(problem);

    output.appendLine(text);
    if (await vscode.window.showErrorMessage(`snarl: ${text}`, SETTINGS_BUTTON) !== undefined) {
        await vscode.commands.executeCommand('workbench.action.openSettings', 'snarl.');
    }
}

async function start(): Promise<void> {
    const settings = readSettings();
    const command = commandOf(settings, vscode.workspace.workspaceFolders?.[0]?.uri.fsPath);

    output.appendLine(`${await versionOf(command)}: ${[command.command, ...command.args].join(' ')}`);
    client = new LanguageClient('snarl', 'snarl', command, {
        documentSelector: documents,
        initializationOptions: initializationOptions(settings),
        outputChannel: output,
        synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher('**/*.{c,h}') },
    });
    await client.start();
}

async function stop(): Promise<void> {
    const old = client;

    client = undefined;
    await old?.dispose();
}

function restart(): Promise<void> {
    last = last.then(stop).then(start).catch((problem) => void tell(problem));
    return last;
}

export async function activate(context: vscode.ExtensionContext): Promise<void> {
    output = vscode.window.createOutputChannel('snarl');
    context.subscriptions.push(
        output,
        vscode.commands.registerCommand('snarl.restart', restart),
        vscode.workspace.onDidChangeConfiguration(
            (change) => change.affectsConfiguration('snarl') && restart()));
    await restart();
}

export async function deactivate(): Promise<void> {
    await last.then(stop);
}
