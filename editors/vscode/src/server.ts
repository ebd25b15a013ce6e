/* How `snarl lsp` is started, and what it is told. Nothing here needs VS Code: the test in
 * tests/vscode runs this file under node. */
import { execFile } from 'child_process';
import { existsSync } from 'fs';

/* The settings `snarl.NAME`; package.json says what each is for. */
export interface Settings {
    path: string;
    buildDirectory: string;
    inlayHints: boolean;
    arguments: string[];
}

/* A program with its arguments, as vscode-languageclient takes it. Standard input and output are
 * the connection. */
export interface Command {
    command: string;
    args: string[];
    options: { cwd?: string };
}

/* Documents that the server is told of. VS Code takes headers for C++. */
export const documents = [
    { scheme: 'file', language: 'c' },
    { scheme: 'file', language: 'cpp', pattern: '**/*.h' },
];

/* `folder` is the one that is open; undefined: there is none, only files. */
export function commandOf(settings: Settings, folder: string | undefined): Command {
    const spell = (text: string) => text.replaceAll('${workspaceFolder}', folder ?? '.');
    const args = ['lsp'];

    if (settings.buildDirectory !== '') {
        args.push('-p', spell(settings.buildDirectory));
    }
    return {
        command: spell(settings.path),
        args: [...args, ...settings.arguments.map(spell)],
        options: folder === undefined ? {} : { cwd: folder },
    };
}

export function initializationOptions(settings: Settings): { inlayHints: boolean } {
    return { inlayHints: settings.inlayHints };
}

/* What the program says of itself ("snarl 0.1.0 ..."). Fails with a sentence for the user where it
 * can't be run, or is no snarl. */
export function versionOf(command: Command): Promise<string> {
    const asked = { ...command.options, timeout: 10000 };

    if (asked.cwd !== undefined && !existsSync(asked.cwd)) { /* ENOENT would blame the program */
        return Promise.reject(new Error(`there is no such folder as '${asked.cwd}'`));
    }
    return new Promise((resolve, reject) => {
        execFile(command.command, ['--version'], asked, (error, stdout) => {
            if (error !== null) {
                reject(new Error(`can't run '${command.command}' (${error.code ?? error.signal}): ` +
                    'install snarl, or say where it is in the setting snarl.path'));
            } else if (!stdout.startsWith('snarl ')) {
                reject(new Error(`'${command.command}' is no snarl: ` +
                    'say where snarl is in the setting snarl.path'));
            } else {
                resolve(stdout.trim());
            }
        });
    });
}
