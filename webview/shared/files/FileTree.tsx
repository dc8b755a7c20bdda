import { type KeyboardEvent, useRef, useState } from 'react';
import { formatBytes } from '../../../src/base/text.ts';
import { useLive } from '../live/useLive.ts';
import { Icon } from '../ui/Icon.tsx';
import { fileIcon } from './fileIcon.ts';
import type { FileNode } from './fileNode.ts';

interface FileTreeProps {
  label: string;
  roots: readonly FileNode[];
  expanded: readonly string[];
  selected: string;
  onExpand(expanded: string[]): void;
  onSelect(node: FileNode): void;
}

/** Entries of one folder that are shown at first; the others on demand. */
const pageSize = 200;

/** Files in folders that are listed when they are opened. Keys as in the editor's own trees. */
export function FileTree({ label, roots, ...rest }: FileTreeProps) {
  const tree = useRef<HTMLDivElement>(null);
  function onKey(event: KeyboardEvent) {
    const items = [...(tree.current?.querySelectorAll<HTMLElement>('[role=treeitem]') ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const item = items[at];
    if (!item) return;
    const isOpen = item.getAttribute('aria-expanded');
    const parent = () => items.slice(0, at).findLast((each) => Number(each.ariaLevel) < Number(item.ariaLevel));
    if (event.key === 'ArrowDown') items[at + 1]?.focus();
    else if (event.key === 'ArrowUp') items[at - 1]?.focus();
    else if (event.key === 'Home') items[0]?.focus();
    else if (event.key === 'End') items.at(-1)?.focus();
    else if (event.key === 'Enter' || event.key === ' ') item.click();
    else if (event.key === 'ArrowRight') {
      if (isOpen === 'false') item.click();
      else if (isOpen === 'true') items[at + 1]?.focus();
    } else if (event.key === 'ArrowLeft') {
      if (isOpen === 'true') item.click();
      else parent()?.focus();
    } else return;
    event.preventDefault();
  }
  return (
    <div className="tree" role="tree" aria-label={label} tabIndex={-1} ref={tree} onKeyDown={onKey}>
      {roots.map((node, index) => (
        <Item key={node.id} node={node} level={1} isFirst={index === 0} {...rest} />
      ))}
    </div>
  );
}

type ItemProps = Omit<FileTreeProps, 'label' | 'roots'> & { node: FileNode; level: number; isFirst?: boolean };

function Item({ node, level, isFirst = false, ...rest }: ItemProps) {
  const { expanded, selected, onExpand, onSelect } = rest;
  const isFolder = node.list !== undefined;
  const isOpen = isFolder && expanded.includes(node.id);
  const isSelected = selected === node.id;
  function choose() {
    if (!isFolder) onSelect(node);
    else onExpand(isOpen ? expanded.filter((id) => id !== node.id) : [...expanded, node.id]);
  }
  return (
    <>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys of all its items */}
      <div
        role="treeitem"
        aria-level={level}
        aria-selected={isSelected}
        {...(isFolder ? { 'aria-expanded': isOpen } : {})}
        aria-label={node.name}
        aria-description={[node.note, node.size === undefined ? '' : formatBytes(node.size)].filter(Boolean).join(', ') || undefined}
        className={`tree-row${isSelected ? ' selected' : ''}`}
        style={{ paddingLeft: 8 + (level - 1) * 12 }}
        tabIndex={isSelected || isFirst ? 0 : -1}
        title={node.name}
        onClick={choose}
      >
        <Icon name={isFolder ? (isOpen ? 'chevron-down' : 'chevron-right') : 'blank'} className="tree-twist" />
        <Icon name={node.icon ?? (isFolder ? 'folder' : fileIcon(node.name))} />
        <span className="tree-name">{node.name}</span>
        {node.note && <span className="dim tree-note">{node.note}</span>}
        {node.size !== undefined && <span className="dim number tree-size">{formatBytes(node.size)}</span>}
      </div>
      {isOpen && <Inside node={node} level={level + 1} {...rest} />}
    </>
  );
}

function Inside({ node, level, ...rest }: ItemProps) {
  const [count, setCount] = useState(pageSize);
  const { value, error } = useLive(
    `files ${node.id}`,
    (client) => node.list!(client),
    (change) => node.concerns?.(change) ?? false,
    500,
  );
  const indent = { paddingLeft: 8 + (level - 1) * 12 + 18 };
  if (!value)
    return (
      <p className={`tree-state${error ? ' tone-failed' : ' dim'}`} style={indent}>
        {error ? error.message : 'Loading…'}
      </p>
    );
  if (value.length === 0)
    return (
      <p className="tree-state dim" style={indent}>
        Empty
      </p>
    );
  return (
    <>
      {value.slice(0, count).map((child) => (
        <Item key={child.id} node={child} level={level} {...rest} />
      ))}
      {value.length > count && (
        <p className="tree-state" style={indent}>
          <button type="button" className="link" onClick={() => setCount(count + 5 * pageSize)}>
            {value.length - count} more…
          </button>
        </p>
      )}
    </>
  );
}
