import path from 'node:path';
import { type Disposable, EventEmitter, type TextDocumentContentProvider, Uri, workspace } from 'vscode';
import { messageOf } from '../../base/userError.ts';
import { openFiles } from '../editor/openFiles.ts';
import type { PlaneConnection } from '../state/planeConnection.ts';

const scheme = 'updraft-preview';

/** What a document shows: what a submission would run, the same without remarks, or an earlier run. */
type Content = { of: 'plan' | 'facts'; file: string } | { of: 'run'; file: string; job: string };

/** Read-only documents about what a file's job would run, and did. Those of what would run are made anew when a file is saved. */
export class PreviewDocuments implements TextDocumentContentProvider, Disposable {
  private readonly plane: PlaneConnection;
  private readonly changed = new EventEmitter<Uri>();
  readonly onDidChange = this.changed.event;
  /** Texts that were worked out before their document was opened. */
  private readonly known = new Map<string, string>();
  private readonly subscriptions: Disposable[];

  constructor(plane: PlaneConnection) {
    this.plane = plane;
    this.subscriptions = [
      this.changed,
      workspace.registerTextDocumentContentProvider(scheme, this),
      workspace.onDidSaveTextDocument(() => {
        for (const { uri } of workspace.textDocuments) if (uri.scheme === scheme && contentOf(uri).of !== 'run') this.changed.fire(uri);
      }),
    ];
  }

  /** The document of a content, made now: what is wrong with the file is thrown rather than shown in it. */
  async make(content: Content): Promise<{ uri: Uri; text: string }> {
    const text = await this.read(content);
    const uri = uriOf(content);
    this.known.set(uri.toString(), text);
    this.changed.fire(uri);
    return { uri, text };
  }

  async provideTextDocumentContent(uri: Uri): Promise<string> {
    const key = uri.toString();
    const known = this.known.get(key);
    this.known.delete(key);
    if (known !== undefined) return known;
    const content = contentOf(uri);
    return this.read(content).catch((error) => `# ${path.basename(content.file)}: ${messageOf(error).replaceAll('\n', '\n# ')}\n`);
  }

  dispose(): void {
    for (const each of this.subscriptions) each.dispose();
  }

  private async read(content: Content): Promise<string> {
    const client = await this.plane.client();
    if (content.of === 'run') {
      const { runText } = await import('../../submit/preview/lastRun.ts');
      return runText(client, await client.getJob(content.job));
    }
    const { previewJob } = await import('../../submit/preview/previewJob.ts');
    const { text, facts } = await previewJob(client, content.file, { files: openFiles });
    return content.of === 'plan' ? text : facts;
  }
}

/** The name says what it is: it stands on the tab. */
function uriOf(content: Content): Uri {
  const name = `${content.of === 'run' ? 'Last run' : 'What will run'}: ${path.basename(content.file)}`;
  return Uri.joinPath(Uri.file(content.file), '..', name).with({ scheme, query: JSON.stringify(content) });
}

const contentOf = (uri: Uri): Content => JSON.parse(uri.query) as Content;
