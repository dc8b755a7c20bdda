/** The language server as a process of its own: `--node-ipc` for the extension, `--stdio` for other editors. */
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { lineLogger } from '../base/logger.ts';
import { surviveStrayErrors } from '../base/strayErrors.ts';
import { serve } from './session.ts';

// The extension shows what comes on standard error in its log.
surviveStrayErrors(
  process,
  lineLogger((line) => process.stderr.write(`${line}\n`)),
);
const connection = createConnection(ProposedFeatures.all);
serve(connection);
connection.listen();
