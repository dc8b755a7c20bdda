/** The language server as a process of its own: `--node-ipc` for the extension, `--stdio` for other editors. */
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { serve } from './session.ts';

const connection = createConnection(ProposedFeatures.all);
serve(connection);
connection.listen();
