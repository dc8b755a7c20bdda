/** Most bytes of a request's address and headers together. Node's own limit is less than what clients send as filters and lists of ids. */
export const headerLimit = 256 * 1024;
