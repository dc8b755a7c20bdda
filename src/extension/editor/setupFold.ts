import { commands, FoldingRange, FoldingRangeKind, type FoldingRangeProvider, type TextDocument, type TextEditor } from 'vscode';
import { setupLines } from '../../client/setupLines.ts';
import { parseJobUri } from '../documents/jobUri.ts';
import type { JobLogs } from '../state/jobLogs.ts';
import type { PlaneConnection } from '../state/planeConnection.ts';

/** Makes one region of the lines of a log that tell how the environment was made. */
export class SetupFold implements FoldingRangeProvider {
  private readonly plane: PlaneConnection;
  private readonly logs: JobLogs;

  constructor(plane: PlaneConnection, logs: JobLogs) {
    this.plane = plane;
    this.logs = logs;
  }

  async provideFoldingRanges(document: TextDocument): Promise<FoldingRange[]> {
    const place = parseJobUri(document.uri);
    if (place?.area !== 'log' || (await this.logs.read(place.job)).isCut) return [];
    const job = await (await this.plane.client()).getJob(place.job);
    const count = setupLines(job, document.lineCount);
    return count ? [new FoldingRange(0, count - 1, FoldingRangeKind.Region)] : [];
  }
}

/** Folds them in the active editor. */
export async function foldSetup(editor: TextEditor): Promise<void> {
  if (editor.document.lineCount > 1) await commands.executeCommand('editor.fold', { selectionLines: [0] });
}
