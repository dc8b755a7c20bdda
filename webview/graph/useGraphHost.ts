import { useDeferredValue, useEffect, useState } from 'react';
import type { DocumentGraph } from '../../src/protocol/graph.ts';
import type { GraphPageState } from '../../src/protocol/webview.ts';
import type { GraphHost } from './graphHost.ts';

/** What the page shows: the graph that was told last, the node that is chosen or that the cursor is in, and what the page keeps. */
export function useGraphHost(host: GraphHost) {
  const [name, setName] = useState('');
  const [graph, setGraph] = useState<DocumentGraph>();
  const [selected, select] = useState<string>();
  const [state, setState] = useState<GraphPageState>(host.kept ?? { uri: '', expanded: [], direction: 'down' });

  useEffect(() => {
    const subscription = host.onMessage((message) => {
      if (message.type === 'graph') setGraph(message.graph);
      else if (message.type === 'cursor') select(message.node);
      else {
        setName(message.name);
        setState((before) => ({ ...before, uri: message.uri }));
      }
    });
    host.post({ type: 'ready' });
    return () => subscription.dispose();
  }, [host]);
  useEffect(() => {
    if (state.uri) host.keep(state);
  }, [host, state]);

  // A large graph takes a while to be laid out: of those that came meanwhile only the last is.
  return { name, graph: useDeferredValue(graph), selected, select, state, setState };
}
