import type { MoreAssetsNode } from '../state/assets.ts';
import type { MoreNode } from '../state/jobs.ts';
import { listOf } from './arguments.ts';
import type { Command } from './command.ts';

export const viewLoadMore: Command = {
  id: 'updraft.view.loadMore',
  async run(app, argument) {
    const node = argument as MoreNode | MoreAssetsNode;
    await (node.kind === 'more' ? app.jobs.loadMore(node) : listOf(app, node).loadMore(node));
  },
};
