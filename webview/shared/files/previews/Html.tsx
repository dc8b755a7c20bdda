/** What a document from outside may do: be shown. Its own styles and the images inside of it count, nothing is fetched. */
const policy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'">`;

/** An HTML file in a frame of its own, in which no script runs and that reaches nothing. */
export function Html({ text, name }: { text: string; name: string }) {
  return <iframe className="html-preview" title={name} sandbox="" srcDoc={policy + text} referrerPolicy="no-referrer" />;
}
