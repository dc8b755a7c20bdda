/** What a line of output tells about a failure. Texts may have `{name}` for a named group of `says`. */
export interface Cause {
  /** Names it for tests and links: letters, digits and `-`. */
  id: string;
  /** Matches one line of a log. */
  says: RegExp;
  /** What went wrong, in one sentence. */
  why: string;
  /** What to do about it. */
  fix: string;
}
