/** A question about this project, and the document that answers it. */
export interface CheckQuestion {
  readonly question: string;
  readonly document: string;
}

/** Asked as a newcomer would; none repeats a sentence of the document. */
export const checkQuestions: readonly CheckQuestion[] = [
  { question: "How can I run the server without internet access?", document: "README.md" },
  { question: "How do I install a GPU build?", document: "README.md" },
  { question: "On which platforms was it tested?", document: "README.md" },
  { question: "Which folder may import which other folder?", document: "ARCHITECTURE.md" },
  {
    question: "What happens to spans when the collector has an outage?",
    document: "ARCHITECTURE.md",
  },
  { question: "How do I run only the tests of one folder?", document: "CONTRIBUTING.md" },
  { question: "How much time may continuous integration take?", document: "CONTRIBUTING.md" },
  {
    question: "What must I do after adding a dependency with npm install?",
    document: "CONTRIBUTING.md",
  },
  { question: "Which temperature values are allowed in a request?", document: "docs/api.md" },
  { question: "How do I get the token usage at the end of a stream?", document: "docs/api.md" },
  { question: "Which health route tells that the server is ready?", document: "docs/api.md" },
  {
    question: "The answer has status 429, all slots are busy. What now?",
    document: "docs/errors.md",
  },
  {
    question: "Why does the server not start when another process has the port?",
    document: "docs/errors.md",
  },
  { question: "The request body is too large, which error is that?", document: "docs/errors.md" },
  {
    question: "Where is the log file and when is it rotated?",
    document: "docs/generated/settings.md",
  },
  { question: "How do I require an API key from clients?", document: "docs/generated/settings.md" },
  {
    question: "Which OpenTelemetry variables does the server honour?",
    document: "docs/generated/settings.md",
  },
  { question: "How do I rename an attribute on the wire?", document: "contract/README.md" },
  { question: "How do I add a new log line to the contract?", document: "contract/README.md" },
  { question: "How do I build an index of my own Markdown files?", document: "docs/retrieval.md" },
];
