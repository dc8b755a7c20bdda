import { type CommentedKind, type Mention, mostMentionsKept, type ReadMentions } from '../../protocol/comment.ts';
import type { MemberPrincipal } from '../../protocol/principal.ts';
import type { StoredEntity } from '../../store/entities.ts';
import { type PlaneServices, servicesOf } from '../services.ts';
import { commentOf } from './comments.ts';
import { keptIn, readAction } from './kept.ts';

interface KeptMention {
  workspace: string;
  entity: StoredEntity;
  isRead: boolean;
}

/** Comments that mention a member, in all workspaces that this member may read now. */
export class Inbox {
  private readonly plane: PlaneServices;
  private readonly member: MemberPrincipal;

  constructor(plane: PlaneServices, member: MemberPrincipal) {
    this.plane = plane;
    this.member = member;
  }

  /** The newest first. */
  async kept(): Promise<KeptMention[]> {
    const { store } = this.plane;
    const all = await Promise.all(
      this.workspaces().map(async (workspace) => {
        const { entities } = store.in(workspace, this.member);
        const found = await entities.list('mention', this.member.id, 0, mostMentionsKept);
        if (found.length === 0) return [];
        const read = new Set((await entities.list('mentionRead', this.member.id, 0, mostMentionsKept)).map(({ id }) => id));
        return found
          .filter(({ body }) => this.mayRead(workspace, body.kind))
          .map((entity) => ({ workspace, entity, isRead: read.has(entity.id) }));
      }),
    );
    return all.flat().sort((one, other) => other.entity.at - one.entity.at || one.entity.id.localeCompare(other.entity.id));
  }

  /** What a mention is about; undefined where the comment has gone meanwhile. */
  async shown({ workspace, entity, isRead }: KeptMention): Promise<Mention | undefined> {
    const store = this.plane.store.in(workspace, this.member);
    const comment = await store.entities.get('comment', entity.body.comment);
    if (!comment) return undefined;
    const services = servicesOf(this.plane, { principal: this.member, workspace, store, isAzureClient: false });
    const { on } = keptIn(comment);
    const job = on.kind === 'jobs' ? await store.job(on.name) : undefined;
    const title = job?.properties.displayName || (on.version === undefined ? on.name : `${on.name} ${on.version}`);
    return { workspace, title, comment: commentOf(services, comment), isRead };
  }

  /** Notes which were read, or are to be read again. */
  async mark({ isRead, mentions }: ReadMentions): Promise<void> {
    const wanted = mentions && new Set(mentions.map(({ workspace, comment }) => `${workspace}/${comment}`));
    const changed = (await this.kept()).filter(
      (each) => each.isRead !== isRead && (!wanted || wanted.has(`${each.workspace}/${each.entity.body.comment}`)),
    );
    for (const workspace of new Set(changed.map((each) => each.workspace)))
      await this.plane.store.in(workspace, this.member).write(async (writer) => {
        for (const { workspace: of, entity } of changed) {
          if (of !== workspace || !(await writer.entities.get('mention', entity.id))) continue;
          if (isRead) await writer.entities.put({ kind: 'mentionRead', id: entity.id, scope: this.member.id, at: entity.at, body: {} });
          else await writer.entities.delete('mentionRead', entity.id);
        }
      });
  }

  private workspaces(): string[] {
    const team = this.plane.team!;
    return team.workspaces.filter((each) => team.sees(this.member, each));
  }

  private mayRead(workspace: string, kind: CommentedKind): boolean {
    const team = this.plane.team!;
    const scope = team.scopeOf(workspace);
    return scope !== undefined && team.may(this.member, readAction(kind), scope);
  }
}
