import { createRoot } from 'react-dom/client';
import '@vscode/codicons/dist/codicon.css';
import '@xyflow/react/dist/base.css';
import '../shared/theme.css';
import '../shared/graph/graph.css';
import './graphPage.css';
import { GraphPage } from './GraphPage.tsx';
import { graphHost } from './graphHost.ts';

/** The graph of a file, in an editor tab of VS Code. */
createRoot(document.getElementById('root')!).render(<GraphPage host={graphHost()} />);
