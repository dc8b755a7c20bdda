import { storePlaces } from '../server/config.ts';
import type { PostgresPlace } from '../store/postgres/connection.ts';
import type { BucketOptions } from '../store/s3/bucket.ts';
import { type Parsed, text } from './parsed.ts';
import { readServeFile } from './serveFile.ts';

/** Where a plane's rows are, and its contents where they are in a bucket. */
export interface TeamPlaces {
  database: PostgresPlace;
  bucket: BucketOptions | undefined;
}

/** The database that a command is about, by its options, the file of the servers, or the variables; undefined where it is about a data folder. Throws what `configOf` throws. */
export function teamPlaces(parsed: Parsed): TeamPlaces | undefined {
  const [config, database, blobs] = [text(parsed, 'config'), text(parsed, 'database'), text(parsed, 'blobs')];
  // Who names a data folder and nothing else means that.
  if (config === undefined && database === undefined && text(parsed, 'data') !== undefined) return undefined;
  const file = config === undefined ? {} : readServeFile(config);
  const places = storePlaces({ ...file, ...(database ? { database } : {}), ...(blobs ? { blobs } : {}) }, process.env);
  return places.database && { database: places.database, bucket: places.bucket };
}
