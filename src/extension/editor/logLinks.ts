import { type CancellationToken, DocumentLink, type DocumentLinkProvider, type TextDocument, Uri } from 'vscode';
import { inSnapshot, sourceReferences } from '../../base/tracebacks.ts';
import { parseJobUri } from '../documents/jobUri.ts';
import type { SourceFinder } from '../documents/sourceFinder.ts';

class SourceLink extends DocumentLink {
  reference: { job: string; file: string; line: number } | undefined;
}

/** Makes `File "x.py", line 3` in a job's log lead to the source. */
export class LogLinks implements DocumentLinkProvider<SourceLink> {
  private readonly sources: SourceFinder;

  constructor(sources: SourceFinder) {
    this.sources = sources;
  }

  provideDocumentLinks(document: TextDocument): SourceLink[] {
    const place = parseJobUri(document.uri);
    if (place?.area !== 'log') return [];
    const links: SourceLink[] = [];
    for (let row = 0; row < document.lineCount; row++) {
      const line = document.lineAt(row);
      for (const { start, end, file, line: at } of sourceReferences(line.text)) {
        const range = line.range.with(line.range.start.translate(0, start), line.range.start.translate(0, end));
        const inside = inSnapshot(file);
        const link = new SourceLink(range, inside ? undefined : Uri.file(file).with({ fragment: `L${at}` }));
        if (inside) link.reference = { job: place.job, file: inside, line: at };
        link.tooltip = 'Open the source';
        links.push(link);
      }
    }
    return links;
  }

  async resolveDocumentLink(link: SourceLink, _token: CancellationToken): Promise<SourceLink> {
    if (!link.reference) return link;
    const { job, file, line } = link.reference;
    link.target = (await this.sources.find(job, file)).with({ fragment: `L${line}` });
    return link;
  }
}
