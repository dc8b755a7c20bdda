/** Says of an instruction why it can't be followed without an image. */
export class Refused extends Error {}
