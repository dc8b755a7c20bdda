import type { EntityWriter } from '../../store/entities.ts';
import type { Store, StoreWriter, WorkspaceStore } from '../../store/store.ts';
import { jobOccurrence } from './jobOccurrence.ts';
import { mentionOccurrence } from './mentionOccurrence.ts';
import { asTold, isOfRegistry, modelOccurrences } from './modelOccurrences.ts';
import type { Occurrence } from './occurrence.ts';
import { queueFor } from './queue.ts';

/**
 * The same store, of which each write also queues what is to be told of it: in its own transaction, so that nothing is told that was not committed, and nothing that was committed is forgotten, whoever wrote it
 * and by which API.
 */
export function notingOccurrences(store: Store, now: () => number): Store {
  return Object.create(store, {
    in: { value: (...asked: Parameters<Store['in']>) => notingIn(store.in(...asked), now) },
  }) as Store;
}

function notingIn(rows: WorkspaceStore, now: () => number): WorkspaceStore {
  const noting =
    <T>(work: (writer: StoreWriter) => Promise<T>) =>
    async (writer: StoreWriter): Promise<T> => {
      const told: Occurrence[] = [];
      const answer = await work(listening(writer, told));
      if (told.length > 0) await queueFor(writer, asTold(told), now());
      return answer;
    };
  return Object.create(rows, {
    write: { value: <T>(work: (writer: StoreWriter) => Promise<T>) => rows.write(noting(work)) },
    writeAsOf: { value: <T>(work: (writer: StoreWriter) => Promise<T>) => rows.writeAsOf(noting(work)) },
  }) as WorkspaceStore;
}

/** A writer that notes what its writes do. */
function listening(writer: StoreWriter, told: Occurrence[]): StoreWriter {
  const putResource: StoreWriter['putResource'] = async (resource) => {
    if (!isOfRegistry(resource)) return writer.putResource(resource);
    const before = await writer.resource(resource.kind, resource.name, resource.version);
    const after = await writer.putResource(resource);
    told.push(...modelOccurrences(before, after));
    return after;
  };
  const putJob: StoreWriter['putJob'] = async (job) => {
    await writer.putJob(job);
    note(jobOccurrence(undefined, { ...job, experimentName: job.properties.experimentName ?? '' }));
  };
  const updateJob: StoreWriter['updateJob'] = async (before, properties, fields) => {
    const job = await writer.updateJob(before, properties, fields);
    note(jobOccurrence(before.status, job));
    return job;
  };
  const { entities } = writer;
  const put: EntityWriter['put'] = async (entity) => {
    await entities.put(entity);
    if (entity.kind !== 'mention') return;
    const comment = await entities.get('comment', entity.body.comment);
    if (comment) told.push(mentionOccurrence(entity, comment));
  };
  const note = (occurrence: Occurrence | undefined) => {
    if (occurrence) told.push(occurrence);
  };
  return Object.create(writer, {
    putResource: { value: putResource },
    putJob: { value: putJob },
    updateJob: { value: updateJob },
    entities: { value: Object.create(entities, { put: { value: put } }) },
  }) as StoreWriter;
}
