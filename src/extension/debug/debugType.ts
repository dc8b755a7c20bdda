/** The type of our debug sessions, as the package names it. */
export const debugType = 'updraft-python';
