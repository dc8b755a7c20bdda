import { useEffect, useState } from 'react';
import { aside } from '../../../src/base/aside.ts';
import { useHost } from '../host/host.ts';
import { usePageState } from '../host/pageState.ts';
import { Empty } from '../ui/states.tsx';
import { FileTree } from './FileTree.tsx';
import type { FileNode } from './fileNode.ts';
import { Preview } from './Preview.tsx';

/** A tree of files with the preview of the chosen one beside it. Remembers both. */
export function Files({ label, roots, initial }: { label: string; roots: readonly FileNode[]; initial: string[] }) {
  const { client } = useHost();
  const [expanded, setExpanded] = usePageState<string[]>('open', initial);
  const [selected, setSelected] = usePageState('file', '');
  const [line] = usePageState('line', 0);
  const [node, setNode] = useState<FileNode>();

  // After a reload the chosen file is found again by going down the tree to it.
  const isFound = node?.id === selected;
  useEffect(() => {
    if (selected === '' || isFound) return;
    let isCurrent = true;
    aside(
      'the chosen file',
      findNode(roots, selected, (each) => each.list!(client)).then((found) => isCurrent && found && setNode(found)),
      console,
    );
    return () => {
      isCurrent = false;
    };
  }, [selected, isFound, roots, client]);

  return (
    <div className={`files${selected ? ' has-preview' : ''}`}>
      <FileTree
        label={label}
        roots={roots}
        expanded={expanded}
        selected={selected}
        onExpand={setExpanded}
        onSelect={(each) => {
          setNode(each);
          setSelected(each.id);
        }}
      />
      {selected === '' ? (
        <Empty title="Choose a file to look at it." />
      ) : (
        node && isFound && <Preview key={node.id} node={node} startLine={line || undefined} />
      )}
    </div>
  );
}

/** Ids are paths: only folders on the way to the wanted one are listed. */
async function findNode(
  nodes: readonly FileNode[],
  id: string,
  list: (node: FileNode) => Promise<FileNode[]>,
): Promise<FileNode | undefined> {
  for (const node of nodes) {
    if (node.id === id && node.read) return node;
    const isOnTheWay = id === node.id || id.startsWith(node.id.endsWith('/') ? node.id : `${node.id}/`);
    if (!node.list || !(isOnTheWay || node.id.startsWith('step:'))) continue;
    const found = await list(node).then(
      (inside) => findNode(inside, id, list),
      () => undefined,
    );
    if (found) return found;
  }
  return undefined;
}
