import { createRoot } from 'react-dom/client';
import { GraphPage } from './GraphPage.tsx';
import { graphHost } from './graphHost.ts';

/** The graph of a file, in an editor tab of VS Code. */
createRoot(document.getElementById('root')!).render(<GraphPage host={graphHost()} />);
