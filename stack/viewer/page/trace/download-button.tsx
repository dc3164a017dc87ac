interface DownloadButtonProps {
  readonly name: string;
  readonly contentOf: () => string;
}

/** Gives the browser a JSON file to keep. */
export function DownloadButton({ name, contentOf }: DownloadButtonProps) {
  const download = () => {
    const address = URL.createObjectURL(new Blob([contentOf()], { type: "application/json" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = name;
    link.click();
    // The browser has begun to read it by then.
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  };
  return (
    <button type="button" class="button" onClick={download} title={`Download ${name} as OTLP JSON`}>
      Download JSON
    </button>
  );
}
