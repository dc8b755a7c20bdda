import { useEffect, useState } from 'react';

/** An image from a blob: in an `img` nothing of an SVG runs. */
export function Picture({ blob, name }: { blob: Blob; name: string }) {
  const [url, setUrl] = useState<string>();
  const [size, setSize] = useState('');
  const [isBroken, setBroken] = useState(false);
  useEffect(() => {
    const made = URL.createObjectURL(blob);
    setUrl(made);
    setBroken(false);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  if (isBroken) return <p className="state">This image can’t be read. It may be incomplete.</p>;
  return (
    <figure className="picture">
      {url && (
        <img
          src={url}
          alt={name}
          onError={() => setBroken(true)}
          onLoad={({ currentTarget }) => setSize(`${currentTarget.naturalWidth} × ${currentTarget.naturalHeight}`)}
        />
      )}
      <figcaption className="dim">{size}</figcaption>
    </figure>
  );
}
