/** The mark of `media/tab.svg`; in the page itself, since a browser asks for a file without the token. */
export const pageIcon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 24 24" fill="none" stroke="#3794ff" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="M12 3.5v11"/><path d="M8 7.5l4-4 4 4"/><path d="M4 20.5c0-5 3-6 5-8"/><path d="M20 20.5c0-5-3-6-5-8"/><path d="M9 20.5h6"/></svg>',
)}`;
