import { createConnection, ProposedFeatures, StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver/node';
import { lineLogger } from '../base/logger.ts';
import { surviveStrayErrors } from '../base/strayErrors.ts';
import type { LanguageOptions } from '../protocol/language.ts';
import { serve } from './session.ts';

/** Serves an editor over standard input and output until it says goodbye; answers the exit code. */
export function serveStdio(options: LanguageOptions): Promise<number> {
  return new Promise((resolve) => {
    const connection = createConnection(
      ProposedFeatures.all,
      new StreamMessageReader(process.stdin),
      new StreamMessageWriter(process.stdout),
    );
    surviveStrayErrors(
      process,
      lineLogger((line) => process.stderr.write(`${line}\n`)),
    );
    let saidGoodbye = false;
    connection.onShutdown(() => {
      saidGoodbye = true;
    });
    const session = serve(connection, options);
    const end = () => {
      session.dispose();
      resolve(saidGoodbye ? 0 : 1);
    };
    connection.onExit(end);
    // An editor that is gone can't say so.
    process.stdin.once('end', end);
    connection.listen();
  });
}
