/** Whether a resource's version is a number that counts: of an index the condition must be the same in the query. */
export const isWholeNumber = "version <> '' AND version NOT GLOB '*[^0-9]*' AND length(version) <= 15";

/** The numbers among the versions of each resource, so that the greatest is found without reading the others. */
export const versionNumbers = `CREATE INDEX resources_number ON resources (workspace, kind, name, CAST(version AS INTEGER)) WHERE ${isWholeNumber};`;
