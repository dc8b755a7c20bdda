/** How long a browser stays signed in, and the command line: then the identity provider is asked again. */
export const sessionHours = 12;
export const loginDays = 7;
/** Seconds in which a sign-in that was begun in a browser has to end. */
export const beginSeconds = 600;
